// helo.name, helo.kind, helo.flaws, helo.changed, helo.literal: their states and values.
#include <gtest/gtest.h>

#include "core/facts/fact_rows.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard {
namespace {

using namespace std::string_view_literals;

Fact Compute(FactId id, const SessionInputs& inputs) {
  for (const auto rows : {HeloSyntaxFacts(), HeloLiteralFacts(), HeloTraitFacts()}) {
    for (const FactSpec& row : rows) {
      if (row.id == id) return row.compute({inputs, DnsAnswers(), RdnsEvidence()});
    }
  }
  ADD_FAILURE() << "no such row";
  return {};
}

// A session of `client` ("" for one without an address) that said `helo`.
SessionInputs Said(std::string_view client, std::string_view helo) {
  SessionInputs inputs;
  inputs.client_known = true;
  inputs.client = IpAddress::Parse(client);
  inputs.helo = ParseHelo(helo);
  inputs.own = std::make_shared<const OwnIdentity>();
  return inputs;
}

constexpr FactId kAllHeloFacts[] = {FactId::kHeloName,    FactId::kHeloKind,   FactId::kHeloFlaws,
                                    FactId::kHeloChanged, FactId::kHeloTraits, FactId::kHeloLiteral};

TEST(HeloFacts, UnknownBeforeHelo) {
  SessionInputs inputs = Said("192.0.2.1", "x");
  inputs.helo.reset();
  for (const FactId id : kAllHeloFacts) EXPECT_EQ(Compute(id, inputs), Fact::Unknown());
}

TEST(HeloFacts, AMissingHeloHasAKindAndNothingElse) {
  SessionInputs inputs = Said("192.0.2.1", "x");
  inputs.helo = Helo();
  for (const FactId id : kAllHeloFacts) {
    const Fact expected = id == FactId::kHeloKind ? Fact::Enum(HeloKind::kMissing) : Fact::NotApplicable();
    EXPECT_EQ(Compute(id, inputs), expected);
  }
}

TEST(HeloFacts, NameIsNormalisedAndEscaped) {
  const struct {
    std::string_view helo;
    std::string name;
  } rows[] = {
      {"Mail.Example.COM.", "mail.example.com"},  {"[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]"}, {"", ""},
      {"a\0b\r\n\\"sv, "a\\x00b\\x0d\\x0a\\x5c"}, {"m\xc3\xbcller", "m\\xc3\\xbcller"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Compute(FactId::kHeloName, Said("192.0.2.1", row.helo)), Fact::Names({row.name}));
  }
  const std::string hostile(60'000, '\xff');  // nothing is cut but by the cap on HELO itself
  EXPECT_EQ(Compute(FactId::kHeloName, Said("192.0.2.1", hostile)).names().front().size(), 4 * kMaxHeloBytes);
}

TEST(HeloFacts, KindAndFlaws) {
  const SessionInputs inputs = Said("192.0.2.1", "my_pc.nosuch");
  EXPECT_EQ(Compute(FactId::kHeloKind, inputs), Fact::Enum(HeloKind::kFqdn));
  EXPECT_EQ(Compute(FactId::kHeloFlaws, inputs),
            Fact::Set(EnumSet<HeloFlaw>{HeloFlaw::kUnderscore, HeloFlaw::kUnknownTld}));
  EXPECT_EQ(Compute(FactId::kHeloFlaws, Said("192.0.2.1", "mail.example.com")), Fact::Set(EnumSet<HeloFlaw>()));
}

TEST(HeloFacts, ChangedIsWhatTheSessionSays) {
  SessionInputs inputs = Said("192.0.2.1", "mail.example.com");
  EXPECT_EQ(Compute(FactId::kHeloChanged, inputs), Fact::Bool(false));
  inputs.helo_changed = true;
  EXPECT_EQ(Compute(FactId::kHeloChanged, inputs), Fact::Bool(true));
}

TEST(HeloFacts, Literal) {
  const Fact match = Fact::Enum(LiteralMatch::kMatch);
  const Fact mismatch = Fact::Enum(LiteralMatch::kMismatch);
  const struct {
    const char* client;
    const char* helo;
    Fact fact;
  } rows[] = {
      {"192.0.2.1", "[192.0.2.1]", match},
      {"192.0.2.1", "[192.0.2.2]", mismatch},
      // Others compare over the length of the client's text, and take the longer literal for the client's own.
      {"192.0.2.1", "[192.0.2.10]", mismatch},
      {"192.0.2.10", "[192.0.2.1]", mismatch},
      // Others do not skip the tag, so that no IPv6 literal ever matches.
      {"2001:db8::1", "[IPv6:2001:db8::1]", match},
      {"2001:db8::1", "[ipv6:2001:DB8:0:0:0:0:0:1]", match},
      {"2001:db8::1", "[IPv6:2001:db8::10]", mismatch},
      {"2001:db8::1", "[192.0.2.1]", mismatch},
      // mapped on either side
      {"192.0.2.1", "[IPv6:::ffff:192.0.2.1]", match},
      {"::ffff:192.0.2.1", "[192.0.2.1]", match},
      {"192.0.2.1", "[IPv6:::192.0.2.1]", mismatch},
      // no address literals
      {"192.0.2.1", "192.0.2.1", Fact::NotApplicable()},
      {"2001:db8::1", "2001:db8::1", Fact::NotApplicable()},
      {"192.0.2.1", "[IPv4:192.0.2.1]", Fact::NotApplicable()},
      {"192.0.2.1", "[192.0.2.1", Fact::NotApplicable()},
      {"192.0.2.1", "[192.0.2.1] x", Fact::NotApplicable()},
      {"192.0.2.1", "mail.example.com", Fact::NotApplicable()},
      {"", "[192.0.2.1]", Fact::NotApplicable()},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Compute(FactId::kHeloLiteral, Said(row.client, row.helo)), row.fact) << row.client << " " << row.helo;
  }
}

TEST(HeloFacts, WithoutTheClientLiteralAndTraitsAreUnknown) {
  SessionInputs inputs = Said("", "[192.0.2.1]");
  inputs.client_known = false;
  EXPECT_EQ(Compute(FactId::kHeloLiteral, inputs), Fact::Unknown());
  EXPECT_EQ(Compute(FactId::kHeloTraits, inputs), Fact::Unknown());
  inputs.helo = ParseHelo("mail.example.com");
  EXPECT_EQ(Compute(FactId::kHeloLiteral, inputs), Fact::NotApplicable());
}

}  // namespace
}  // namespace heloguard
