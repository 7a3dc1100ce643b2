// The lookup table and the planner: which questions can be asked now. No I/O, no state.
// Reverse DNS as in RFC 8601 section 3 (PTR, then the names' addresses). Tests: tests/unit/core/dns/lookup_test.cc.
#include "heloguard/dns/lookup.h"

#include <algorithm>
#include <array>

#include "heloguard/dns/spf.h"

namespace heloguard {
namespace {

using Questions = std::vector<DnsQuestion>;

Questions ReversePtr(const LookupContext& c) {
  if (!c.inputs.client) return {};
  return {{DomainName::Reverse(*c.inputs.client), RecordType::kPtr}};
}

// The client's own family suffices: another family's address can never be the client's.
Questions ReverseForward(const LookupContext& c) {
  if (!c.inputs.client) return {};
  const DnsAnswer* ptr = c.book.Find({DomainName::Reverse(*c.inputs.client), RecordType::kPtr});
  if (ptr == nullptr || ptr->status != DnsStatus::kAnswer) return {};
  Questions questions;
  for (const DnsRecord& record : ptr->data) {
    if (questions.size() == c.limits.max_ptr_names) break;
    if (const auto* name = std::get_if<DomainName>(&record)) {
      questions.push_back({*name, AddressTypeFor(*c.inputs.client)});
    }
  }
  return questions;
}

// Both families: whether the name has any address at all is part of the fact.
Questions HeloAddresses(const LookupContext& c) {
  if (!c.inputs.helo) return {};
  return {{*c.inputs.helo, RecordType::kA}, {*c.inputs.helo, RecordType::kAaaa}};
}

Questions HeloMxRecords(const LookupContext& c) {
  if (!c.inputs.helo) return {};
  return {{*c.inputs.helo, RecordType::kMx}};
}

// One term of the record after another: the one that matches spares the rest.
Questions SpfQuestions(const LookupContext& c) {
  if (!c.inputs.client || !c.inputs.helo || c.inputs.helo->labels().size() < 2) return {};
  return EvaluateSpf({*c.inputs.client, *c.inputs.helo}, c.book).questions;
}

template <std::size_t N>
constexpr std::size_t AtMost(const LookupLimits& /*limits*/) {
  return N;
}
constexpr std::size_t OneForEachPtrName(const LookupLimits& limits) { return limits.max_ptr_names; }

// The worst record: TXT, and ten terms that look up MX and the addresses of ten names each. An include or a redirect is
// such a term with a TXT in place of the MX; the names of ptr and %{p} are the same for all terms.
constexpr std::size_t kMaxSpfQuestions = 1 + kMaxSpfLookupTerms * (1 + kMaxSpfNames);

using enum LookupKey;
constexpr std::array<LookupSpec, EnumNames<LookupId>.size()> kLookups{{
    {LookupId::kReversePtr, kClient, Source::kDns, {}, AtMost<1>, ReversePtr},
    {LookupId::kReverseForward, kClient, Source::kDns, {LookupId::kReversePtr}, OneForEachPtrName, ReverseForward},
    {LookupId::kHeloAddress, kHelo, Source::kDns, {}, AtMost<2>, HeloAddresses},
    {LookupId::kHeloMx, kHelo, Source::kDns, {}, AtMost<1>, HeloMxRecords},
    {LookupId::kSpf, kClientAndHelo, Source::kDns, {}, AtMost<kMaxSpfQuestions>, SpfQuestions},
}};

// Whole, in the order of LookupId, and no row needs one that comes later or hangs on something else.
constexpr bool IsSound(std::span<const LookupSpec> table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].id != static_cast<LookupId>(i)) return false;
    for (std::size_t j = 0; j < table.size(); ++j) {
      if (table[i].prerequisites.Has(static_cast<LookupId>(j)) && (j >= i || table[j].key != table[i].key))
        return false;
    }
  }
  return true;
}
static_assert(IsSound(kLookups));

bool Uses(LookupSet wanted, std::initializer_list<LookupKey> keys) {
  return std::ranges::any_of(kLookups, [&](const LookupSpec& spec) {
    return wanted.Has(spec.id) && std::ranges::find(keys, spec.key) != keys.end();
  });
}

// What the keys behind `key` are left of a session's cap. The last one has no claim.
std::size_t KeptFreeBehind(LookupKey key, const LookupLimits& limits) {
  std::size_t kept = 0;
  for (std::size_t i = static_cast<std::size_t>(key) + 1; i + 1 < EnumNames<LookupKey>.size(); ++i) {
    kept += MaxQuestions(LookupsKeyedBy(static_cast<LookupKey>(i)), limits);
  }
  return kept;
}

}  // namespace

RecordType AddressTypeFor(const IpAddress& address) { return address.is_v4() ? RecordType::kA : RecordType::kAaaa; }

std::span<const LookupSpec> LookupTable() { return kLookups; }

LookupSet LookupsKeyedBy(LookupKey key) {
  LookupSet lookups;
  for (const LookupSpec& spec : kLookups) {
    if (spec.key == key) lookups.Add(spec.id);
  }
  return lookups;
}

LookupSet WithPrerequisites(LookupSet wanted) {
  LookupSet all = wanted;
  for (auto spec = kLookups.rbegin(); spec != kLookups.rend(); ++spec) {
    if (all.Has(spec->id)) all = all | spec->prerequisites;
  }
  return all;
}

LookupInputs InputsFor(LookupSet wanted, const LookupInputs& all) {
  LookupInputs used;
  if (Uses(wanted, {kClient, kClientAndHelo})) used.client = all.client;
  if (Uses(wanted, {kHelo, kClientAndHelo})) used.helo = all.helo;
  if (Uses(wanted, {kMailDomain})) used.mail_domain = all.mail_domain;
  return used;
}

std::size_t MaxQuestions(LookupSet wanted, const LookupLimits& limits) {
  std::size_t most = 0;
  for (const LookupSpec& spec : kLookups) {
    if (wanted.Has(spec.id)) most += spec.max_questions(limits);
  }
  return most;
}

LookupLimits ShareOf(LookupKey key, const LookupLimits& session) {
  LookupLimits share = session;
  std::size_t left = session.max_lookups;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(key); ++i) {
    const auto each = static_cast<LookupKey>(i);
    left -= i == 0 ? 0 : share.max_lookups;
    const std::size_t kept = std::min(left, KeptFreeBehind(each, session));
    const std::size_t room = std::max(left - kept, std::min<std::size_t>(left, 1));
    share.max_lookups = std::min(room, MaxQuestions(LookupsKeyedBy(each), session));
  }
  return share;
}

std::vector<DnsQuestion> NextQuestions(LookupSet wanted, const LookupInputs& inputs, const DnsAnswers& book,
                                       const LookupLimits& limits) {
  return NextQuestionsOf(kLookups, WithPrerequisites(wanted), {inputs, book, limits});
}

std::vector<DnsQuestion> NextQuestionsOf(std::span<const LookupSpec> table, LookupSet wanted,
                                         const LookupContext& context) {
  Questions next;
  for (const LookupSpec& spec : table) {
    if (!wanted.Has(spec.id)) continue;
    for (DnsQuestion& question : spec.questions(context)) {
      question.source = spec.source;
      if (context.book.entries().size() + next.size() >= context.limits.max_lookups) return next;
      if (context.book.Find(question) != nullptr || std::ranges::find(next, question) != next.end()) continue;
      next.push_back(std::move(question));
    }
  }
  return next;
}

}  // namespace heloguard
