// Reads a judgement for people and programs: what decided. Pure. Tests: tests/cli/check_test.py.
#include "app/shared/check_view.h"

#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

Decision DecidedBy(const Judgement& judgement) {
  Decision decision;
  decision.outcome = judgement.outcome();
  if (!judgement.exempt.empty()) return decision;
  const Verdict& verdict = judgement.verdict;
  if (verdict.rule) {
    const Rule& rule = judgement.policy->rules[*verdict.rule];
    decision.rule = EscapeBytes(rule.name);
    decision.action = NameOf(rule.action);
  } else if (verdict.by_score) {
    decision.action = NameOf(ActionKind::kScore);
  }
  return decision;
}

}  // namespace

Decision DecisionOf(const SessionReport& report) { return DecidedBy(report.judgement); }

std::optional<Decision> CandidateDecision(const SessionReport& report) {
  const Judgement& active = report.judgement;
  if (active.policy->candidate == nullptr) return std::nullopt;
  JudgeOptions options;
  options.today = active.today;
  options.resolver_ill = active.resolver_ill;
  return DecidedBy(Judge(*active.policy->candidate, report.inputs, report.answers, options));
}

std::optional<SpfEvaluation> SpfOf(const SessionReport& report) {
  if (!report.judgement.facts[FactId::kSpfHelo].has_value()) return std::nullopt;
  return EvaluateSpf({*report.inputs.client, *report.inputs.helo->domain}, report.answers);
}

std::string EscapedHelo(std::string_view bytes) {
  constexpr std::size_t kMaxEscape = 4;
  return EscapeBytes(bytes, kMaxEscape * kMaxHeloBytes);
}

}  // namespace heloguard
