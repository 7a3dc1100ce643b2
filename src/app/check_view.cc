// Reads a judgement for people and programs: what decided. Pure. Tests: tests/cli/check_test.py.
#include "check_view.h"

#include "rehearsal.h"

namespace heloguard {

Decision DecisionOf(const SessionReport& report) {
  Decision decision;
  decision.outcome = OutcomeOf(report);
  if (!report.exempt.empty()) return decision;
  if (report.verdict.rule) {
    const Rule& rule = report.policy.rules[*report.verdict.rule];
    decision.rule = EscapeBytes(rule.name);
    decision.action = NameOf(rule.action);
  } else if (report.verdict.by_score) {
    decision.action = NameOf(ActionKind::kScore);
  }
  return decision;
}

std::string EscapedHelo(std::string_view bytes) {
  constexpr std::size_t kLongestEscape = 4;
  return EscapeBytes(bytes, kLongestEscape * kMaxHeloBytes);
}

}  // namespace heloguard
