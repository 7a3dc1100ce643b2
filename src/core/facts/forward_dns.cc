// What the HELO name says of itself in DNS, and how it agrees with the client's reverse DNS (fact_rows.h).
// RFC 5321 section 2.3.5 wants an address record; section 4.1.4 forbids refusing on a mismatch alone (the policy guard
// sees to that). Both address families are joined before judging. Tests: tests/unit/core/facts/forward_dns_test.cc.
#include <algorithm>
#include <array>

#include "core/facts/dnssec_links.h"
#include "core/facts/fact_rows.h"
#include "heloguard/base/public_suffix.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard {
namespace {

// Whether the HELO is a name at all. Before HELO nothing is known; a literal, a bare address, a malformed or missing
// HELO has no domain, and facts about one do not apply.
std::optional<Fact> NoDomain(const FactContext& c) {
  if (!c.inputs.helo) return Fact::Unknown();
  if (!c.inputs.helo->domain) return Fact::NotApplicable();
  return std::nullopt;
}

struct AddressAnswers {
  std::array<const DnsAnswer*, 2> both;
  [[nodiscard]] bool Any(DnsStatus status) const {
    return std::ranges::any_of(both, [&](const DnsAnswer* a) { return a->status == status; });
  }
};

// nullopt until both families have been asked and have answered in some way.
std::optional<AddressAnswers> HeloAnswers(const FactContext& c) {
  AddressAnswers answers{};
  const std::array types{RecordType::kA, RecordType::kAaaa};
  for (std::size_t i = 0; i < types.size(); ++i) {
    answers.both[i] = c.answers.Find({*c.inputs.helo->domain, types[i]});
    if (answers.both[i] == nullptr) return std::nullopt;
  }
  return answers;
}

// The family of the client alone can settle a match.
bool HeloHoldsClient(const FactContext& c) {
  const DnsAnswer* own = c.answers.Find({*c.inputs.helo->domain, AddressTypeFor(*c.inputs.client)});
  return own != nullptr && own->status == DnsStatus::kAnswer &&
         std::ranges::find(own->data, DnsRecord(*c.inputs.client)) != own->data.end();
}

Fact AddressFact(const FactContext& c) {
  if (auto none = NoDomain(c)) return *none;
  if (!c.inputs.client) return c.inputs.client_known ? Fact::NotApplicable() : Fact::Unknown();
  if (HeloHoldsClient(c)) return Fact::Enum(HeloAddress::kMatch);
  const auto answers = HeloAnswers(c);
  if (!answers || answers->Any(DnsStatus::kNotAsked)) return Fact::Unknown();
  if (answers->Any(DnsStatus::kBogus)) return Fact::Transient(HeloAddress::kBogus);
  if (answers->Any(DnsStatus::kTimeout) || answers->Any(DnsStatus::kServFail)) {
    return Fact::Transient(HeloAddress::kTemperror);
  }
  if (answers->Any(DnsStatus::kAnswer)) return Fact::Enum(HeloAddress::kMismatch);
  return Fact::Enum(answers->Any(DnsStatus::kNoData) ? HeloAddress::kNoData : HeloAddress::kNxDomain);
}

Fact DnssecFact(const FactContext& c) {
  if (auto none = NoDomain(c)) return *none;
  const auto answers = HeloAnswers(c);
  if (!answers) return Fact::Unknown();
  if (answers->Any(DnsStatus::kBogus)) return Fact::Transient(Dnssec::kBogus);
  DnssecLinks links;
  for (const DnsAnswer* answer : answers->both) {
    if (IsTransient(answer->status) || answer->status == DnsStatus::kNotAsked) return Fact::Unknown();
    links.Add(answer->dnssec);
  }
  return Fact::Enum(links.Joined());
}

Fact MxFact(const FactContext& c) {
  if (auto none = NoDomain(c)) return *none;
  const DnsAnswer* mx = c.answers.FindAsked({*c.inputs.helo->domain, RecordType::kMx});
  if (mx == nullptr) return Fact::Unknown();
  if (IsTransient(mx->status)) return Fact::Transient(HeloMx::kTemperror);
  if (mx->data.empty()) return Fact::Enum(HeloMx::kNone);
  const auto* only = std::get_if<MxRecord>(&mx->data.front());
  const bool null_mx = mx->data.size() == 1 && only != nullptr && only->exchange.empty();  // RFC 7505
  return Fact::Enum(null_mx ? HeloMx::kNull : HeloMx::kPresent);
}

// The best agreement of `helo` with any of `names`.
Agreement BestAgreement(const DomainName& helo, const std::vector<DomainName>& names) {
  if (std::ranges::find(names, helo) != names.end()) return Agreement::kSame;
  const auto organization = OrganizationalDomain(helo);
  const bool related = organization && std::ranges::any_of(names, [&](const DomainName& name) {
                         return OrganizationalDomain(name) == organization;
                       });
  return related ? Agreement::kSameDomain : Agreement::kDifferent;
}

// Against verified names. While names are outstanding, a better agreement may still come: only the best one is settled.
Fact RdnsFact(const FactContext& c) {
  if (auto none = NoDomain(c)) return *none;
  if (c.inputs.client_known && !c.inputs.client) return Fact::NotApplicable();
  if (c.rdns.verified.empty()) {
    return HasNoVerifiedName(c.rdns) ? Fact::NotApplicable() : Fact::Unknown();
  }
  const Agreement best = BestAgreement(*c.inputs.helo->domain, c.rdns.verified);
  if (best != Agreement::kSame && !c.rdns.all_settled) return Fact::Unknown();
  return Fact::Enum(best);
}

Fact PtrFact(const FactContext& c) {
  if (auto none = NoDomain(c)) return *none;
  switch (c.rdns.ptr_state) {
    case RdnsEvidence::Known::kUnknown:
      return Fact::Unknown();
    case RdnsEvidence::Known::kNotApplicable:
      return Fact::NotApplicable();
    case RdnsEvidence::Known::kKnown:
      break;
  }
  return Fact::Enum(BestAgreement(*c.inputs.helo->domain, c.rdns.ptr_names));
}

constexpr LookupSet kAddresses{LookupId::kHeloAddress};

constexpr std::array<FactSpec, 5> kRows{{
    {FactId::kHeloAddress, "helo.address", FactType::kEnum, EnumNames<HeloAddress>, Stage::kHelo, "A and AAAA",
     kAddresses,
     "Whether the HELO name's addresses hold the client's. Refusing on a mismatch alone is forbidden by RFC "
     "5321 section 4.1.4.",
     AddressFact},
    {FactId::kHeloDnssec, "helo.dnssec", FactType::kEnum, EnumNames<Dnssec>, Stage::kHelo, "A and AAAA", kAddresses,
     "DNSSEC state of the HELO name's address lookups.", DnssecFact},
    {FactId::kHeloMx,
     "helo.mx",
     FactType::kEnum,
     EnumNames<HeloMx>,
     Stage::kHelo,
     "MX",
     {LookupId::kHeloMx},
     "Whether the HELO name has MX records; null is the null MX of RFC 7505.",
     MxFact},
    {FactId::kHeloRdns,
     "helo.rdns",
     FactType::kEnum,
     EnumNames<Agreement>,
     Stage::kHelo,
     "PTR, then A or AAAA",
     {LookupId::kReversePtr, LookupId::kReverseForward},
     "How the HELO name agrees with the client's verified names: equal, of the same organisational domain, or neither.",
     RdnsFact},
    {FactId::kHeloPtr,
     "helo.ptr",
     FactType::kEnum,
     EnumNames<Agreement>,
     Stage::kHelo,
     "PTR",
     {LookupId::kReversePtr},
     "The same against every PTR name, verified or not.",
     PtrFact},
}};

}  // namespace

std::span<const FactSpec> ForwardDnsFacts() { return kRows; }

}  // namespace heloguard
