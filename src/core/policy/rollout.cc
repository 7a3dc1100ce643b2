// The number of a client's network, and what a rule's `percent` makes of it. Pure.
// Tests: tests/unit/core/policy/rollout_test.cc.
#include "heloguard/policy/rollout.h"

#include <cstdint>

namespace heloguard {

unsigned ShareOf(const IpAddress& client) {
  const IpAddress address = client.Unmapped();
  const auto network = address.bytes().first(address.is_v4() ? 3 : 8);
  // FNV-1a over the network's octets, a family octet in front, then the finishing steps of MurmurHash3, without which
  // neighbouring networks would land on neighbouring numbers.
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&hash](std::uint8_t octet) { hash = (hash ^ octet) * 0x100000001b3U; };
  add(address.is_v4() ? 4 : 6);
  for (const std::uint8_t octet : network) add(octet);
  hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdU;
  hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53U;
  hash ^= hash >> 33U;
  return static_cast<unsigned>(hash % 100);
}

Mode ModeFor(Mode mode, std::optional<unsigned> percent, const std::optional<IpAddress>& client) {
  if (mode == Mode::kObserve || !percent) return mode;
  return (client ? ShareOf(*client) : 0) < *percent ? Mode::kEnforce : Mode::kObserve;
}

}  // namespace heloguard
