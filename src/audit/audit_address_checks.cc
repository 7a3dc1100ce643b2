// What is right and wrong about a HELO name at one of the addresses that say it: PTR, the way back, agreement, SPF, and
// what each policy would answer. RFC 8601 section 3 (iprev), RFC 5321 section 4.1.4, RFC 7208. The sentences about
// reverse DNS are those of diagnosis.h; each goes to the check it belongs to.
// Tests: tests/unit/audit/audit_checks_test.cc, tests/cli/audit_test.py.
#include <algorithm>
#include <array>

#include "audit/audit_checks.h"
#include "audit/audit_spf.h"
#include "audit/audit_words.h"
#include "heloguard/base/quantity.h"

namespace heloguard {
namespace {

struct AddressCase {
  const AuditEvidence& evidence;
  const AddressEvidence& at;
  std::vector<Finding> findings;  // those that no check has taken yet
  std::vector<CheckRow> rows = {};

  [[nodiscard]] const Helo& helo() const { return evidence.helo; }
  [[nodiscard]] std::string Client() const { return at.address.ToString(); }
  [[nodiscard]] DnsQuestion Ptr() const { return {DomainName::Reverse(at.address), RecordType::kPtr}; }
  [[nodiscard]] DnsQuestion Forward(const DomainName& name) const { return {name, AddressTypeFor(at.address)}; }
  [[nodiscard]] const DnsAnswer* Find(const DnsQuestion& question) const { return at.answers.FindAsked(question); }
  [[nodiscard]] std::optional<HeloAddress> LeadsHere() const {
    return ValueOf<HeloAddress>(at.facts[FactId::kHeloAddress]);
  }

  // Moves the findings for which `mine` holds into the row.
  template <class Mine>
  void Take(CheckRow* row, Mine mine) {
    const auto rest =
        std::stable_partition(findings.begin(), findings.end(), [&](const Finding& finding) { return !mine(finding); });
    for (auto it = rest; it != findings.end(); ++it) row->advice.push_back(it->text);
    findings.erase(rest, findings.end());
  }
  // A host that is confirmed under a name of its own has to say that one; one more address of a name that leads
  // elsewhere would send that name's connections here.
  [[nodiscard]] bool IsOurs() const {
    const bool elsewhere = LeadsHere() == HeloAddress::kMismatch && at.rdns.status == RdnsStatus::kPass;
    return IsPublishable(helo()) && !elsewhere;
  }
  void PublishPtr(CheckRow* row) const {
    if (IsOurs()) row->publish.push_back({Ptr(), ToText(DnsRecord(*helo().domain))});
  }
  // Unless it is published already.
  void PublishAddress(CheckRow* row) const {
    if (IsOurs() && LeadsHere() != HeloAddress::kMatch) {
      row->publish.push_back({Forward(*helo().domain), Client()});
    }
  }
};

std::vector<std::string> Texts(const std::vector<DomainName>& names) {
  std::vector<std::string> texts;
  texts.reserve(names.size());
  for (const DomainName& name : names) texts.push_back(name.ToText());
  return texts;
}

void Ptr(AddressCase* c) {
  const DnsAnswer* ptr = c->Find(c->Ptr());
  const auto& names = c->at.rdns.ptr_names;
  CheckRow row{CheckId::kPtr, CheckResult::kPass, ListText(Texts(names)), JoinedDnssec({ptr})};
  const bool too_many = std::ranges::any_of(
      names, [&](const DomainName& name) { return c->at.answers.FindAsked(c->Forward(name)) == nullptr; });
  if (ptr == nullptr || IsTransient(ptr->status)) {
    row.result = UnsettledResult(ptr, c->evidence.resolver_well);
    row.text = UnsettledText(ptr, c->evidence.resolver_well);
  } else if (names.empty()) {
    row.result = CheckResult::kFail;
    row.text = "there is none";
    c->PublishPtr(&row);
  } else if (too_many) {
    row.result = CheckResult::kWarn;
    row.text = std::to_string(names.size()) + " names, of which no receiver looks at all";
  }
  if (row.result != CheckResult::kPass) {
    c->Take(&row, [&](const Finding& finding) { return finding.record == c->Ptr(); });
  }
  c->rows.push_back(std::move(row));
}

void Forward(AddressCase* c) {
  const RdnsEvidence& rdns = c->at.rdns;
  if (rdns.ptr_names.empty()) return;
  CheckRow row{CheckId::kForward, CheckResult::kPass, "", rdns.dnssec};
  if (rdns.status == RdnsStatus::kPass) {
    row.text = ListText(Texts(rdns.verified)) + (rdns.verified.size() == 1 ? " has" : " have") + " this address";
  } else if (rdns.status == RdnsStatus::kFail) {
    row.result = CheckResult::kFail;
    row.text =
        std::string(rdns.ptr_names.size() == 1 ? "the PTR name does not have" : "no PTR name has") + " this address";
    c->PublishAddress(&row);
    const auto& names = rdns.ptr_names;
    if (!c->helo().domain || std::ranges::find(names, *c->helo().domain) == names.end()) c->PublishPtr(&row);
  } else {
    const bool bogus = rdns.dnssec == Dnssec::kBogus && c->evidence.resolver_well;
    row.result = bogus ? CheckResult::kWarn : CheckResult::kUnknown;
    row.text = std::string(rdns.ptr_names.size() == 1 ? "the PTR name's address " : "a PTR name's address ") +
               (bogus ? "does not validate (DNSSEC)" : "is not known");
  }
  if (row.result != CheckResult::kPass) {
    c->Take(&row, [&](const Finding& finding) {
      return finding.record == c->Ptr() ||
             std::ranges::find(rdns.ptr_names, finding.record.name) != rdns.ptr_names.end();
    });
  }
  c->rows.push_back(std::move(row));
}

struct LeadRow {
  HeloAddress leads;
  CheckResult result;
  std::string_view text;
};
constexpr std::array<LeadRow, 6> kLeads{{
    {HeloAddress::kMatch, CheckResult::kPass, "the name leads here"},
    {HeloAddress::kMismatch, CheckResult::kWarn, "the name leads elsewhere"},
    {HeloAddress::kNxDomain, CheckResult::kFail, "the name leads nowhere: it does not exist"},
    {HeloAddress::kNoData, CheckResult::kFail, "the name leads nowhere: it has no address"},
    {HeloAddress::kTemperror, CheckResult::kUnknown, "where the name leads is not known"},
    {HeloAddress::kBogus, CheckResult::kUnknown, "where the name leads does not validate (DNSSEC)"},
}};

// How the name agrees with the verified ones, and what that adds to the row.
void AddReverse(const AddressCase& c, CheckRow* row) {
  const auto agreement = ValueOf<Agreement>(c.at.facts[FactId::kHeloRdns]);
  if (!agreement) return;
  switch (*agreement) {
    case Agreement::kSame:
      row->text += row->result == CheckResult::kPass ? ", and the PTR name is the same" : "; the PTR name is the same";
      return;
    case Agreement::kSameDomain:
      row->text += "; the PTR name is of the same domain";
      return;
    case Agreement::kDifferent:
      row->text += "; the PTR name is of another domain";
      row->result = std::max(row->result, CheckResult::kWarn);
      c.PublishPtr(row);
      return;
  }
}

// An address literal is its own address, and nothing else can be said of it.
void LiteralAgreement(AddressCase* c) {
  const auto match = ValueOf<LiteralMatch>(c->at.facts[FactId::kHeloLiteral]);
  if (!match) return;
  CheckRow row{CheckId::kAgreement, CheckResult::kPass, "it is this address"};
  if (*match == LiteralMatch::kMismatch) {
    row.result = CheckResult::kFail;
    row.text = "it is another address";
    row.advice.push_back(SayInHelo("its full host name, or this address in brackets,"));
  }
  c->rows.push_back(std::move(row));
}

void AgreementOfNames(AddressCase* c) {
  if (!c->helo().domain) {
    LiteralAgreement(c);
    return;
  }
  CheckRow row{CheckId::kAgreement, CheckResult::kUnknown, "not looked up",
               ValueOf<Dnssec>(c->at.facts[FactId::kHeloDnssec])};
  if (const auto leads = c->LeadsHere()) {
    const LeadRow& words = *std::ranges::find(kLeads, *leads, &LeadRow::leads);
    row.result = words.result;
    if (*leads == HeloAddress::kBogus && c->evidence.resolver_well) row.result = CheckResult::kWarn;
    row.text = words.text;
    if (words.result == CheckResult::kWarn || words.result == CheckResult::kFail) c->PublishAddress(&row);
  }
  AddReverse(*c, &row);
  if (EmbedsAddress(c->helo().name, c->at.address)) {
    row.result = std::max(row.result, CheckResult::kWarn);
    row.text += "; the name spells out the address, as names of customers' lines do";
    row.advice.push_back(SayServiceName(c->helo()));
  }
  // Whatever is left is about the name, or about somebody's resolver.
  c->Take(&row, [](const Finding& /*finding*/) { return true; });
  c->rows.push_back(std::move(row));
}

void Spf(AddressCase* c) {
  if (auto row = CheckSpfAt(c->evidence, c->at)) c->rows.push_back(*std::move(row));
}

std::string AnswerText(const Answered& answered) {
  std::string text = std::string(NameOf(answered.outcome));
  if (answered.rule) return text + ", by rule " + *answered.rule;
  text += ", score " + ScoreText(answered.score);
  if (answered.reject_from) text += " (reject from " + ScoreText(*answered.reject_from) + ")";
  std::string charges;
  for (const Charge& charge : answered.charges) charges += (charges.empty() ? ": " : ", ") + ChargeText(charge);
  return text + charges;
}

void Answers(AddressCase* c, std::span<const CheckResult> refused) {
  for (std::size_t i = 0; i < c->at.answered.size(); ++i) {
    const Answered& answered = c->at.answered[i];
    CheckRow row{CheckId::kPolicy, CheckResult::kPass, AnswerText(answered)};
    if (answered.outcome == Outcome::kReject) row.result = refused[i];
    if (answered.outcome == Outcome::kTempfail) row.result = CheckResult::kWarn;
    if (answered.worst > answered.outcome) {
      row.result = std::max(row.result, CheckResult::kUnknown);
      row.text += "; " + std::string(NameOf(answered.worst)) + " is possible, for not everything is known";
    }
    row.answered = answered;
    c->rows.push_back(std::move(row));
  }
}

constexpr std::array<void (*)(AddressCase*), 4> kChecks{Ptr, Forward, AgreementOfNames, Spf};

}  // namespace

CheckSection CheckAddress(const AuditEvidence& evidence, const AddressEvidence& at,
                          std::span<const CheckResult> refused) {
  AddressCase c{evidence, at, at.findings};
  for (const auto check : kChecks) check(&c);
  Answers(&c, refused);
  return {at.address.ToString(), at.address.ToString(), std::move(c.rows)};
}

}  // namespace heloguard
