// From the evidence of an audit to its rows: which check passes, which does not, and which record would put it right.
//
// Thread rule: pure functions over values.
#pragma once

#include <span>
#include <string_view>

#include "audit/audit_evidence.h"
#include "audit/audit_report.h"

namespace heloguard {

// What is true of the name wherever it is said. `given`: addresses it is meant for, for the records to publish.
[[nodiscard]] CheckSection CheckName(const AuditEvidence& evidence, std::span<const IpAddress> given);

// The name at one of its addresses. `refused`: what a refusal by each policy counts as, in their order.
[[nodiscard]] CheckSection CheckAddress(const AuditEvidence& evidence, const AddressEvidence& at,
                                        std::span<const CheckResult> refused);

// --- shared by the checks ---

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
