// One [[rule]] to a Rule.
#pragma once

#include "condition_reader.h"
#include "heloguard/policy.h"
#include "toml_document.h"

namespace heloguard {

struct ReadRuleResult {
  Rule rule;
  bool fine = false;  // false: something was reported, and the rule is not as it was meant
};

[[nodiscard]] ReadRuleResult ReadRule(const TomlValue& table, const ConditionContext& context);

}  // namespace heloguard
