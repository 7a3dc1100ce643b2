// Words and small decisions that the checks of an audit share.
//
// Thread rule: pure functions over values.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit_report.h"
#include "heloguard/base/ip_address.h"
#include "heloguard/dns/dns.h"
#include "heloguard/facts/helo.h"

namespace heloguard {

// The advice every wrong HELO name ends in: where mail servers keep it.
[[nodiscard]] std::string SayInHelo(std::string_view name);

// The same of a name that is wrong only in its look.
[[nodiscard]] std::string SayServiceName(const Helo& helo);

// A name for which records can be published: a host name of the public DNS.
[[nodiscard]] bool IsPublishable(const Helo& helo);

// An address of the inside, that no server elsewhere sees: private use, shared, link-local, loopback.
[[nodiscard]] bool IsInside(const IpAddress& address);

// How a lookup came to nothing, and what that counts as: data that does not validate is the sender's fault if our
// resolver is well. REQUIRES: `answer` null (not asked), not asked, or transient.
[[nodiscard]] CheckResult UnsettledResult(const DnsAnswer* answer, bool resolver_well);
[[nodiscard]] std::string UnsettledText(const DnsAnswer* answer, bool resolver_well);

// "a", "a, b", "a, b, c, d and 3 more"; each is shown escaped.
[[nodiscard]] std::string ListText(const std::vector<std::string>& items);
[[nodiscard]] std::string ListText(const DnsAnswer& answer);
[[nodiscard]] std::string ChargeText(const Charge& charge);

// Of `answers` that were given, null ones left out; nullopt if there are none.
[[nodiscard]] std::optional<Dnssec> JoinedDnssec(std::initializer_list<const DnsAnswer*> answers);

}  // namespace heloguard
