// helo.name, helo.kind, helo.flaws, helo.changed: the HELO text by itself, without the client and without DNS
// (fact_rows.h).
//
// A session without HELO (a proxy that speaks XCLIENT) has a kind at MAIL, "missing", and nothing else applies to it.
// Tests: tests/unit/core/facts/helo_syntax_test.cc.
#include "core/facts/fact_rows.h"
#include "heloguard/base/escape.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard {
namespace {

// Four characters an octet are the most EscapeBytes makes, so that nothing is cut here.
constexpr std::size_t kMaxNameText = 4 * kMaxHeloBytes;

// Unknown before HELO, not applicable without one; nullopt if there is a text to look at.
std::optional<Fact> WithoutText(const FactContext& context) {
  if (!context.inputs.helo) return Fact::Unknown();
  if (context.inputs.helo->kind == HeloKind::kMissing) return Fact::NotApplicable();
  return std::nullopt;
}

// Escaped: a pattern sees \x00 as four characters, never a control octet or half of a UTF-8 character, and what it
// matched can be shown as it is. A name of letters, digits, hyphens and dots is unchanged by it.
Fact HeloName(const FactContext& context) {
  if (auto fact = WithoutText(context)) return *fact;
  return Fact::Names({EscapeBytes(context.inputs.helo->name, kMaxNameText)});
}

Fact HeloKindOf(const FactContext& context) {
  return context.inputs.helo ? Fact::Enum(context.inputs.helo->kind) : Fact::Unknown();
}

Fact HeloFlaws(const FactContext& context) {
  if (auto fact = WithoutText(context)) return *fact;
  return Fact::Set(context.inputs.helo->flaws);
}

// The session compares the names: it alone has seen the earlier ones, and knows which were said before TLS.
Fact HeloChanged(const FactContext& context) {
  if (auto fact = WithoutText(context)) return *fact;
  return context.inputs.helo_changed ? Fact::Bool(*context.inputs.helo_changed) : Fact::Unknown();
}

constexpr FactSpec kRows[] = {
    {FactId::kHeloName,
     "helo.name",
     FactType::kNames,
     {},
     Stage::kHelo,
     "-",
     {},
     "The name as said, in lower case, without one trailing dot; octets outside printable ASCII, and backslashes, as "
     "\\xNN. Does not apply without HELO.",
     HeloName},
    {FactId::kHeloKind,
     "helo.kind",
     FactType::kEnum,
     EnumNames<HeloKind>,
     Stage::kHelo,
     "-",
     {},
     "What the text is: a name, a bare address, an address literal, or none of these (malformed). At MAIL a session "
     "without any HELO has kind missing.",
     HeloKindOf},
    {FactId::kHeloFlaws,
     "helo.flaws",
     FactType::kSet,
     EnumNames<HeloFlaw>,
     Stage::kHelo,
     "-",
     {},
     "Everything wrong with the text. A name stays fqdn or single-label with underscore, numeric-tld, unknown-tld, "
     "public-suffix and bad-punycode; every other flaw makes it malformed.",
     HeloFlaws},
    {FactId::kHeloChanged,
     "helo.changed",
     FactType::kBool,
     kBoolWords,
     Stage::kHelo,
     "-",
     {},
     "Whether an earlier HELO of the session had another name. One said before STARTTLS does not count.",
     HeloChanged},
};

}  // namespace

std::span<const FactSpec> HeloSyntaxFacts() { return kRows; }

}  // namespace heloguard
