// Runs the cases of a file, each as a session of its own in a simulated world, and compares. Reads no file, asks no
// network, looks at no clock. Tests: tests/unit/adapters/cases/cases_runner_test.cc.
#include <algorithm>
#include <array>

#include "adapters/cases/cases_reader.h"
#include "engine/drive/rehearsal.h"
#include "engine/drive/simulated_services.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"
#include "heloguard/policy/action.h"

namespace heloguard {
namespace {

constexpr std::array<RecordType, 5> kAllTypes{RecordType::kA, RecordType::kPtr, RecordType::kMx, RecordType::kTxt,
                                              RecordType::kAaaa};
constexpr std::string_view kByScore = "score";

// Hears of the one thing a report asked for outside does not say: that the recipient is exempt.
class Witness final : public EventSink {
 public:
  void Judged(const SessionReport& report) override { exempt_ = report.judgement.exempt == "recipient"; }
  [[nodiscard]] bool recipient_exempt() const { return exempt_; }

 private:
  bool exempt_ = false;
};

void Script(const std::vector<ScriptedAnswer>& dns, SimulatedServices* world) {
  for (const ScriptedAnswer& scripted : dns) {
    // A name that does not exist has no record of any type (RFC 8020).
    if (scripted.answer.status != DnsStatus::kNxDomain) continue;
    for (const RecordType type : kAllTypes) world->Script({scripted.question.name, type}, scripted.answer);
  }
  for (const ScriptedAnswer& scripted : dns) {
    if (scripted.answer.status == DnsStatus::kTimeout) {
      world->Silence(scripted.question);
    } else {
      world->Script(scripted.question, scripted.answer);
    }
  }
}

Rehearsal RehearsalOf(const Case& one) {
  Rehearsal rehearsal;
  rehearsal.connect.client = one.client;
  rehearsal.connect.port = one.port;
  rehearsal.helos = one.helos;
  rehearsal.tls = one.tls.has_value();
  // With no HELO behind `tls`, the last one before it went over TLS.
  const std::size_t last = one.helos.empty() ? 0 : one.helos.size() - 1;
  rehearsal.helos_before_tls = std::min(one.tls.value_or(0), last);
  rehearsal.authenticated = one.authenticated;
  rehearsal.recipient = one.recipient;
  rehearsal.last = one.stage;
  return rehearsal;
}

struct Got {
  Outcome outcome = Outcome::kAccept;
  std::string by;  // rule name, "score" or ""
  Stage stage = Stage::kRcpt;
  Mode mode = Mode::kEnforce;
  std::string reply;    // "": none
  std::string details;  // for the failure message
};

std::string FactNames(FactSet facts) {
  std::string text;
  for (const FactSpec& spec : FactTable()) {
    if (!facts.Has(spec.id)) continue;
    text += (text.empty() ? "" : ", ") + std::string(spec.name);
  }
  return text;
}

// Why the rule that was expected to decide did not.
std::string WhyNot(const SessionReport& report, const std::string& name) {
  const auto& rules = report.judgement.policy->rules;
  const auto rule = std::ranges::find(rules, name, &Rule::name);
  if (rule == rules.end()) return "";
  const RuleTrace& trace = report.judgement.verdict.rules[static_cast<std::size_t>(rule - rules.begin())];
  const std::string who = "; rule " + EscapeBytes(name) + " is ";
  switch (trace.state) {
    case RuleTrace::State::kDisabled:
      return who + "disabled";
    case RuleTrace::State::kExpired:
      return who + "expired";
    case RuleTrace::State::kNotReached:
      return who + "not reached";
    case RuleTrace::State::kEvaluated:
      break;
  }
  if (trace.decisive == nullptr) return who + std::string(NameOf(trace.truth));
  return who + std::string(NameOf(trace.truth)) + (trace.by_unless ? " by unless " : " at ") + trace.decisive->text;
}

Got Describe(const SessionReport& report, bool recipient_exempt, const ExpectedVerdict& expected) {
  Got got;
  got.stage = report.judgement.stage;
  got.mode = report.judgement.mode;
  const std::string_view exempt = recipient_exempt ? "recipient" : report.judgement.exempt;
  if (!exempt.empty()) {
    got.details = " (exempt: " + std::string(exempt) + ")";
    return got;
  }
  const Verdict& verdict = report.judgement.verdict;
  got.outcome = verdict.outcome;
  if (verdict.rule) got.by = report.judgement.policy->rules[*verdict.rule].name;
  if (verdict.by_score) got.by = kByScore;
  if (report.reply) got.reply = report.reply->ToString();
  const bool early = report.judgement.stage < Stage::kRcpt && got.outcome != Outcome::kAccept;
  if (early || expected.stage) got.details += " at " + std::string(NameOf(report.judgement.stage));
  if (expected.mode) got.details += " mode " + std::string(NameOf(got.mode));
  if (expected.reply) got.details += " reply \"" + got.reply + "\"";
  if (verdict.worst > verdict.outcome) got.details += " (unknown: " + FactNames(verdict.unknown) + ")";
  if (got.by != expected.by) got.details += WhyNot(report, expected.by);
  return got;
}

// Whether nothing was asked for, or just this.
template <class T>
bool FitsIfAsked(const std::optional<T>& expected, const T& got) {
  return !expected || *expected == got;
}

bool Fits(const ExpectedVerdict& expected, const Got& got) {
  return expected.outcome == got.outcome && (expected.by.empty() || expected.by == got.by) &&
         FitsIfAsked(expected.stage, got.stage) && FitsIfAsked(expected.mode, got.mode) &&
         (!expected.reply || got.reply.find(*expected.reply) != std::string::npos);
}

std::string VerdictText(Outcome outcome, const std::string& by) {
  return std::string(NameOf(outcome)) + (by.empty() ? "" : " " + EscapeBytes(by));
}

std::string ExpectedText(const ExpectedVerdict& expected) {
  std::string text = VerdictText(expected.outcome, expected.by);
  if (expected.stage) text += " at " + std::string(NameOf(*expected.stage));
  if (expected.mode) text += " mode " + std::string(NameOf(*expected.mode));
  if (expected.reply) text += " reply \"" + EscapeBytes(*expected.reply) + "\"";
  return text;
}

// The rules of `policy` that stand on `today`, none exercised.
std::vector<RuleUse> StandingRules(const Policy& policy, std::chrono::sys_days today) {
  std::vector<RuleUse> uses;
  for (const Rule& rule : policy.rules) {
    const bool expired = rule.until && today > *rule.until;
    if (rule.enabled && !expired && !rule.second_half) uses.push_back({rule.name, rule.where, false});
  }
  return uses;
}

void MarkExercised(const SessionReport& report, std::vector<RuleUse>* uses) {
  const auto& rules = report.judgement.policy->rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const RuleTrace& trace = report.judgement.verdict.rules[i];
    if (trace.state != RuleTrace::State::kEvaluated || trace.truth != Truth::kTrue) continue;
    const auto use = std::ranges::find(*uses, rules[i].name, &RuleUse::name);
    if (use != uses->end()) use->exercised = true;
  }
}

class Runner {
 public:
  Runner(const CasesFile& file, const std::shared_ptr<const Policy>& policy)
      : file_(file), policy_(policy), own_(std::make_shared<const OwnIdentity>(file.own)) {}

  // A rule that the policy does not have would make a case fail for ever with a misleading reason.
  void CheckRuleNames(Diagnostics* diagnostics) const {
    std::vector<std::string_view> names{kByScore};
    for (const Rule& rule : policy_->rules) names.push_back(rule.name);
    for (const Case& one : file_.cases) {
      const std::string& by = one.expected.by;
      if (by.empty() || std::ranges::find(names, std::string_view(by)) != names.end()) continue;
      diagnostics->push_back(
          {Severity::kError,
           {ErrorKind::kInputData, "the policy has no rule " + Quoted(by) + DidYouMean(by, names), one.expected.where},
           ""});
    }
  }

  void Run(const Case& one, CasesResult* result) const {
    SimulatedServices world;
    if (file_.today) world.SetToday(*file_.today);
    Script(file_.dns, &world);
    Witness witness;
    Services session_world;
    session_world.resolver = &world;
    session_world.clock = &world;
    session_world.sink = &witness;
    session_world.own = own_;
    DrivenSession driven("case000000000000", policy_, session_world, {}, &world);
    const SessionReport report = Rehearse(&driven, RehearsalOf(one), *policy_);
    MarkExercised(report, &result->rules);
    const Got got = Describe(report, witness.recipient_exempt(), one.expected);
    if (Fits(one.expected, got)) {
      result->passes.push_back({one.where, one.line});
      return;
    }
    result->failures.push_back(
        {one.where, one.line, ExpectedText(one.expected), VerdictText(got.outcome, got.by) + got.details});
  }

 private:
  const CasesFile& file_;
  const std::shared_ptr<const Policy>& policy_;
  std::shared_ptr<const OwnIdentity> own_;
};

}  // namespace

CasesResult RunCases(const CasesFile& file, const std::shared_ptr<const Policy>& policy) {
  CasesResult result;
  result.path = file.path;
  result.diagnostics = file.diagnostics;
  const Runner runner(file, policy);
  runner.CheckRuleNames(&result.diagnostics);
  if (HasErrors(result.diagnostics)) return result;
  result.rules = StandingRules(*policy, file.today.value_or(SimulatedServices().Today()));
  for (const Case& one : file.cases) runner.Run(one, &result);
  result.passed = result.passes.size();
  return result;
}

CasesResult RunCases(const std::string& text, const std::string& path, const std::shared_ptr<const Policy>& policy) {
  return RunCases(ReadCases(text, path), policy);
}

}  // namespace heloguard
