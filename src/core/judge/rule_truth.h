// Whether a rule's conditions hold: true, false or unknown, and which condition made it so.
#pragma once

#include "heloguard/judge/evaluate.h"

namespace heloguard {

// What made a condition hold, or several.
struct ConditionMatch {
  const Pattern* pattern = nullptr;
  TableMatch table;
  bool gave_up = false;  // a pattern engine did
};

// What a list's `part` makes of a name (condition.cc). An address, bare or in brackets, is no domain name and has neither
// host part nor domain; neither has a name that is its own organisation a host part. Nothing matches an empty part.
[[nodiscard]] std::string PartOf(const std::string& name, NamePart part);

// One condition against one fact (condition.cc).
[[nodiscard]] Truth TestCondition(const Condition& condition, const Fact& fact, ConditionMatch* match);

// Fills trace->decisive, by_unless, pattern and table; adds to verdict->unknown the facts that left the rule undecided, and
// notes there when a pattern engine gave up.
[[nodiscard]] Truth EvaluateRule(const Rule& rule, const Facts& facts, RuleTrace* trace, Verdict* verdict);

}  // namespace heloguard
