// helo.literal: does an address literal hold the client's own address? A row of fact_rows.h.
//
// Whole addresses are compared, family and mapping aside: [192.0.2.10] is not 192.0.2.1, and [IPv6:::ffff:192.0.2.1]
// is. A literal stands for the client itself (RFC 5321 section 4.1.3), so this is no comparison of a name with an
// address (section 4.1.4). Bare addresses are no literals. Tests: tests/unit/core/facts/helo_syntax_test.cc.
#include "core/facts/fact_rows.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard {
namespace {

bool IsAddressLiteral(HeloKind kind) { return kind == HeloKind::kIpv4Literal || kind == HeloKind::kIpv6Literal; }

Fact HeloLiteral(const FactContext& context) {
  const SessionInputs& inputs = context.inputs;
  if (!inputs.helo) return Fact::Unknown();
  if (!IsAddressLiteral(inputs.helo->kind) || !inputs.helo->address) return Fact::NotApplicable();
  if (!inputs.client_known) return Fact::Unknown();
  if (!inputs.client) return Fact::NotApplicable();
  const bool same = inputs.helo->address->Unmapped() == inputs.client->Unmapped();
  return Fact::Enum(same ? LiteralMatch::kMatch : LiteralMatch::kMismatch);
}

constexpr FactSpec kRows[] = {
    {FactId::kHeloLiteral,
     "helo.literal",
     FactType::kEnum,
     EnumNames<LiteralMatch>,
     Stage::kHelo,
     "-",
     {},
     "Whether an IPv4 or IPv6 literal is the client's address; IPv4-mapped IPv6 counts as IPv4. Does not apply to any "
     "other kind.",
     HeloLiteral},
};

}  // namespace

std::span<const FactSpec> HeloLiteralFacts() { return kRows; }

}  // namespace heloguard
