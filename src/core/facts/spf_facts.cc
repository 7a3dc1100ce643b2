// Whether the client may use its HELO name, by the SPF record published there: RFC 7208 section 2.3.
// The judging is in spf.cc; here it becomes a fact (fact_rows.h). Tests: tests/unit/core/facts/spf_facts_test.cc.
#include "heloguard/dns/spf.h"

#include <array>

#include "core/facts/fact_rows.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard {
namespace {

// Section 2.3: only a name of several labels can be judged.
Fact HeloFact(const FactContext& c) {
  if (!c.inputs.helo) return Fact::Unknown();
  if (c.inputs.helo->kind != HeloKind::kFqdn || !c.inputs.helo->domain) return Fact::NotApplicable();
  if (!c.inputs.client) return c.inputs.client_known ? Fact::NotApplicable() : Fact::Unknown();
  const SpfEvaluation evaluation = EvaluateSpf({*c.inputs.client, *c.inputs.helo->domain}, c.answers);
  if (!evaluation.result) return Fact::Unknown();
  return *evaluation.result == SpfResult::kTemperror ? Fact::Transient(*evaluation.result)
                                                     : Fact::Enum(*evaluation.result);
}

constexpr std::array<FactSpec, 1> kRows{{
    {FactId::kSpfHelo,
     "spf.helo",
     FactType::kEnum,
     EnumNames<SpfResult>,
     Stage::kHelo,
     "TXT and what it asks for",
     {LookupId::kSpf},
     "Whether the SPF record of the HELO name lets the client use it (RFC 7208 section 2.3); none: there is no record.",
     HeloFact},
}};

}  // namespace

std::span<const FactSpec> SpfFacts() { return kRows; }

}  // namespace heloguard
