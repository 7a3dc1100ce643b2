// Whether a rule's conditions hold: true, false or unknown, and which condition made it so.
#pragma once

#include "heloguard/evaluate.h"

namespace heloguard {

// Fills trace->decisive, by_unless and pattern; adds to verdict->unknown the facts that left the rule undecided, and
// notes there when a pattern engine gave up.
[[nodiscard]] Truth EvaluateRule(const Rule& rule, const Facts& facts, RuleTrace* trace, Verdict* verdict);

}  // namespace heloguard
