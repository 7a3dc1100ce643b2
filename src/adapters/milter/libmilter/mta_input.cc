// Reads client addresses as MTAs send them. Knows nothing of libmilter's calls or of policies.
// Tests: tests/unit/adapters/milter/libmilter/mta_input_test.cc.
#include "adapters/milter/libmilter/mta_input.h"

#include <algorithm>
#include <cstring>

#include "os/socket_address.h"

namespace heloguard {
namespace {

// Letters of `prefix` in lower case.
bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), [](char p, char t) {
           return p == (t >= 'A' && t <= 'Z' ? static_cast<char>(t - 'A' + 'a') : t);
         });
}

}  // namespace

std::string_view CappedText(const char* text, std::size_t cap) {
  if (text == nullptr) return {};
  return {text, strnlen(text, cap)};
}

std::optional<IpAddress> ClientAddress(const sockaddr* address, std::string_view client_addr) {
  if (auto from_socket = FromSocketAddress(address)) return from_socket;
  constexpr std::string_view kTag = "ipv6:";
  if (StartsWithIgnoringCase(client_addr, kTag)) client_addr.remove_prefix(kTag.size());
  const auto parsed = IpAddress::Parse(client_addr);
  return parsed ? std::optional(parsed->Unmapped()) : std::nullopt;
}

}  // namespace heloguard
