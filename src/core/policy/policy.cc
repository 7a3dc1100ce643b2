// What is asked of a whole policy. Pure; knows nothing of TOML or files.
// Tests: tests/unit/core/policy/policy_checks_test.cc, tests/scenario/candidate_test.cc.
#include "heloguard/policy/policy.h"

namespace heloguard {

LookupSet LookupsOf(const Policy& policy) {
  return policy.candidate == nullptr ? policy.lookups : policy.lookups | policy.candidate->lookups;
}

}  // namespace heloguard
