// The client's reverse DNS (fact_rows.h): iprev of RFC 8601 section 3, with the DNSSEC state of every link (RFC 4033
// section 5). A name that could not be looked up never makes a fail: pass needs one name that leads back, fail needs
// all names to have answered. Tests: tests/unit/core/facts/rdns_test.cc, tests/dnsworld.
#include <algorithm>

#include "core/facts/dnssec_links.h"
#include "core/facts/fact_rows.h"
#include "core/facts/name_traits.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard {
namespace {

using Known = RdnsEvidence::Known;

bool HoldsAddress(const DnsAnswer& answer, const IpAddress& address) {
  return answer.status == DnsStatus::kAnswer && std::ranges::find(answer.data, DnsRecord(address)) != answer.data.end();
}

// Told by hand: what a name and a status imply, and no more. Nothing is known about DNSSEC.
RdnsEvidence FromSupplied(const SuppliedRdns& supplied) {
  RdnsEvidence evidence;
  evidence.status = supplied.status;
  evidence.dnssec = supplied.dnssec;
  if (supplied.name) {
    evidence.ptr_state = Known::kKnown;
    evidence.ptr_names = {*supplied.name};
    if (supplied.status == RdnsStatus::kPass) evidence.verified = evidence.ptr_names;
    evidence.all_settled = supplied.status.has_value();
  } else if (supplied.status == RdnsStatus::kPermerror) {
    evidence.ptr_state = Known::kNotApplicable;
  }
  return evidence;
}

// The forward lookups of all PTR names. A name over the cap has no answer and counts as not looked up, unless it is
// the HELO name, whose addresses may be known anyway.
void AssessForward(const IpAddress& client, const DnsAnswers& answers, DnssecLinks ptr_link, RdnsEvidence* evidence) {
  bool transient = false;
  bool missing = false;
  bool bogus = false;
  DnssecLinks verified_links = ptr_link;
  DnssecLinks all_links = ptr_link;
  for (const DomainName& name : evidence->ptr_names) {
    const DnsAnswer* forward = answers.FindAsked({name, AddressTypeFor(client)});
    if (forward == nullptr) {
      missing = true;
      continue;
    }
    transient |= IsTransient(forward->status);
    bogus |= forward->status == DnsStatus::kBogus;
    all_links.Add(forward->dnssec);
    if (!HoldsAddress(*forward, client)) continue;
    evidence->verified.push_back(name);
    verified_links.Add(forward->dnssec);
  }
  evidence->all_settled = !transient && !missing;
  if (!evidence->verified.empty()) {
    evidence->status = RdnsStatus::kPass;
    evidence->dnssec = verified_links.Joined();
  } else if (transient) {
    evidence->status = RdnsStatus::kTemperror;
    if (bogus) evidence->dnssec = Dnssec::kBogus;
  } else if (!missing) {
    evidence->status = RdnsStatus::kFail;
    evidence->dnssec = all_links.Joined();
  }
}

Fact StatusFact(const FactContext& c) {
  if (c.inputs.client_known && !c.inputs.client) return Fact::NotApplicable();
  if (!c.rdns.status) return Fact::Unknown();
  return *c.rdns.status == RdnsStatus::kTemperror ? Fact::Transient(*c.rdns.status) : Fact::Enum(*c.rdns.status);
}

std::vector<std::string> Texts(const std::vector<DomainName>& names) {
  std::vector<std::string> texts;
  texts.reserve(names.size());
  for (const DomainName& name : names) texts.push_back(name.ToText());
  return texts;
}

// While a PTR name's addresses are not settled, it may yet turn out to be verified too.
Fact VerifiedNamesFact(const FactContext& c) {
  if (c.inputs.client_known && !c.inputs.client) return Fact::NotApplicable();
  if (!c.rdns.verified.empty()) {
    auto names = Texts(c.rdns.verified);
    return c.rdns.all_settled ? Fact::Names(std::move(names)) : Fact::SomeNames(std::move(names));
  }
  return HasNoVerifiedName(c.rdns) ? Fact::NotApplicable() : Fact::Unknown();
}

Fact PtrNamesFact(const FactContext& c) {
  switch (c.rdns.ptr_state) {
    case Known::kUnknown:
      return Fact::Unknown();
    case Known::kNotApplicable:
      return Fact::NotApplicable();
    case Known::kKnown:
      break;
  }
  return Fact::Names(Texts(c.rdns.ptr_names));
}

Fact TraitsFact(const FactContext& c) {
  if (c.rdns.ptr_state == Known::kUnknown) return Fact::Unknown();
  if (c.rdns.ptr_state == Known::kNotApplicable) return Fact::NotApplicable();
  EnumSet<NameTrait> traits;
  for (const DomainName& name : c.rdns.ptr_names) traits = traits | TraitsOfName(name, c.inputs);
  return Fact::Set(traits);
}

Fact DnssecFact(const FactContext& c) {
  if (c.inputs.client_known && !c.inputs.client) return Fact::NotApplicable();
  if (!c.rdns.dnssec) return Fact::Unknown();
  return *c.rdns.dnssec == Dnssec::kBogus ? Fact::Transient(*c.rdns.dnssec) : Fact::Enum(*c.rdns.dnssec);
}

constexpr LookupSet kPtr{LookupId::kReversePtr};
constexpr LookupSet kBoth{LookupId::kReversePtr, LookupId::kReverseForward};
constexpr std::string_view kBothText = "PTR, then A or AAAA";

constexpr std::array<FactSpec, 5> kRows{{
    {FactId::kRdnsStatus, "rdns.status", FactType::kEnum, EnumNames<RdnsStatus>, Stage::kConnect, kBothText, kBoth,
     "Reverse DNS as RFC 8601 iprev: pass if a PTR name leads back to the client, fail if none does, permerror without "
     "a PTR record, temperror if DNS did not answer.",
     StatusFact},
    {FactId::kRdnsName,
     "rdns.name",
     FactType::kNames,
     {},
     Stage::kConnect,
     kBothText,
     kBoth,
     "Every verified name of the client: a PTR name whose addresses hold the client's.",
     VerifiedNamesFact},
    {FactId::kRdnsPtr,
     "rdns.ptr",
     FactType::kNames,
     {},
     Stage::kConnect,
     "PTR",
     kPtr,
     "Every PTR name of the client, verified or not.",
     PtrNamesFact},
    {FactId::kRdnsTraits, "rdns.traits", FactType::kSet, EnumNames<NameTrait>, Stage::kConnect, "PTR", kPtr,
     "What the PTR names claim to be, together; the words are those of helo.traits.", TraitsFact},
    {FactId::kRdnsDnssec, "rdns.dnssec", FactType::kEnum, EnumNames<Dnssec>, Stage::kConnect, kBothText, kBoth,
     "DNSSEC state of the reverse lookup: secure only when every link used is, bogus when it failed for bogus data.",
     DnssecFact},
}};

}  // namespace

const DomainName* RdnsEvidence::ShownName() const {
  const auto& names = verified.empty() ? ptr_names : verified;
  return names.empty() ? nullptr : &names.front();
}

bool HasNoVerifiedName(const RdnsEvidence& rdns) {
  return rdns.status == RdnsStatus::kFail || rdns.status == RdnsStatus::kPermerror;
}

RdnsEvidence AssessRdns(const SessionInputs& inputs, const DnsAnswers& answers) {
  RdnsEvidence evidence;
  if (!inputs.client) {
    if (inputs.client_known) evidence.ptr_state = Known::kNotApplicable;
    return evidence;
  }
  if (inputs.rdns) return FromSupplied(*inputs.rdns);
  const DnsAnswer* ptr = answers.FindAsked({DomainName::Reverse(*inputs.client), RecordType::kPtr});
  if (ptr == nullptr) return evidence;
  if (IsTransient(ptr->status)) {
    evidence.status = RdnsStatus::kTemperror;
    if (ptr->status == DnsStatus::kBogus) evidence.dnssec = Dnssec::kBogus;
    return evidence;
  }
  DnssecLinks link;
  link.Add(ptr->dnssec);
  for (const DnsRecord& record : ptr->data) {
    if (const auto* name = std::get_if<DomainName>(&record)) evidence.ptr_names.push_back(*name);
  }
  if (evidence.ptr_names.empty()) {
    evidence.ptr_state = Known::kNotApplicable;
    evidence.status = RdnsStatus::kPermerror;
    evidence.dnssec = link.Joined();
    evidence.all_settled = true;
    return evidence;
  }
  evidence.ptr_state = Known::kKnown;
  AssessForward(*inputs.client, answers, link, &evidence);
  return evidence;
}

std::span<const FactSpec> RdnsFacts() { return kRows; }

}  // namespace heloguard
