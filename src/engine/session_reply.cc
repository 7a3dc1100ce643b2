// Puts a refusal's reply together: whose words it has, and what goes into them. Findings about DNS stand in default
// replies only, and only such as the sender can do something about. Waits for nothing.
// Tests: tests/scenario/session_reply_test.cc.
#include "engine/session_reply.h"

#include <algorithm>

#include "heloguard/base/escape.h"
#include "heloguard/judge/diagnosis.h"
#include "heloguard/policy/reply_template.h"

namespace heloguard {
namespace {

using Findings = ReplyTemplate::Findings;

constexpr std::size_t kMostFindings = 3;  // a reply is to be read

ReplyTemplate TemplateOf(const RefusedSession& session) {
  using Subject = ReplyTemplate::Subject;
  const Verdict& verdict = session.verdict;
  const auto& written = verdict.rule                          ? session.policy.rules[*verdict.rule].reply
                        : verdict.outcome == Outcome::kReject ? session.policy.score_reject
                                                              : session.policy.score_tempfail;
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

std::vector<std::string> FindingsFor(Findings wanted, const RefusedSession& session) {
  if (wanted == Findings::kNone) return {};
  std::vector<std::string> lines;
  for (Finding& finding : Diagnose(session.facts)) {
    if (lines.size() == kMostFindings) break;
    if (!Belongs(finding, wanted, session.facts) || !Tells(finding, wanted, session.verdict.outcome)) continue;
    lines.push_back(std::move(finding.text));
  }
  return lines;
}

ReplyValues ValuesOf(const RefusedSession& session) {
  const SessionInputs& inputs = session.facts.inputs;
  ReplyValues values;
  values.helo = inputs.helo ? inputs.helo->text : "";
  values.client = inputs.client ? inputs.client->ToString() : "";
  const DomainName* name = session.facts.rdns.ShownName();
  values.rdns = name == nullptr ? "unknown" : UnescapeBytes(name->ToText());  // Render escapes
  values.rule = DecidingRule(session.policy, session.verdict);
  values.session = session.id;
  values.score = SumText(session.verdict.score);
  values.help_url = session.help_url;
  return values;
}

// Where the rule has no words of its own, those of the Postfix table's line that made it hold.
SmtpReply TableReply(const Rule& rule, const TableMatch& match, const SmtpReply& own) {
  if (!rule.table_replies || match.table == nullptr) return own;
  return match.table->ReplyOf(*match.line, match.key, own);
}

}  // namespace

SmtpReply ReplyTo(const RefusedSession& session) {
  const ReplyTemplate words = TemplateOf(session);
  ReplyValues values = ValuesOf(session);
  values.findings = FindingsFor(words.findings(), session);
  const SmtpReply reply = words.Render(values);
  const auto& rule = session.verdict.rule;
  return rule ? TableReply(session.policy.rules[*rule], session.verdict.rules[*rule].table, reply) : reply;
}

}  // namespace heloguard
