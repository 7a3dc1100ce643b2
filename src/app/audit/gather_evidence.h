// Looks up what DNS says about a HELO name and has policies judge it, for an audit.
#pragma once

#include <memory>
#include <vector>

#include "app/shared/command_services.h"
#include "audit/audit_evidence.h"
#include "heloguard/session.h"

namespace heloguard {

using Policies = std::vector<std::shared_ptr<const Policy>>;

// Looks everything up, each question once, all addresses side by side, and waits no longer than two deadlines of
// `world`. `addresses` empty: those of the name. Every policy is judged on the same answers, as by a stranger:
// `world.own` is not looked at. REQUIRES: a policy.
[[nodiscard]] AuditEvidence GatherEvidence(const Helo& helo, const std::vector<IpAddress>& addresses,
                                           const Policies& policies, const CommandServices& world);

// A and AAAA of `name`.
[[nodiscard]] DnsAnswers LookUpAddresses(const DomainName& name, const CommandServices& world);

}  // namespace heloguard
