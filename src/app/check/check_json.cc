// A judgement as JSON: what it is called and in which order. Judges nothing. Every untrusted octet outside printable
// ASCII leaves as \xNN. Tests: tests/cli/check_test.py.
#include "app/check/check_json.h"

#include <cmath>

#include "app/shared/check_view.h"
#include "app/shared/json_writer.h"
#include "heloguard/base/escape.h"
#include "heloguard/judge/diagnosis.h"

namespace heloguard {
namespace {

// Three decimals: what is finer is measurement noise, or the tail of a sum of decimals such as 0.1.
double Rounded(double value) { return std::round(value * 1000) / 1000; }
double Milliseconds(std::chrono::microseconds time) { return Rounded(static_cast<double>(time.count()) / 1000); }

Json FactJson(const FactSpec& spec, const Fact& fact) {
  const std::vector<std::string> texts = ValueTexts(spec, fact);
  switch (spec.type) {
    case FactType::kBool:
      return texts.front() == "true";
    case FactType::kPort:
      return fact.number();
    case FactType::kAddress:
    case FactType::kEnum:
      return texts.front();
    case FactType::kNames:
      if (spec.id == FactId::kHeloName) return texts.empty() ? "" : texts.front();
      return texts;
    case FactType::kSet:
      return texts;
  }
  return nullptr;
}

Json FactsJson(const Facts& facts) {
  Json json = Json::object();
  for (const FactSpec& spec : FactTable()) {
    if (facts[spec.id].has_value()) json[std::string(spec.name)] = FactJson(spec, facts[spec.id]);
  }
  return json;
}

Json UnknownJson(const Facts& facts) {
  Json json = Json::array();
  for (const FactSpec& spec : FactTable()) {
    if (facts[spec.id].state() == FactState::kUnknown) json.push_back(spec.name);
  }
  return json;
}

Json MatchedJson(const SessionReport& report) {
  Json json = Json::array();
  for (std::size_t i = 0; i < report.judgement.policy->rules.size(); ++i) {
    const Rule& rule = report.judgement.policy->rules[i];
    const RuleTrace& trace = report.judgement.verdict.rules[i];
    if (trace.state != RuleTrace::State::kEvaluated || trace.truth != Truth::kTrue) continue;
    Json matched = {{"rule", EscapeBytes(rule.name)}, {"action", NameOf(rule.action)}};
    if (rule.action == ActionKind::kScore) matched["score"] = rule.score;
    matched["mode"] = NameOf(trace.mode);
    json.push_back(std::move(matched));
  }
  return json;
}

Json LookupJson(const DnsAnswers::Entry& entry) {
  const DnsAnswer& answer = entry.answer;
  Json data = Json::array();
  for (const DnsRecord& record : answer.data) data.push_back(ToText(record));
  Json json = {{"name", ToText(DnsRecord(entry.question.name))},
               {"type", NameOf(entry.question.type)},
               {"status", NameOf(answer.status)},
               {"dnssec", NameOf(answer.dnssec)},
               {"data", std::move(data)},
               {"ttl", answer.ttl},
               {"ms", Milliseconds(answer.elapsed)}};
  if (!answer.why.empty()) json["why"] = answer.why;
  return json;
}

Json DnsJson(const SessionReport& report) {
  Json lookups = Json::array();
  for (const auto& entry : report.answers.entries()) {
    if (entry.answer.status != DnsStatus::kNotAsked) lookups.push_back(LookupJson(entry));
  }
  const std::size_t queries = lookups.size();
  Json findings = Json::array();
  for (const Finding& finding : Diagnose({report.inputs, report.answers, report.judgement.rdns})) {
    findings.push_back({{"record", RecordText(finding.record)}, {"text", finding.text}});
  }
  return {{"queries", queries},
          {"elapsed_ms", Milliseconds(report.dns_elapsed)},
          {"lookups", std::move(lookups)},
          {"findings", std::move(findings)}};
}

Json SpfJson(const SpfEvaluation& spf) {
  return {{"record", spf.record.empty() ? Json(nullptr) : Json(EscapeBytes(spf.record, 4 * kMaxSpfRecord))},
          {"why", spf.why}};
}

Json OrNull(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

}  // namespace

std::string CheckJson(const SessionReport& report) {
  const Decision decision = DecisionOf(report);
  Json json = {{"client", report.inputs.client ? Json(report.inputs.client->ToString()) : Json(nullptr)},
               {"helo", report.inputs.helo ? EscapedHelo(report.inputs.helo->text) : ""},
               {"verdict", NameOf(decision.outcome)},
               {"rule", OrNull(decision.rule)},
               {"action", OrNull(decision.action)},
               {"stage", NameOf(report.judgement.stage)},
               {"mode", NameOf(report.judgement.mode)},
               {"score", Rounded(report.judgement.verdict.score)},
               {"reply", report.reply ? Json(report.reply->ToString()) : Json(nullptr)},
               {"facts", FactsJson(report.judgement.facts)},
               {"matched", MatchedJson(report)},
               {"unknown", UnknownJson(report.judgement.facts)},
               {"dns", DnsJson(report)}};
  if (const auto spf = SpfOf(report)) json["spf"] = SpfJson(*spf);
  if (!report.judgement.exempt.empty()) json["exempt"] = report.judgement.exempt;
  if (const auto candidate = CandidateDecision(report)) {
    json["candidate"] = {{"policy", EscapeBytes(report.judgement.policy->candidate->name)},
                         {"verdict", NameOf(candidate->outcome)},
                         {"rule", OrNull(candidate->rule)},
                         {"action", OrNull(candidate->action)}};
  }
  return ToLine(json);
}

}  // namespace heloguard
