// A judgement explained on a terminal, section by section. Judges nothing. Every untrusted octet outside printable
// ASCII leaves as \xNN; what the postmaster wrote himself keeps its backslashes. Tests: tests/cli/check_test.py.
#include "app/check/check_text.h"

#include <algorithm>
#include <sstream>

#include "app/check/check_dns.h"
#include "app/shared/check_view.h"
#include "app/shared/text.h"
#include "heloguard/base/quantity.h"
#include "heloguard/policy/action.h"

namespace heloguard {
namespace {

constexpr std::size_t kLabelWidth = 10;
constexpr std::size_t kMaxRuleWidth = 36;

std::string Joined(const std::vector<std::string>& words) {
  if (words.empty()) return "(none)";
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

class Page {
 public:
  Page(const SessionReport& report, Colour colour) : report_(report), colour_(colour) {}

  std::string Print() {
    PrintSession();
    PrintFacts();
    PrintRules();
    PrintDns();
    PrintVerdict();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string Paint(const std::string& text, std::string_view code) const {
    return Painted(text, code, colour_);
  }
  [[nodiscard]] static std::string_view ColourOf(Outcome outcome) {
    switch (outcome) {
      case Outcome::kAccept:
        return Ink::kGood;
      case Outcome::kTempfail:
        return Ink::kWarn;
      case Outcome::kReject:
        return Ink::kBad;
    }
    return Ink::kDim;
  }

  void Line(std::string_view label, const std::string& text) {
    out_ += Padded(std::string(label), kLabelWidth) + text + "\n";
  }
  void Heading(const std::string& title) { out_ += "\n" + Paint(title, Ink::kBold) + "\n"; }

  void PrintSession() {
    const SessionInputs& inputs = report_.inputs;
    Line("client", inputs.client ? inputs.client->ToString() : "(no address)");
    Line("helo", inputs.helo && inputs.helo->kind != HeloKind::kMissing ? "\"" + EscapedHelo(inputs.helo->text) + "\""
                                                                        : "(none)");
    const Policy& policy = *report_.judgement.policy;
    Line("policy", Written(policy.name) + " (" + Written(policy.where.file) + ", " + policy.hash + "), mode " +
                       ModeText(policy) + ", answers at " + std::string(NameOf(policy.stage)));
  }

  void PrintFacts() {
    Heading("facts");
    std::size_t width = 0;
    for (const FactSpec& spec : FactTable()) width = std::max(width, spec.name.size());
    for (const FactSpec& spec : FactTable()) {
      out_ += "  " + Padded(std::string(spec.name), width + 2) + FactText(spec) + "\n";
    }
    if (const auto spf = SpfOf(report_)) {
      if (!spf->record.empty()) out_ += std::string(width + 4, ' ') + ToText(DnsRecord(TxtRecord{spf->record})) + "\n";
      out_ += std::string(width + 4, ' ') + Paint(spf->why, Ink::kDim) + "\n";
    }
  }

  [[nodiscard]] std::string FactText(const FactSpec& spec) const {
    const Fact& fact = report_.judgement.facts[spec.id];
    switch (fact.state()) {
      case FactState::kUnknown:
        return Paint("unknown", Ink::kWarn);
      case FactState::kNotApplicable:
        return Paint("n/a", Ink::kDim);
      case FactState::kTransient:
        return Paint(Joined(ValueTexts(spec, fact)) + (spec.type == FactType::kNames ? ", perhaps more" : ""),
                     Ink::kWarn);
      case FactState::kKnown:
        return Joined(ValueTexts(spec, fact));
    }
    return "";
  }

  void PrintRules() {
    Heading("rules");
    const auto& rules = report_.judgement.policy->rules;
    if (rules.empty()) out_ += "  (the policy has none)\n";
    std::size_t width = 0;
    for (const Rule& rule : rules) width = std::max(width, Written(rule.name).size());
    width = std::min(width, kMaxRuleWidth);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const RuleTrace& trace = report_.judgement.verdict.rules[i];
      const bool decided = report_.judgement.exempt.empty() && report_.judgement.verdict.rule == i;
      const std::string why = WhyText(rules[i], trace);
      out_ += (decided ? "> " : "  ") + TruthText(trace) + "  " + Padded(Written(rules[i].name), width) + "  " +
              (why.empty() ? EffectText(rules[i]) : Padded(EffectText(rules[i]), 8) + why) + "\n";
    }
  }

  [[nodiscard]] std::string TruthText(const RuleTrace& trace) const {
    constexpr std::size_t kWidth = 11;
    switch (trace.state) {
      case RuleTrace::State::kDisabled:
        return Paint(Padded("disabled", kWidth), Ink::kDim);
      case RuleTrace::State::kExpired:
        return Paint(Padded("expired", kWidth), Ink::kDim);
      case RuleTrace::State::kNotReached:
        return Paint(Padded("not reached", kWidth), Ink::kDim);
      case RuleTrace::State::kEvaluated:
        break;
    }
    std::string word = Padded(std::string(NameOf(trace.truth)), kWidth);
    switch (trace.truth) {
      case Truth::kFalse:
        return Paint(word, Ink::kDim);
      case Truth::kTrue:
        return Paint(word, Ink::kBold);
      case Truth::kUnknown:
        return Paint(word, Ink::kWarn);
    }
    return word;
  }

  [[nodiscard]] static std::string EffectText(const Rule& rule) {
    if (rule.action != ActionKind::kScore) return std::string(NameOf(rule.action));
    return (rule.score < 0 ? "" : "+") + ScoreText(rule.score);
  }

  [[nodiscard]] static std::string WhyText(const Rule& rule, const RuleTrace& trace) {
    std::string text;
    if (trace.state == RuleTrace::State::kEvaluated) {
      text += "  " + (trace.truth == Truth::kTrue ? Conditions(rule) : Deciding(trace));
      if (trace.truth != Truth::kFalse && trace.pattern != nullptr) text += "  " + Matching(*trace.pattern);
      if (trace.mode == Mode::kObserve) text += "  (observed only)";
    }
    if (!rule.reason.empty()) text += "  # " + Written(rule.reason);
    return text;
  }
  // What held of a rule that is true.
  [[nodiscard]] static std::string Conditions(const Rule& rule) {
    std::string text;
    for (const Condition& condition : rule.when) text += (text.empty() ? "" : ", ") + Written(condition.text);
    if (!rule.any.empty()) text += std::string(text.empty() ? "" : ", ") + "one of its alternatives";
    return text.empty() ? "always" : text;
  }
  [[nodiscard]] static std::string Deciding(const RuleTrace& trace) {
    if (trace.decisive == nullptr) return "";
    return std::string(trace.by_unless ? "unless " : "") + Written(trace.decisive->text);
  }
  [[nodiscard]] static std::string Matching(const Pattern& pattern) {
    const std::string where = pattern.where.ToString();
    return "pattern " + Written(pattern.text) + (where.empty() ? "" : " (" + Written(where) + ")");
  }

  void PrintDns() {
    const DnsText dns = DnsTextOf(report_, colour_);
    Heading(dns.title);
    out_ += dns.lookups;
    if (dns.findings.empty()) return;
    Heading("what to put right");
    out_ += dns.findings;
  }

  void PrintVerdict() {
    const Verdict& verdict = report_.judgement.verdict;
    const Decision decision = DecisionOf(report_);
    out_ += "\n";
    Line("score", ScoreLine());
    Line("verdict", Paint(std::string(NameOf(decision.outcome)), ColourOf(decision.outcome)) + " at " +
                        std::string(NameOf(report_.judgement.stage)) + ByText(decision));
    if (report_.judgement.exempt.empty() && verdict.worst > verdict.outcome) {
      Line("", std::string(NameOf(verdict.worst)) + " was possible, but hangs on what is unknown: " + UnknownText());
    }
    if (verdict.engine_gave_up) Line("", "a pattern engine ran out of memory; its patterns were tried one by one");
    PrintReply();
    if (const auto candidate = CandidateDecision(report_)) PrintCandidate(*candidate, decision);
    if (report_.judgement.mode == Mode::kObserve) {
      const std::string who = report_.judgement.policy->mode == Mode::kObserve
                                  ? "the policy observes"
                                  : "the policy acts on " + std::to_string(*report_.judgement.policy->percent) +
                                        " % of the clients, and this is one of the others";
      Line("mode", "observe: this is what would be; " + who + ", so the client is let in");
    }
  }

  void PrintReply() {
    if (!report_.reply) return Line("reply", "(none: the client goes on)");
    std::istringstream lines(report_.reply->ToString());
    std::string_view label = "reply";
    for (std::string line; std::getline(lines, line); label = "") Line(label, line);
  }

  void PrintCandidate(const Decision& candidate, const Decision& active) {
    const std::string by = candidate.rule     ? ", by rule \"" + *candidate.rule + "\""
                           : candidate.action ? ", by the score"
                                              : ", no rule decides";
    Line("candidate", Written(report_.judgement.policy->candidate->name) + ": " +
                          Paint(std::string(NameOf(candidate.outcome)), ColourOf(candidate.outcome)) + by +
                          (candidate.outcome == active.outcome ? "" : " (differs)"));
  }

  [[nodiscard]] std::string ByText(const Decision& decision) const {
    if (!report_.judgement.exempt.empty()) return ", exempt: " + std::string(report_.judgement.exempt);
    if (decision.rule) {
      return ", by rule \"" + *decision.rule + "\"" +
             (report_.judgement.verdict.deferred_unknown ? ", which is undecided (on_unknown = \"tempfail\")" : "");
    }
    return report_.judgement.verdict.by_score ? ", by the score" : ", no rule decided";
  }

  [[nodiscard]] std::string ScoreLine() const {
    const Verdict& verdict = report_.judgement.verdict;
    std::string text = ScoreText(verdict.score);
    if (verdict.lowest_score < verdict.score) text += ", at least " + ScoreText(verdict.lowest_score);
    const ScoreThresholds& limits = report_.judgement.policy->thresholds;
    std::string thresholds;
    if (limits.tempfail) thresholds += "tempfail from " + ScoreText(*limits.tempfail);
    if (limits.reject) thresholds += (thresholds.empty() ? "" : ", ") + ("reject from " + ScoreText(*limits.reject));
    return text + (thresholds.empty() ? "" : " (" + thresholds + ")");
  }

  [[nodiscard]] std::string UnknownText() const {
    std::vector<std::string> names;
    for (const FactSpec& spec : FactTable()) {
      if (report_.judgement.verdict.unknown.Has(spec.id)) names.emplace_back(spec.name);
    }
    return Joined(names);
  }

  const SessionReport& report_;
  const Colour colour_;
  std::string out_;
};

}  // namespace

std::string CheckText(const SessionReport& report, Colour colour) { return Page(report, colour).Print(); }

}  // namespace heloguard
