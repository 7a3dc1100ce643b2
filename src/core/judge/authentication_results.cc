// What an Authentication-Results field says of a session, and how it is written. Waits for nothing and looks nothing
// up; a fact that is not known is not told. Whose a field is that comes in: authserv_id.cc.
// RFC 8601 sections 2.2 (grammar) and 2.7.3 (iprev). HELO names and PTR names are hostile bytes: cut, escaped, quoted.
// Tests: tests/unit/core/judge/authentication_results_test.cc, tests/fuzz/fuzz_authentication_results.cc.
#include "heloguard/judge/authentication_results.h"

#include <algorithm>

#include "heloguard/base/escape.h"
#include "heloguard/base/quantity.h"
#include "heloguard/dns/spf.h"

namespace heloguard {
namespace {

constexpr std::size_t kColumns = 78;  // RFC 5322 section 2.1.1
constexpr std::size_t kMaxComment = 120;

// --- what is said ---

RdnsStatus IprevOf(const Judgement& judgement) {
  const auto status = ValueOf<RdnsStatus>(judgement.facts[FactId::kRdnsStatus]);
  if (!status || (judgement.resolver_ill && *status != RdnsStatus::kPass)) return RdnsStatus::kTemperror;
  return *status;
}

// The name that was looked at, and what is known of its records.
std::string IprevComment(const Judgement& judgement, RdnsStatus status) {
  const DomainName* name = judgement.rdns.ShownName();
  std::string comment = name == nullptr ? "" : UnescapeBytes(name->ToText());
  if (status == RdnsStatus::kPermerror) comment = "no PTR record";
  const auto dnssec = ValueOf<Dnssec>(judgement.facts[FactId::kRdnsDnssec]);
  if (!dnssec || (*dnssec != Dnssec::kSecure && *dnssec != Dnssec::kBogus)) return comment;
  return comment + (comment.empty() ? "" : ", ") + "DNSSEC " + std::string(NameOf(*dnssec));
}

MethodResult Iprev(const Judgement& judgement, const SessionInputs& inputs) {
  const RdnsStatus status = IprevOf(judgement);
  return {"iprev", NameOf(status), IprevComment(judgement, status), {{"policy.iprev", inputs.client->ToString()}}};
}

// In the words RFC 8601 section 2.7.2 has for SPF: softfail is a weak "no", temperror may be settled by another
// attempt.
std::string_view HeloResult(const Judgement& judgement, const SessionInputs& inputs) {
  const Verdict& verdict = judgement.verdict;
  if (!judgement.exempt.empty() && judgement.exempt != "recipient") return "none";
  if (verdict.outcome == Outcome::kReject) return "fail";
  if (verdict.outcome == Outcome::kTempfail) return verdict.deferred_unknown ? "temperror" : "softfail";
  if (verdict.rule) return "pass";
  if (!verdict.settled || judgement.resolver_ill) return "temperror";
  if (!inputs.helo || inputs.helo->kind == HeloKind::kMissing) return "none";
  return verdict.score > 0 ? "neutral" : "pass";
}

void AddHelo(const SessionInputs& inputs, MethodResult* result) {
  const auto& helo = inputs.helo;
  if (helo && helo->kind != HeloKind::kMissing) result->properties.emplace_back("smtp.helo", helo->text);
}

// The name it was judged by, not as sent. Nothing is said where it does not apply or was not asked for.
std::optional<MethodResult> Spf(const Judgement& judgement, const SessionInputs& inputs) {
  const auto result = ValueOf<SpfResult>(judgement.facts[FactId::kSpfHelo]);
  if (!result || !inputs.helo) return std::nullopt;
  const bool doubtful = judgement.resolver_ill && *result != SpfResult::kPass;
  return MethodResult{
      "spf", NameOf(doubtful ? SpfResult::kTemperror : *result), "", {{"smtp.helo", inputs.helo->name}}};
}

MethodResult XHelo(const Judgement& judgement, const SessionInputs& inputs) {
  MethodResult result{"x-helo", HeloResult(judgement, inputs), "", {}};
  AddHelo(inputs, &result);
  if (result.result == "none") {
    result.comment = judgement.exempt;
    return result;
  }
  const std::string_view rule = DecidingRule(judgement);
  if (!rule.empty()) result.properties.emplace_back("policy.rule", rule);
  if (judgement.verdict.score != 0) result.properties.emplace_back("policy.score", ScoreText(judgement.verdict.score));
  const auto dnssec = ValueOf<Dnssec>(judgement.facts[FactId::kHeloDnssec]);
  if (dnssec) result.properties.emplace_back("policy.dnssec", NameOf(*dnssec));
  return result;
}

// --- how it is written ---

// `text` with a backslash before each of `marked` (RFC 5322 section 3.2.1, quoted-pair). It holds no backslash of its
// own that is not part of an escape, and that one is marked as well, so that the reader gets \xNN back.
std::string Marked(std::string_view text, std::string_view marked) {
  std::string out;
  for (const char c : text) {
    if (marked.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string ValueText(std::string_view bytes, std::size_t cap) {
  const std::string text = EscapeBytes(bytes, cap);
  return IsAuthservId(text) ? text : '"' + Marked(text, "\"\\") + '"';
}

class Writer {
 public:
  explicit Writer(std::size_t cap) : cap_(cap), column_(kAuthenticationResults.size() + 2) {}

  void Id(std::string_view id) { Put(ValueText(id, kMaxAuthservId)); }
  void None() { Put("; none"); }
  void Method(const MethodResult& method) {
    Put(";");
    Fold();
    Put(std::string(method.method) + "=" + std::string(method.result));
    if (!method.comment.empty())
      PutApart("(" + Marked(EscapeBytes(method.comment, std::min(cap_, kMaxComment)), "()\\") + ")");
    for (const auto& [name, value] : method.properties) PutApart(std::string(name) + "=" + ValueText(value, cap_));
  }
  [[nodiscard]] std::string Take() && { return std::move(out_); }

 private:
  void Put(std::string_view text) {
    out_ += text;
    column_ += text.size();
  }
  void Fold() {
    out_ += "\n\t";
    column_ = 8;
  }
  // After a blank, or on a line of its own if it does not fit: the only places where a fold changes nothing. One octet
  // is left for the semicolon.
  void PutApart(std::string_view text) {
    if (column_ + 2 + text.size() > kColumns) {
      Fold();
    } else {
      Put(" ");
    }
    Put(text);
  }

  std::size_t cap_;
  std::size_t column_;
  std::string out_;
};

}  // namespace

FactSet FactsOwedToResults() { return {FactId::kRdnsStatus, FactId::kSpfHelo}; }
FactSet FactsShownInResults() { return FactsOwedToResults() | FactSet{FactId::kRdnsDnssec, FactId::kHeloDnssec}; }

std::vector<MethodResult> ResultsOf(const Judgement& judgement, const SessionInputs& inputs) {
  if (!inputs.client) return {};
  std::vector<MethodResult> results{Iprev(judgement, inputs)};
  if (auto spf = Spf(judgement, inputs)) results.push_back(std::move(*spf));
  results.push_back(XHelo(judgement, inputs));
  return results;
}

std::string ResultsField(std::string_view authserv_id, const std::vector<MethodResult>& results) {
  std::string field;
  // Only where several long names meet is any cut.
  for (const std::size_t cap : {255U, 128U, 64U, 32U}) {
    Writer writer(cap);
    writer.Id(authserv_id);
    for (const MethodResult& result : results) writer.Method(result);
    if (results.empty()) writer.None();
    field = std::move(writer).Take();
    if (field.size() <= kMaxResultsOctets) break;
  }
  return field;
}

}  // namespace heloguard
