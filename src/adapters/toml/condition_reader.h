// `when`, `unless` and the alternatives of `when.any`: nested tables to conditions on facts.
#pragma once

#include <vector>

#include "adapters/toml/list_reader.h"
#include "adapters/toml/toml_document.h"
#include "heloguard/base/suggest.h"
#include "heloguard/policy/policy.h"

namespace heloguard {

struct ConditionContext {
  const NamedLists& lists;
  const SetEngineFactory& engine;
  const KnownWords& list_names;  // of `lists`
};

// Appends the conditions of a `when` in the order they are written, those of `when.any` to `any`, one entry an
// alternative. What is wrong is reported, and the condition left out.
void ReadWhen(const TomlValue& table, const ConditionContext& context, std::vector<Condition>* when,
              std::vector<std::vector<Condition>>* any);
void ReadUnless(const TomlValue& table, const ConditionContext& context, std::vector<Condition>* unless);

}  // namespace heloguard
