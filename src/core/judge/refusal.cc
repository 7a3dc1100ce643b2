// Puts a refusal's reply together: whose words it has, and what goes into them. Findings about DNS stand in default
// replies only, and only such as the sender can do something about.
// Tests: tests/scenario/refusal_test.cc.
#include "heloguard/judge/refusal.h"

#include <algorithm>

#include "heloguard/base/escape.h"
#include "heloguard/base/quantity.h"
#include "heloguard/judge/diagnosis.h"
#include "heloguard/policy/reply_template.h"

namespace heloguard {
namespace {

using Findings = ReplyTemplate::Findings;

constexpr std::size_t kMaxFindings = 3;  // a reply is to be read

ReplyTemplate TemplateOf(const Judgement& judgement) {
  using Subject = ReplyTemplate::Subject;
  const Verdict& verdict = judgement.verdict;
  const Policy& policy = *judgement.policy;
  const auto& written = verdict.rule                          ? policy.rules[*verdict.rule].reply
                        : verdict.outcome == Outcome::kReject ? policy.score_reject
                                                              : policy.score_tempfail;
  if (written && !verdict.deferred_unknown) return *written;
  // A deferral in place of a refusal: the rule's own words would claim what is not known.
  const bool dns = LookupsFor(verdict.unknown).bits() != 0;
  const Subject subject = dns ? Subject::kReverseDns : verdict.by_score ? Subject::kScore : Subject::kPolicy;
  return ReplyTemplate::Default(subject, verdict.outcome);
}

// Whether a finding is about what the reply is about. One on the PTR record or a PTR name is about reverse DNS.
bool Belongs(const Finding& finding, Findings wanted, const FactContext& facts) {
  const auto& ptr_names = facts.rdns.ptr_names;
  const bool reverse =
      finding.record.type == RecordType::kPtr || std::ranges::find(ptr_names, finding.record.name) != ptr_names.end();
  switch (wanted) {
    case Findings::kNone:
      return false;
    case Findings::kReverseDns:
      return reverse;
    case Findings::kHeloName:
      return !reverse;
    case Findings::kAll:
      return true;
  }
  return false;
}

// A lookup that came to nothing is told with a deferral, never with a refusal; mere advice only where the sum of all
// things is what was refused. What may be our own resolver's fault is no sender's business.
bool Tells(const Finding& finding, Findings wanted, Outcome outcome) {
  switch (finding.kind) {
    case Finding::Kind::kWrong:
      return true;
    case Finding::Kind::kUnclear:
      return outcome == Outcome::kTempfail && !finding.our_own;
    case Finding::Kind::kAdvice:
      return wanted == Findings::kAll && outcome == Outcome::kReject;
  }
  return false;
}

std::vector<std::string> FindingsFor(Findings wanted, const FactContext& facts, Outcome outcome) {
  if (wanted == Findings::kNone) return {};
  std::vector<std::string> lines;
  for (Finding& finding : Diagnose(facts)) {
    if (lines.size() == kMaxFindings) break;
    if (!Belongs(finding, wanted, facts) || !Tells(finding, wanted, outcome)) continue;
    lines.push_back(std::move(finding.text));
  }
  return lines;
}

ReplyValues ValuesOf(const Judgement& judgement, const RefusalContext& context) {
  const SessionInputs& inputs = context.inputs;
  ReplyValues values;
  values.helo = inputs.helo ? inputs.helo->text : "";
  values.client = inputs.client ? inputs.client->ToString() : "";
  const DomainName* name = judgement.rdns.ShownName();
  values.rdns = name == nullptr ? "unknown" : UnescapeBytes(name->ToText());  // Render escapes
  values.rule = DecidingRule(judgement);
  values.session = context.session;
  values.score = ScoreText(judgement.verdict.score);
  values.help_url = context.help_url;
  return values;
}

// Where the rule has no words of its own, those of the Postfix table's line that made it hold.
SmtpReply TableReply(const Rule& rule, const TableMatch& match, const SmtpReply& own) {
  if (!rule.table_replies || match.table == nullptr) return own;
  return match.table->ReplyOf(*match.line, match.key, own);
}

}  // namespace

std::optional<SmtpReply> Refusal(const Judgement& judgement, const RefusalContext& context) {
  if (judgement.outcome() == Outcome::kAccept) return std::nullopt;
  const Verdict& verdict = judgement.verdict;
  const ReplyTemplate words = TemplateOf(judgement);
  ReplyValues values = ValuesOf(judgement, context);
  values.findings = FindingsFor(words.findings(), {context.inputs, context.answers, judgement.rdns}, verdict.outcome);
  SmtpReply reply = words.Render(values);
  if (!verdict.rule) return reply;
  return TableReply(judgement.policy->rules[*verdict.rule], verdict.rules[*verdict.rule].table, reply);
}

}  // namespace heloguard
