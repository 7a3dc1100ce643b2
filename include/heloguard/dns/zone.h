// Whose name servers a DNS question bothers, and whose client it is asked for. What lookups cost is counted by these.
// Thread rule: pure functions.
#pragma once

#include "heloguard/base/domain_name.h"
#include "heloguard/base/ip_address.h"
#include "heloguard/dns/dns.h"

namespace heloguard {

// The zone a question counts for: of a PTR the client's network (/24 or /32), of a name its organisational domain
// (public_suffix.h), or the name itself where it has none.
[[nodiscard]] DomainName ZoneOf(const DnsQuestion& question);

// The network a client counts for: its /24, in IPv6 the /48 that one site is given (RFC 6177).
[[nodiscard]] IpNetwork ClientNetworkOf(const IpAddress& client);

}  // namespace heloguard
