// Whether a rule's conditions hold: `when` and one of `any`, and none of `unless`, in three-valued logic (Kleene).
// Pure. Tests: tests/unit/core/judge/evaluate_test.cc, tests/unit/tables/split_deferring_rules_test.cc.
#include "core/judge/rule_truth.h"

#include <utility>

namespace heloguard {
namespace {

struct Finding {
  Truth truth = Truth::kTrue;
  const Condition* decisive = nullptr;  // what made it false or unknown
  Evidence evidence;                    // for what holds of it
};

// Of two lines whose tables both made a rule hold, the one that refuses less gives the reply.
void Add(Evidence more, Evidence* to) {
  if (more.pattern != nullptr) to->pattern = more.pattern;
  to->gave_up = to->gave_up || more.gave_up;
  const auto defers = [](const TableMatch& m) { return m.line->result.what == AccessClass::kDefer; };
  if (more.table.line == nullptr) return;
  if (to->table.line == nullptr || (defers(more.table) && !defers(to->table))) to->table = std::move(more.table);
}

class RuleTest {
 public:
  RuleTest(const Facts& facts, bool* gave_up) : facts_(facts), gave_up_(gave_up) {}

  // All of them hold; or, with `negated`, none does.
  [[nodiscard]] Finding All(const std::vector<Condition>& conditions, bool negated) const {
    const Truth breaks = negated ? Truth::kTrue : Truth::kFalse;
    Finding finding;
    for (const Condition& condition : conditions) {
      Evidence evidence;
      const Truth truth = TestCondition(condition, facts_[condition.fact], &evidence);
      *gave_up_ = *gave_up_ || evidence.gave_up;
      if (truth == breaks) return {Truth::kFalse, &condition, std::move(evidence)};
      Add(std::move(evidence), &finding.evidence);
      if (truth == Truth::kUnknown && finding.truth == Truth::kTrue) {
        finding.truth = truth;
        finding.decisive = &condition;
      }
    }
    return finding;
  }

  // One alternative holds, or there are none.
  [[nodiscard]] Finding Any(const std::vector<std::vector<Condition>>& alternatives) const {
    if (alternatives.empty()) return {};
    Finding best{Truth::kFalse, nullptr, {}};
    for (const auto& alternative : alternatives) {
      Finding one = All(alternative, false);
      if (one.truth == Truth::kTrue) return one;
      if (best.decisive == nullptr || one.truth == Truth::kUnknown) best = std::move(one);
    }
    return best;
  }

 private:
  const Facts& facts_;
  bool* gave_up_;
};

void NoteUnknown(const std::vector<Condition>& conditions, const Facts& facts, FactSet* unknown) {
  for (const Condition& condition : conditions) {
    const FactState state = facts[condition.fact].state();
    if (state == FactState::kUnknown || state == FactState::kTransient) unknown->Add(condition.fact);
  }
}

}  // namespace

RuleTruth TruthOf(const Rule& rule, const Facts& facts) {
  RuleTruth result;
  const RuleTest test(facts, &result.gave_up);
  Finding finding = test.All(rule.when, false);
  const auto join = [&](Finding next, bool unless) {
    Add(std::move(next.evidence), &finding.evidence);
    if (next.truth == Truth::kTrue || (next.truth == Truth::kUnknown && finding.truth == Truth::kUnknown)) return;
    finding.truth = next.truth;
    finding.decisive = next.decisive;
    result.by_unless = unless;
  };
  if (finding.truth != Truth::kFalse) join(test.Any(rule.any), false);
  if (finding.truth != Truth::kFalse) join(test.All(rule.unless, true), true);
  result.truth = finding.truth;
  result.decisive = finding.decisive;
  result.pattern = finding.evidence.pattern;
  if (finding.truth == Truth::kTrue) result.table = std::move(finding.evidence.table);
  if (finding.truth == Truth::kUnknown) {
    NoteUnknown(rule.when, facts, &result.unknown);
    NoteUnknown(rule.unless, facts, &result.unknown);
    for (const auto& alternative : rule.any) NoteUnknown(alternative, facts, &result.unknown);
  }
  return result;
}

}  // namespace heloguard
