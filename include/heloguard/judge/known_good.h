// Whether a policy would cost large senders their mail: its rules are tried on host names that are known to be good.
//
// Thread rule: pure.
#pragma once

#include <span>
#include <string>

#include "heloguard/base/result.h"
#include "heloguard/policy/policy.h"

namespace heloguard {

// Warns ("known-good") of patterns by which enabled rules would refuse one of `names`, or charge it in sum a quarter of
// the lowest threshold or more. `names` are outbound hosts of large senders; each is taken as the HELO argument of a
// client that has the name as verified reverse DNS. Text that is no domain name is passed over.
// Appends one warning a pattern and rule to `out`, at the pattern's position.
void CheckKnownGood(const Policy& policy, std::span<const std::string> names, Diagnostics* out);

}  // namespace heloguard
