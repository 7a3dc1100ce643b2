// Tests: tests/unit/core/dns/zone_test.cc.
#include "heloguard/dns/zone.h"

#include "heloguard/base/public_suffix.h"

namespace heloguard {

DomainName ZoneOf(const DnsQuestion& question) {
  if (question.type != RecordType::kPtr) return OrganizationalDomain(question.name).value_or(question.name);
  constexpr std::size_t kIpv4Zone = 5;   // three octets, in-addr, arpa
  constexpr std::size_t kIpv6Zone = 10;  // eight nibbles, as a provider has them, ip6, arpa
  const std::string wire = question.name.ToWire();
  const auto& labels = question.name.labels();
  const std::size_t keep = labels.size() > kIpv4Zone + 1 ? kIpv6Zone : kIpv4Zone;
  std::size_t from = 0;
  for (std::size_t i = 0; i + keep < labels.size(); ++i) from += labels[i].size() + 1;
  return DomainName::FromWire(std::string_view(wire).substr(from)).value_or(question.name);
}

IpNetwork ClientNetworkOf(const IpAddress& client) {
  const IpAddress plain = client.Unmapped();
  return {plain, plain.is_v4() ? 24U : 48U};
}

}  // namespace heloguard
