// One [[rule]] to a Rule.
#pragma once

#include "adapters/toml/condition_reader.h"
#include "adapters/toml/toml_document.h"
#include "heloguard/policy/policy.h"

namespace heloguard {

struct ReadRuleResult {
  Rule rule;
  bool fine = false;  // false: something was reported, and the rule is not as it was meant
};

[[nodiscard]] ReadRuleResult ReadRule(const TomlValue& table, const ConditionContext& context);

}  // namespace heloguard
