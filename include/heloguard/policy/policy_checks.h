// Finishes a loaded policy: works out what it needs, and reports what loading refuses or warns of.
//
// A finding has a stable id ("shadowed-rule"), the position in the policy's files, and a message that says how to mend
// it; docs/policy.md lists them. Which errors there are never depends on the date: a policy that loaded yesterday loads
// today.
//
// Thread rule: pure; the policy belongs to the caller until it is shared.
#pragma once

#include <chrono>

#include "heloguard/base/result.h"
#include "heloguard/policy/policy.h"

namespace heloguard {

// Fills the members that `policy` declares as worked out here, and the default replies of rules that write none.
// Appends to `diagnostics` what the checks find: facts known later than their rule's stage, the guard for RFC 5321
// section 4.1.4, thresholds out of order, rules that nothing can reach, lists nobody uses, and more. Returns true if
// the checks found no error; warnings alone leave it true. `today` only decides which rules are reported as past their
// `until`.
bool FinishPolicy(Policy* policy, std::chrono::sys_days today, Diagnostics* diagnostics);

}  // namespace heloguard
