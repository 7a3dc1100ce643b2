// The log line of a judgement: keys, their order, and how hostile bytes and over-long values are written.
//
// Text: "key=value key=value ...", the keys of the table below always all and in this order.
//   -            not known, not applicable or empty; a value that is a lone hyphen is written \x2d
//   \xNN         octets outside printable ASCII, backslashes, blanks (\x20) and double quotes (\x22)
//   ...          at the end of a value: cut, so that the line keeps to kMaxLogLine
//   rdns         the first verified PTR name, or where none is verified the first of any
//   verdict      what was answered; in observe mode what would have been
//   rule         the rule that decided; "score" if the thresholds did
//   wait_ms      what the MTA waited for us in this session so far
//   dns          LOOKUPS/TIMEms: questions asked for this session, none where the evidence was known or on its way, and
//                the time from when it was needed to the last answer used
// Behind them, only where there is something to say:
//   exempt       why nothing was refused whatever the rule says: authenticated, recipient, no-address
//   matched      other enforced rules that hold (scores, notes), by commas
//   observed     observed rules that hold, by commas
//   mta_name, mta_ptr, mta_resolve   what the MTA found for the client, from its macros {client_name}, {client_ptr} and
//                {client_resolve}: not judged
//   bogus        the first name whose answer did not validate, and the validator's reason
//   resolver     "ill" while our own DNS is not trusted and rules that rest on it are only observed
//   queue        the MTA's queue id, where it has one by then
//   protocol     SMTP, ESMTP ..., where the MTA says (Sendmail)
//   mta_helo     the HELO name as the MTA keeps it, where that is not what the client said (Sendmail)
// A message the candidate policy judges otherwise has a second line: the same keys behind
//   candidate    what the candidate would answer
//   candidate_rule, candidate_score
// Sessions of one client with one outcome for one reason beyond log.repeats a minute (log.repeats_accepted) have no
// line of their own but share one, after it:
//   repeated     how many they were; within_s, of how many seconds; client, verdict, rule, mode as above
// JSON: the same keys in one object; null for what is not known or applies not, numbers as numbers, dns as an object.
// Nothing here knows where lines go. Tests: tests/unit/adapters/log/decision_line_test.cc.
#include "adapters/log/decision_line.h"

#include <spdlog/fmt/fmt.h>

#include <optional>
#include <vector>

#include "adapters/log/log_sink.h"
#include "adapters/log/repeated_lines.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/quantity.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxMessage = 4096;
constexpr std::string_view kHex = "0123456789abcdef";

void AppendEscaped(std::string* out, char c) {
  const auto octet = static_cast<unsigned char>(c);
  out->append("\\x").append(1, kHex[octet >> 4U]).append(1, kHex[octet & 15U]);
}

struct Field {
  std::string_view key;
  std::optional<std::string> text;  // escaped; nullopt: not known or not applicable
  bool literal = false;             // a number or object, written as it is
};
using Fields = std::vector<Field>;

constexpr std::size_t kMaxEscaped = 4096;  // more than any value keeps in a line

// `escaped` cut to `cap` octets between two escapes, the cut marked.
std::string Cut(const std::string& escaped, std::size_t cap) {
  constexpr std::string_view kMark = "...";
  if (escaped.size() <= cap) return escaped;
  std::size_t end = cap - kMark.size();
  const std::size_t backslash = escaped.rfind('\\', end - 1);
  if (backslash != std::string::npos && end - backslash < 4) end = backslash;  // every escape is \xNN
  return escaped.substr(0, end).append(kMark);
}

template <class E>
std::optional<std::string> Word(const std::optional<E>& value) {
  if (!value) return std::nullopt;
  return std::string(NameOf(*value));
}

std::string Milliseconds(std::chrono::microseconds time) {
  return fmt::format("{:.1f}", std::chrono::duration<double, std::milli>(time).count());
}

std::optional<std::string> RdnsName(const RdnsEvidence& rdns) {
  const DomainName* name = rdns.ShownName();
  if (name == nullptr) return std::nullopt;
  return name->ToText();
}

std::string DnsCost(const SessionReport& report, LogFormat format) {
  const std::string elapsed = Milliseconds(report.dns_elapsed);
  if (format == LogFormat::kText) return fmt::format("{}/{}ms", report.asked, elapsed);
  return fmt::format(R"({{"queries":{},"elapsed_ms":{}}})", report.asked, elapsed);
}

// The rules that hold besides the one that decided, as far as they stand in `mode` for this client.
std::optional<std::string> OtherRules(const SessionReport& report, Mode mode) {
  std::string names;
  for (std::size_t i = 0; i < report.judgement.verdict.rules.size(); ++i) {
    const RuleTrace& trace = report.judgement.verdict.rules[i];
    const bool holds = trace.state == RuleTrace::State::kEvaluated && trace.truth == Truth::kTrue;
    if (!holds || trace.mode != mode || report.judgement.verdict.rule == i) continue;
    if (!names.empty()) names += ',';
    names += report.judgement.policy->rules[i].name;
  }
  if (names.empty()) return std::nullopt;
  return EscapeBytes(names, kMaxEscaped);
}

std::optional<std::string> BogusText(const DnsAnswers& answers) {
  for (const auto& [question, answer] : answers.entries()) {
    if (answer.status != DnsStatus::kBogus) continue;
    return question.name.ToText() + (answer.why.empty() ? "" : ": " + answer.why);  // escaped already
  }
  return std::nullopt;
}

std::optional<std::string> Escaped(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return EscapeBytes(text, kMaxEscaped);
}

void AppendExtras(const SessionReport& report, Fields* fields) {
  const MtaNotes& mta = report.mta;
  const bool same_helo = report.inputs.helo && report.inputs.helo->text == mta.helo;
  const std::pair<std::string_view, std::optional<std::string>> extras[]{
      {"exempt", Escaped(report.judgement.exempt)},
      {"matched", OtherRules(report, Mode::kEnforce)},
      {"observed", OtherRules(report, Mode::kObserve)},
      {"mta_name", Escaped(mta.client_name)},
      {"mta_ptr", Escaped(mta.client_ptr)},
      {"mta_resolve", Escaped(mta.client_resolve)},
      {"bogus", BogusText(report.answers)},
      {"resolver", report.judgement.resolver_ill ? std::optional<std::string>("ill") : std::nullopt},
      {"queue", Escaped(mta.queue_id)},
      {"protocol", Escaped(mta.protocol)},
      {"mta_helo", same_helo ? std::nullopt : Escaped(mta.helo)},
  };
  for (const auto& [key, value] : extras) {
    if (value) fields->push_back({key, value});
  }
}

Fields FieldsOf(const SessionReport& report, LogFormat format, bool envelope) {
  const SessionInputs& in = report.inputs;
  const bool said_helo = in.helo && in.helo->kind != HeloKind::kMissing;
  Fields fields{
      {"session", std::string(report.session)},
      {"client", in.client ? std::optional(in.client->ToString()) : std::nullopt},
      {"port", in.port ? std::optional(std::to_string(*in.port)) : std::nullopt, true},
      {"helo", said_helo ? std::optional(EscapeBytes(in.helo->text, kMaxEscaped)) : std::nullopt},
      {"kind", in.helo ? std::optional(std::string(NameOf(in.helo->kind))) : std::nullopt},
      {"rdns", RdnsName(report.judgement.rdns)},
      {"rdns_status", Word(report.judgement.rdns.status)},
      {"rdns_dnssec", Word(report.judgement.rdns.dnssec)},
      {"verdict", std::string(NameOf(report.judgement.outcome()))},
      {"rule", Escaped(DecidingRule(report.judgement))},
      {"mode", std::string(NameOf(report.judgement.mode))},
      {"stage", std::string(NameOf(report.judgement.stage))},
      {"score", ScoreText(report.judgement.verdict.score), true},
      {"wait_ms", Milliseconds(report.waited), true},
      {"dns", DnsCost(report, format), true},
      {"from", envelope ? Escaped(report.from) : std::nullopt},
      {"to", envelope ? Escaped(report.to) : std::nullopt},
  };
  AppendExtras(report, &fields);
  return fields;
}

void AppendTextValue(std::string* out, const Field& field, std::size_t cap) {
  if (!field.text || field.text->empty()) {
    out->append("-");
    return;
  }
  const std::string value = field.literal ? *field.text : Cut(*field.text, cap);
  for (const char c : value) {
    if (c == ' ' || c == '"' || value == "-") {
      AppendEscaped(out, c);
    } else {
      out->push_back(c);
    }
  }
}

void AppendJsonValue(std::string* out, const Field& field, std::size_t cap) {
  if (!field.text) {
    out->append("null");
  } else {
    out->append(field.literal ? *field.text : JsonString(Cut(*field.text, cap)));
  }
}

// The line with every value cut to `cap` octets.
std::string Render(const Fields& fields, LogFormat format, std::size_t cap) {
  const bool json = format == LogFormat::kJson;
  std::string line = json ? "{" : "";
  for (const Field& field : fields) {
    if (&field != &fields.front()) line += json ? ',' : ' ';
    line += json ? JsonString(field.key) + ":" : std::string(field.key) + "=";
    (json ? AppendJsonValue : AppendTextValue)(&line, field, cap);
  }
  if (json) line += '}';
  return line;
}

// The line, in which only the longest values are cut where it would be too long.
std::string Fitted(const Fields& fields, LogFormat format) {
  std::string line = Render(fields, format, kMaxLogLine);
  if (line.size() <= kMaxLogLine) return line;
  // The largest cap that fits, so that only the longest values are cut. With kShortest the keys and all values fit.
  constexpr std::size_t kShortest = 16;
  std::size_t fits = kShortest;
  std::size_t too_long = kMaxLogLine;
  while (too_long - fits > 1) {
    const std::size_t middle = (fits + too_long) / 2;
    (Render(fields, format, middle).size() <= kMaxLogLine ? fits : too_long) = middle;
  }
  return Render(fields, format, fits);
}

}  // namespace

std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kMaxMessage)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet > 0x7e) {
      AppendEscaped(&line, c);
    } else {
      line.push_back(c);
    }
  }
  if (line.size() > kMaxMessage) line.resize(kMaxMessage);
  return line;
}

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

std::string FormatDifference(const CandidateReport& report, LogFormat format, bool envelope) {
  Fields fields{
      {"candidate", std::string(NameOf(report.candidate.outcome()))},
      {"candidate_rule", Escaped(DecidingRule(report.candidate))},
      {"candidate_score", ScoreText(report.candidate.verdict.score), true},
  };
  for (Field& field : FieldsOf(report.active, format, envelope)) fields.push_back(std::move(field));
  return Fitted(fields, format);
}

std::string FormatRepeated(const Repeated& repeated, LogFormat format) {
  return Fitted({{"repeated", std::to_string(repeated.count), true},
                 {"within_s", std::to_string(repeated.within.count()), true},
                 {"client", repeated.key.client},
                 {"verdict", std::string(NameOf(repeated.key.outcome))},
                 {"rule", Escaped(repeated.key.rule)},
                 {"mode", std::string(NameOf(Mode::kEnforce))}},
                format);
}

std::string FormatReport(const SessionReport& report, LogFormat format, bool envelope) {
  return Fitted(FieldsOf(report, format, envelope), format);
}

}  // namespace heloguard
