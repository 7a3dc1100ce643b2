// The lookup table and the planner: which questions can be asked now. No I/O, no state.
// Reverse DNS as in RFC 8601 section 3 (PTR, then the names' addresses). Tests: tests/unit/core/dns/lookup_test.cc.
#include "heloguard/dns/lookup.h"

#include <algorithm>
#include <array>

#include "heloguard/dns/spf.h"

namespace heloguard {
namespace {

struct Planning {
  const LookupInputs& inputs;
  const DnsAnswers& book;
  const LookupLimits& limits;
};
using Questions = std::vector<DnsQuestion>;

Questions ReversePtr(const Planning& p) {
  if (!p.inputs.client) return {};
  return {{DomainName::Reverse(*p.inputs.client), RecordType::kPtr}};
}

// The client's own family suffices: another family's address can never be the client's.
Questions ReverseForward(const Planning& p) {
  if (!p.inputs.client) return {};
  const DnsAnswer* ptr = p.book.Find({DomainName::Reverse(*p.inputs.client), RecordType::kPtr});
  if (ptr == nullptr || ptr->status != DnsStatus::kAnswer) return {};
  Questions questions;
  for (const DnsRecord& record : ptr->data) {
    if (questions.size() == p.limits.max_ptr_names) break;
    if (const auto* name = std::get_if<DomainName>(&record)) {
      questions.push_back({*name, AddressTypeFor(*p.inputs.client)});
    }
  }
  return questions;
}

// Both families: whether the name has any address at all is part of the fact.
Questions HeloAddresses(const Planning& p) {
  if (!p.inputs.helo) return {};
  return {{*p.inputs.helo, RecordType::kA}, {*p.inputs.helo, RecordType::kAaaa}};
}

Questions HeloMxRecords(const Planning& p) {
  if (!p.inputs.helo) return {};
  return {{*p.inputs.helo, RecordType::kMx}};
}

// One term of the record after another: the one that matches spares the rest.
Questions SpfQuestions(const Planning& p) {
  if (!p.inputs.client || !p.inputs.helo || p.inputs.helo->labels().size() < 2) return {};
  return EvaluateSpf({*p.inputs.client, *p.inputs.helo}, p.book).questions;
}

struct LookupSpec {
  LookupId id;
  LookupSet prerequisites;
  Questions (*questions)(const Planning&);
};
constexpr std::array<LookupSpec, 5> kLookups{{
    {LookupId::kReversePtr, {}, ReversePtr},
    {LookupId::kReverseForward, {LookupId::kReversePtr}, ReverseForward},
    {LookupId::kHeloAddress, {}, HeloAddresses},
    {LookupId::kHeloMx, {}, HeloMxRecords},
    {LookupId::kSpf, {}, SpfQuestions},
}};

}  // namespace

RecordType AddressTypeFor(const IpAddress& address) { return address.is_v4() ? RecordType::kA : RecordType::kAaaa; }

LookupSet WithPrerequisites(LookupSet wanted) {
  LookupSet all = wanted;
  for (const LookupSpec& spec : kLookups) {
    if (wanted.Has(spec.id)) all = all | spec.prerequisites;
  }
  return all;
}

std::vector<DnsQuestion> NextQuestions(LookupSet wanted, const LookupInputs& inputs, const DnsAnswers& book,
                                       const LookupLimits& limits) {
  const LookupSet all = WithPrerequisites(wanted);
  const Planning planning{inputs, book, limits};
  Questions next;
  for (const LookupSpec& spec : kLookups) {
    if (!all.Has(spec.id)) continue;
    for (DnsQuestion& question : spec.questions(planning)) {
      if (book.entries().size() + next.size() >= limits.max_lookups) return next;
      if (book.Find(question) != nullptr || std::ranges::find(next, question) != next.end()) continue;
      next.push_back(std::move(question));
    }
  }
  return next;
}

}  // namespace heloguard
