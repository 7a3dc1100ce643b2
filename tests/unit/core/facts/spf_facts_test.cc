// spf.helo: which HELO it is about, and what becomes of each result.
#include <gtest/gtest.h>

#include "heloguard/facts/build_facts.h"
#include "spf_world.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

SessionInputs Said(std::string_view helo) {
  SessionInputs inputs;
  inputs.client = Ip("192.0.2.7");
  inputs.client_known = true;
  inputs.own = std::make_shared<const OwnIdentity>();
  inputs.helo = ParseHelo(helo);
  return inputs;
}

// What the planner asks, and the fact then.
Fact Judged(const SessionInputs& inputs, const SpfZone& zone, std::size_t max_lookups = 40) {
  LookupInputs lookup_inputs;
  lookup_inputs.client = inputs.client;
  if (inputs.helo) lookup_inputs.helo = inputs.helo->domain;
  DnsAnswers book;
  while (true) {
    const auto questions = NextQuestions(LookupsFor({FactId::kSpfHelo}), lookup_inputs, book, {10, max_lookups});
    if (questions.empty()) break;
    for (const DnsQuestion& question : questions) book.Set(question, zone.Look(question));
  }
  return BuildFacts({FactId::kSpfHelo}, inputs, book)[FactId::kSpfHelo];
}

TEST(SpfFact, EveryResult) {
  const std::pair<const char*, Fact> rows[] = {
      {"", Fact::Enum(SpfResult::kNone)},
      {"mail.example.com TXT v=spf1", Fact::Enum(SpfResult::kNeutral)},
      {"mail.example.com TXT v=spf1 a -all\nmail.example.com A 192.0.2.7", Fact::Enum(SpfResult::kPass)},
      {"mail.example.com TXT v=spf1 -all", Fact::Enum(SpfResult::kFail)},
      {"mail.example.com TXT v=spf1 ~all", Fact::Enum(SpfResult::kSoftfail)},
      {"mail.example.com TXT v=spf1 x", Fact::Enum(SpfResult::kPermerror)},
      {"mail.example.com TXT TIMEOUT", Fact::Transient(SpfResult::kTemperror)},
      {"mail.example.com TXT BOGUS", Fact::Transient(SpfResult::kTemperror)},
  };
  for (const auto& [zone, fact] : rows) EXPECT_EQ(Judged(Said("MAIL.example.com."), SpfZone(zone)), fact) << zone;
}

// RFC 7208 section 2.3: not for a literal, nor for a name of one label.
TEST(SpfFact, OnlyForNamesOfSeveralLabels) {
  const SpfZone zone("mail TXT v=spf1 -all");
  for (const std::string_view helo : {"mail", "192.0.2.7", "[192.0.2.7]", "mail..example.com", "a b.example.com", ""}) {
    EXPECT_EQ(Judged(Said(helo), zone).state(), FactState::kNotApplicable) << helo;
  }
  SessionInputs inputs = Said("mail.example.com");
  inputs.client.reset();
  EXPECT_EQ(Judged(inputs, zone).state(), FactState::kNotApplicable);
  inputs.client_known = false;
  EXPECT_EQ(Judged(inputs, zone).state(), FactState::kUnknown);
  inputs = Said("mail.example.com");
  inputs.helo.reset();
  EXPECT_EQ(Judged(inputs, zone).state(), FactState::kUnknown);
}

// A cap of our own is no fault of the sender's.
TEST(SpfFact, UnknownWhereTheCapOnLookupsEndsIt) {
  const SpfZone zone(
      "mail.example.com TXT v=spf1 a mx -all\nmail.example.com A 203.0.113.1\n"
      "mail.example.com MX 10 mx.example.com\nmx.example.com A 203.0.113.1\n");
  EXPECT_EQ(Judged(Said("mail.example.com"), zone, 4), Fact::Enum(SpfResult::kFail));
  for (std::size_t cap = 0; cap < 4; ++cap) {
    EXPECT_EQ(Judged(Said("mail.example.com"), zone, cap).state(), FactState::kUnknown) << cap;
  }
}

TEST(SpfFact, UnknownUntilEverythingNeededIsThere) {
  DnsAnswers book;
  const auto state = [&] { return BuildFacts({FactId::kSpfHelo}, Said("mail.example.com"), book)[FactId::kSpfHelo]; };
  EXPECT_EQ(state().state(), FactState::kUnknown);
  book.Set(Txt("mail.example.com"), Texts({"v=spf1 a -all"}));
  EXPECT_EQ(state().state(), FactState::kUnknown);
  book.Set(A("mail.example.com"), End(DnsStatus::kNotAsked));
  EXPECT_EQ(state().state(), FactState::kUnknown);
  book.Set(A("mail.example.com"), Addresses({"192.0.2.7"}));
  EXPECT_EQ(state(), Fact::Enum(SpfResult::kPass));
}

}  // namespace
}  // namespace heloguard
