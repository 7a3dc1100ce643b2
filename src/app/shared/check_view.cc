// Reads a judgement for people and programs: what decided. Pure. Tests: tests/cli/check_test.py.
#include "app/shared/check_view.h"

#include "app/shared/load.h"
#include "heloguard/base/escape.h"

namespace heloguard {

namespace {

Decision DecidedBy(const Policy& policy, const Verdict& verdict) {
  Decision decision;
  decision.outcome = verdict.outcome;
  if (verdict.rule) {
    const Rule& rule = policy.rules[*verdict.rule];
    decision.rule = EscapeBytes(rule.name);
    decision.action = NameOf(rule.action);
  } else if (verdict.by_score) {
    decision.action = NameOf(ActionKind::kScore);
  }
  return decision;
}

}  // namespace

Decision DecisionOf(const SessionReport& report) {
  return report.exempt.empty() ? DecidedBy(report.policy, report.verdict) : Decision{};
}

std::optional<Decision> CandidateDecision(const SessionReport& report) {
  const Policy* candidate = report.policy.candidate.get();
  if (candidate == nullptr) return std::nullopt;
  if (!ExemptionOf(*candidate, report.inputs).empty()) return Decision{};
  const Facts facts = BuildFacts(candidate->facts, {report.inputs, report.answers, report.rdns});
  return DecidedBy(*candidate, Evaluate(*candidate, facts, {Stage::kRcpt, Today(), report.inputs.client}));
}

std::optional<SpfEvaluation> SpfOf(const SessionReport& report) {
  if (!report.facts[FactId::kSpfHelo].has_value()) return std::nullopt;
  return EvaluateSpf({*report.inputs.client, *report.inputs.helo->domain}, report.answers);
}

std::string EscapedHelo(std::string_view bytes) {
  constexpr std::size_t kLongestEscape = 4;
  return EscapeBytes(bytes, kLongestEscape * kMaxHeloBytes);
}

}  // namespace heloguard
