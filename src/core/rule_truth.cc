// Whether a rule's conditions hold: `when` and one of `any`, and none of `unless`, in three-valued logic (Kleene).
// Pure. Tests: tests/unit/core/evaluate_test.cc.
#include "rule_truth.h"

namespace heloguard {
namespace {

struct Finding {
  Truth truth = Truth::kTrue;
  const Condition* decisive = nullptr;  // what made it false or unknown
};

class RuleTest {
 public:
  RuleTest(const Facts& facts, const Pattern** pattern, bool* gave_up)
      : facts_(facts), pattern_(pattern), gave_up_(gave_up) {}

  // All of them hold; or, with `negated`, none does.
  [[nodiscard]] Finding All(const std::vector<Condition>& conditions, bool negated) const {
    const Truth breaks = negated ? Truth::kTrue : Truth::kFalse;
    Finding finding;
    for (const Condition& condition : conditions) {
      const Truth truth = EvaluateCondition(condition, facts_[condition.fact], pattern_, gave_up_);
      if (truth == breaks) return {Truth::kFalse, &condition};
      if (truth == Truth::kUnknown && finding.truth == Truth::kTrue) finding = {truth, &condition};
    }
    return finding;
  }

  // One alternative holds, or there are none.
  [[nodiscard]] Finding Any(const std::vector<std::vector<Condition>>& alternatives) const {
    if (alternatives.empty()) return {};
    Finding best{Truth::kFalse, nullptr};
    for (const auto& alternative : alternatives) {
      const Finding one = All(alternative, false);
      if (one.truth == Truth::kTrue) return one;
      if (best.decisive == nullptr || one.truth == Truth::kUnknown) best = one;
    }
    return best;
  }

 private:
  const Facts& facts_;
  const Pattern** pattern_;
  bool* gave_up_;
};

void NoteUnknown(const std::vector<Condition>& conditions, const Facts& facts, FactSet* unknown) {
  for (const Condition& condition : conditions) {
    const FactState state = facts[condition.fact].state();
    if (state == FactState::kUnknown || state == FactState::kTransient) unknown->Add(condition.fact);
  }
}

}  // namespace

Truth EvaluateRule(const Rule& rule, const Facts& facts, RuleTrace* trace, Verdict* verdict) {
  const RuleTest test(facts, &trace->pattern, &verdict->engine_gave_up);
  Finding finding = test.All(rule.when, false);
  const auto join = [&](const Finding& next, bool unless) {
    if (next.truth == Truth::kTrue || (next.truth == Truth::kUnknown && finding.truth == Truth::kUnknown)) return;
    finding = next;
    trace->by_unless = unless;
  };
  if (finding.truth != Truth::kFalse) join(test.Any(rule.any), false);
  if (finding.truth != Truth::kFalse) join(test.All(rule.unless, true), true);
  trace->decisive = finding.decisive;
  if (finding.truth == Truth::kUnknown) {
    NoteUnknown(rule.when, facts, &verdict->unknown);
    NoteUnknown(rule.unless, facts, &verdict->unknown);
    for (const auto& alternative : rule.any) NoteUnknown(alternative, facts, &verdict->unknown);
  }
  return finding.truth;
}

}  // namespace heloguard
