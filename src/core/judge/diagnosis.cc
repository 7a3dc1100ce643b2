// Which link of the chain is wrong, and what to say of it. Decides; the sentences stand in diagnosis_text.cc.
// Knows no policy and no verdict. RFC 8601 section 3 (reverse DNS), RFC 5321 sections 2.3.5 and 4.1.4 (the HELO name).
// Tests: tests/unit/core/judge/diagnosis_test.cc.
#include "heloguard/judge/diagnosis.h"

#include <algorithm>
#include <array>

#include "core/judge/diagnosis_text.h"
#include "heloguard/base/public_suffix.h"
#include "heloguard/base/special_use.h"

namespace heloguard {
namespace {

using Kind = Finding::Kind;
using Questions = std::vector<DnsQuestion>;

struct Case {
  const FactContext& facts;
  IpAddress client;
  DnsQuestion ptr;
  const DomainName* helo = nullptr;  // null: the client said none that is a name
  std::optional<HeloAddress> helo_address = std::nullopt;
  std::optional<Agreement> helo_rdns = std::nullopt;
  std::vector<Finding> findings = {};

  [[nodiscard]] RecordType AddressType() const { return AddressTypeFor(client); }
  // The forward lookup in the client's own family; null if it was not made.
  [[nodiscard]] const DnsAnswer* Forward(const DomainName& name) const {
    return facts.answers.FindAsked({name, AddressType()});
  }
  [[nodiscard]] bool HeloLeadsBack() const { return helo_address == HeloAddress::kMatch; }
  [[nodiscard]] bool Has(Kind kind, const DomainName& name) const {
    return std::ranges::any_of(findings, [&](const Finding& f) { return f.kind == kind && f.record.name == name; });
  }
  void Add(Kind kind, DnsQuestion record, std::string text) {
    findings.push_back({kind, std::move(record), std::move(text)});
  }
};

// A name somebody can publish records for. `status` is how the lookup of its address ended: a top-level domain that our
// list does not have is none only if DNS does not have it either.
bool IsPublic(const DomainName& name, DnsStatus status) {
  if (name.labels().size() < 2 || IsSpecialUse(name) || IsPublicSuffix(name)) return false;
  return status != DnsStatus::kNxDomain || HasKnownTld(name);
}

// The name a PTR record should give: one that leads back already. Null if none is known.
const DomainName* GoodName(const Case& c) {
  if (c.helo != nullptr && c.HeloLeadsBack() && c.helo->IsHostName()) return c.helo;
  return c.facts.rdns.verified.empty() ? nullptr : &c.facts.rdns.verified.front();
}

// The name to say in HELO: a verified one, unless it only spells the address, as names of dial-up pools do.
const DomainName* NameToSay(const Case& c) {
  const auto& verified = c.facts.rdns.verified;
  const auto it = std::ranges::find_if(verified, [&](const DomainName& name) {
    return name.IsHostName() && IsPublic(name, DnsStatus::kAnswer) && !EmbedsAddress(name.ToText(), c.client);
  });
  return it == verified.end() ? nullptr : &*it;
}

// One finding for each way in which some of `questions` came to nothing.
void AddUnsettled(const Questions& questions, const UnsettledWords& words, Case* c) {
  for (const DnsStatus status : {DnsStatus::kBogus, DnsStatus::kServFail, DnsStatus::kTimeout}) {
    Questions same;
    std::string why;
    for (const DnsQuestion& question : questions) {
      const DnsAnswer* answer = c->facts.answers.Find(question);
      if (answer == nullptr || answer->status != status) continue;
      if (same.empty()) why = answer->why;
      same.push_back(question);
    }
    if (same.empty()) continue;
    std::string text = status == DnsStatus::kBogus ? BogusText(same, why, words) : UnansweredText(same, status, words);
    c->Add(Kind::kUnclear, same.front(), std::move(text));
  }
}

// --- the links, one function each ---

// Neither the reverse tree nor the HELO name's answered: the sender may run both, but more often the fault is here.
void OwnResolver(Case* c) {
  bool reverse = false;
  bool forward = false;
  bool all_bogus = true;
  for (const auto& [question, answer] : c->facts.answers.entries()) {
    if (answer.status == DnsStatus::kNotAsked) continue;
    if (!IsTransient(answer.status)) return;
    (question.type == RecordType::kPtr ? reverse : forward) = true;
    all_bogus &= answer.status == DnsStatus::kBogus;
  }
  if (!reverse || !forward) return;
  c->Add(Kind::kUnclear, c->ptr, OwnFaultText(all_bogus));
  c->findings.back().our_own = true;
}

void ReversePtr(Case* c) {
  AddUnsettled({c->ptr}, ReverseWords(c->client), c);
  const DnsAnswer* ptr = c->facts.answers.Find(c->ptr);
  if (ptr == nullptr || c->facts.rdns.status != RdnsStatus::kPermerror) return;
  c->Add(Kind::kWrong, c->ptr, NoPtrText(c->client, PtrRecordText(c->ptr, GoodName(*c))));
}

// The PTR name to put right: the one said in HELO, else the first that can have an address at all.
const DomainName* PtrNameToMend(const Case& c) {
  const auto mendable = [&](const DomainName& name) {
    const DnsAnswer* forward = c.Forward(name);
    return forward != nullptr && name.IsHostName() && IsPublic(name, forward->status);
  };
  const auto& names = c.facts.rdns.ptr_names;
  if (c.helo != nullptr && std::ranges::find(names, *c.helo) != names.end() && mendable(*c.helo)) return c.helo;
  const auto it = std::ranges::find_if(names, mendable);
  return it == names.end() ? nullptr : &*it;
}

// Every PTR name answered, and none holds the client's address.
void ReverseForward(Case* c) {
  const RdnsEvidence& rdns = c->facts.rdns;
  if (rdns.status != RdnsStatus::kFail || rdns.ptr_names.empty() || c->facts.inputs.rdns) return;
  const DomainName* mend = PtrNameToMend(*c);
  const DomainName& shown = mend != nullptr ? *mend : rdns.ptr_names.front();
  const DnsQuestion forward{shown, c->AddressType()};
  PtrFailure failure{.client = c->client, .name = shown, .names = rdns.ptr_names.size()};
  failure.said_in_helo = c->helo != nullptr && *c->helo == shown;
  failure.answer = c->facts.answers.Find(forward);
  const DomainName* good = GoodName(*c);
  if (mend != nullptr && good == nullptr) {
    c->Add(Kind::kWrong, forward, WrongPtrText(failure) + MendForwardText(forward, c->client));
    return;
  }
  // The address block alone can put it right, or the HELO name shows that its record is the one that is off.
  failure.unusable = mend == nullptr;
  c->Add(Kind::kWrong, c->ptr, WrongPtrText(failure) + MendPtrText(PtrRecordText(c->ptr, good)));
}

void ReverseForwardUnsettled(Case* c) {
  const RdnsEvidence& rdns = c->facts.rdns;
  if (rdns.status != RdnsStatus::kTemperror) return;
  Questions questions;
  for (const DomainName& name : rdns.ptr_names) questions.push_back({name, c->AddressType()});
  AddUnsettled(questions, PtrNameWords(), c);
}

// Others look at ten names at most too (RFC 7208 section 5.5), and not at the same ten.
void TooManyPtrNames(Case* c) {
  const auto& names = c->facts.rdns.ptr_names;
  const auto looked_at = static_cast<std::size_t>(
      std::ranges::count_if(names, [&](const DomainName& name) { return c->Forward(name) != nullptr; }));
  if (looked_at == 0 || looked_at == names.size()) return;
  const Kind kind = c->facts.rdns.verified.empty() ? Kind::kUnclear : Kind::kAdvice;
  c->Add(kind, c->ptr, ManyPtrText({c->client, names.size(), looked_at, PtrRecordText(c->ptr, GoodName(*c))}));
}

void HeloUnsettled(Case* c) {
  if (c->helo == nullptr || c->Has(Kind::kUnclear, *c->helo)) return;
  Questions questions;
  for (const RecordType type : {RecordType::kA, RecordType::kAaaa, RecordType::kMx}) {
    questions.push_back({*c->helo, type});
  }
  AddUnsettled(questions, HeloWords(), c);
}

// The HELO name is a name like any other here: what it leads to is told, and RFC 5321 section 4.1.4 is kept in mind.
void HeloAddresses(Case* c) {
  if (!c->helo_address || c->Has(Kind::kWrong, *c->helo)) return;
  const DnsQuestion record{*c->helo, c->AddressType()};
  const DnsAnswer* own_family = c->Forward(*c->helo);
  HeloFailure failure{c->client, *c->helo, own_family, NameToSay(*c)};
  const bool nxdomain = c->helo_address == HeloAddress::kNxDomain;
  switch (*c->helo_address) {
    case HeloAddress::kNxDomain:
    case HeloAddress::kNoData:
    case HeloAddress::kMismatch:
      if (!IsPublic(*c->helo, nxdomain ? DnsStatus::kNxDomain : DnsStatus::kAnswer)) {
        c->Add(Kind::kWrong, record, PrivateHeloText(failure));
      } else if (c->helo_address == HeloAddress::kMismatch) {
        c->Add(Kind::kAdvice, record, OtherAddressText(failure));
      } else {
        c->Add(Kind::kWrong, record, NoAddressText(failure, nxdomain));
      }
      return;
    case HeloAddress::kMatch:
      if (c->helo_rdns != Agreement::kDifferent || !c->helo->IsHostName()) return;
      c->Add(Kind::kAdvice, c->ptr,
             OtherDomainText(*c->helo, c->facts.rdns.verified.front(), PtrRecordText(c->ptr, c->helo)));
      return;
    case HeloAddress::kTemperror:
    case HeloAddress::kBogus:
      return;
  }
}

constexpr std::array<void (*)(Case*), 7> kLinks{
    OwnResolver, ReversePtr, ReverseForward, ReverseForwardUnsettled, TooManyPtrNames, HeloUnsettled, HeloAddresses,
};

}  // namespace

std::vector<Finding> Diagnose(const FactContext& context) {
  const SessionInputs& inputs = context.inputs;
  if (!inputs.client) return {};
  Case c{.facts = context, .client = *inputs.client, .ptr = {DomainName::Reverse(*inputs.client), RecordType::kPtr}};
  if (inputs.helo && inputs.helo->domain) c.helo = &*inputs.helo->domain;
  const Facts facts = BuildFacts({FactId::kHeloAddress, FactId::kHeloRdns}, context);
  c.helo_address = ValueOf<HeloAddress>(facts[FactId::kHeloAddress]);
  c.helo_rdns = ValueOf<Agreement>(facts[FactId::kHeloRdns]);
  for (const auto link : kLinks) link(&c);
  std::ranges::stable_sort(c.findings, {}, &Finding::kind);
  if (c.findings.size() > kMaxFindings) c.findings.resize(kMaxFindings);
  return std::move(c.findings);
}

}  // namespace heloguard
