// Whether a rule's conditions hold: `when` and one of `any`, and none of `unless`, in three-valued logic (Kleene).
// Pure. Tests: tests/unit/core/judge/evaluate_test.cc, tests/unit/tables/split_deferring_rules_test.cc.
#include "core/judge/rule_truth.h"

#include <utility>

namespace heloguard {
namespace {

// Whether a group of conditions holds, and by what.
struct Holding {
  Truth truth = Truth::kTrue;
  const Condition* decisive = nullptr;  // what made it false or unknown
  ConditionMatch match;                 // of the conditions that hold
};

// Of two lines whose tables both made a rule hold, the one that refuses less gives the reply.
void Add(ConditionMatch more, ConditionMatch* to) {
  if (more.pattern != nullptr) to->pattern = more.pattern;
  to->gave_up = to->gave_up || more.gave_up;
  const auto defers = [](const TableMatch& m) { return m.line->result.what == AccessClass::kDefer; };
  if (more.table.line == nullptr) return;
  if (to->table.line == nullptr || (defers(more.table) && !defers(to->table))) to->table = std::move(more.table);
}

class RuleTest {
 public:
  RuleTest(const Facts& facts, NameParts* parts, bool* gave_up) : facts_(facts), parts_(parts), gave_up_(gave_up) {}

  // All of them hold; or, with `negated`, none does.
  [[nodiscard]] Holding All(const std::vector<Condition>& conditions, bool negated) const {
    const Truth breaks = negated ? Truth::kTrue : Truth::kFalse;
    Holding holding;
    for (const Condition& condition : conditions) {
      ConditionMatch match;
      const Truth truth = TestCondition(condition, facts_[condition.fact], parts_, &match);
      *gave_up_ = *gave_up_ || match.gave_up;
      if (truth == breaks) return {Truth::kFalse, &condition, std::move(match)};
      Add(std::move(match), &holding.match);
      if (truth == Truth::kUnknown && holding.truth == Truth::kTrue) {
        holding.truth = truth;
        holding.decisive = &condition;
      }
    }
    return holding;
  }

  // One alternative holds, or there are none.
  [[nodiscard]] Holding Any(const std::vector<std::vector<Condition>>& alternatives) const {
    if (alternatives.empty()) return {};
    Holding best{Truth::kFalse, nullptr, {}};
    for (const auto& alternative : alternatives) {
      Holding one = All(alternative, false);
      if (one.truth == Truth::kTrue) return one;
      if (best.decisive == nullptr || one.truth == Truth::kUnknown) best = std::move(one);
    }
    return best;
  }

 private:
  const Facts& facts_;
  NameParts* parts_;
  bool* gave_up_;
};

void NoteUnknown(const std::vector<Condition>& conditions, const Facts& facts, FactSet* unknown) {
  for (const Condition& condition : conditions) {
    const FactState state = facts[condition.fact].state();
    if (state == FactState::kUnknown || state == FactState::kTransient) unknown->Add(condition.fact);
  }
}

}  // namespace

RuleTruth TruthOf(const Rule& rule, const Facts& facts, NameParts* parts) {
  RuleTruth result;
  const RuleTest test(facts, parts, &result.gave_up);
  Holding holding = test.All(rule.when, false);
  const auto join = [&](Holding next, bool unless) {
    Add(std::move(next.match), &holding.match);
    if (next.truth == Truth::kTrue || (next.truth == Truth::kUnknown && holding.truth == Truth::kUnknown)) return;
    holding.truth = next.truth;
    holding.decisive = next.decisive;
    result.by_unless = unless;
  };
  if (holding.truth != Truth::kFalse) join(test.Any(rule.any), false);
  if (holding.truth != Truth::kFalse) join(test.All(rule.unless, true), true);
  result.truth = holding.truth;
  result.decisive = holding.decisive;
  result.pattern = holding.match.pattern;
  if (holding.truth == Truth::kTrue) result.table = std::move(holding.match.table);
  if (holding.truth == Truth::kUnknown) {
    NoteUnknown(rule.when, facts, &result.unknown);
    NoteUnknown(rule.unless, facts, &result.unknown);
    for (const auto& alternative : rule.any) NoteUnknown(alternative, facts, &result.unknown);
  }
  return result;
}

}  // namespace heloguard
