// Any bytes through HELO parsing, names, addresses and their printed forms: what must hold of all of them is asked
// here.
//
// The bytes are the HELO text; its first sixteen also serve as client addresses, so that a fuzzer can steer both.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "heloguard/base/escape.h"
#include "heloguard/base/public_suffix.h"
#include "heloguard/base/special_use.h"
#include "heloguard/facts/helo.h"

namespace heloguard {
namespace {

constexpr EnumSet<HeloFlaw> kMildFlaws{HeloFlaw::kUnderscore, HeloFlaw::kNumericTld, HeloFlaw::kUnknownTld,
                                       HeloFlaw::kPublicSuffix, HeloFlaw::kBadPunycode};

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

void TryHelo(std::string_view text) {
  const Helo helo = ParseHelo(text);
  Require(helo.kind != HeloKind::kMissing);
  Require(helo.text.size() <= kMaxHeloBytes && helo.name.size() <= helo.text.size());
  Require((helo.kind == HeloKind::kMalformed) == !(helo.flaws - kMildFlaws).empty());
  Require(helo.domain.has_value() == (helo.kind == HeloKind::kFqdn || helo.kind == HeloKind::kSingleLabel));
  if (text.size() <= kMaxHeloBytes) {
    const Helo again = ParseHelo(helo.name);
    Require(again.kind == helo.kind && again.flaws == helo.flaws && again.name == helo.name);
  }
  if (helo.domain) Require(helo.domain->ToText() == helo.name);
  if (helo.address) Require(IpAddress::Parse(helo.address->ToString()) == helo.address);
}

void TryName(const DomainName& name) {
  Require(DomainName::FromWire(name.ToWire()) == name);
  const auto organisation = OrganizationalDomain(name);
  if (organisation) Require(name.IsAtOrUnder(*organisation) && !IsPublicSuffix(*organisation));
  Require(!HostPart(name).empty() == (organisation && *organisation != name));
  Require(!IsLocalhostName(name) || IsSpecialUse(name));
}

void TryText(std::string_view text) {
  const std::string escaped = EscapeBytes(text, 4 * text.size());
  Require(std::all_of(escaped.begin(), escaped.end(), [](char c) { return c >= 0x20 && c <= 0x7e; }));
  Require(UnescapeBytes(escaped) == text);
  if (const auto name = DomainName::FromText(text)) TryName(*name);
  if (const auto name = DomainName::FromWire(text)) TryName(*name);
  if (const auto network = IpNetwork::Parse(text)) {
    Require(IpNetwork::Parse(network->ToString()) == network && network->Contains(network->address()));
  }
}

void TryAddresses(std::string_view text) {
  std::array<std::uint8_t, 16> octets{};
  std::copy_n(text.begin(), std::min(text.size(), octets.size()), octets.begin());
  const std::string name = ParseHelo(text).name;
  for (const IpAddress& address :
       {IpAddress::V6(octets), IpAddress::V4({octets[0], octets[1], octets[2], octets[3]})}) {
    Require(IpAddress::Parse(address.ToString()) == address);
    Require(address.IsLoopback() ? !address.IsGloballyReachable() : true);
    Require(EmbedsAddress(name, address) == EmbedsAddress(name, address.Unmapped()));
    Require(EmbedsAddress(DomainName::Reverse(address.Unmapped()).ToText(), address));
  }
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  heloguard::TryHelo(text);
  heloguard::TryText(text);
  heloguard::TryAddresses(text);
  return 0;
}
