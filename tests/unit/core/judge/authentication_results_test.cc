// What the field says of a session, and how it is written.
#include "heloguard/judge/authentication_results.h"

#include <gtest/gtest.h>

#include <random>

#include "heloguard/base/escape.h"
#include "heloguard/dns/spf.h"
#include "results_grammar.h"
#include "sample_report.h"

namespace heloguard {
namespace {

using testing::ResultsGrammar;

std::string FieldOf(const SampleReport& sample) {
  return ResultsField("mx.example.net", ResultsOf(sample.Report().judgement, sample.inputs));
}

TEST(ResultsField, OfACleanSession) {
  SampleReport sample;
  sample.facts.Set(FactId::kRdnsStatus, Fact::Enum(RdnsStatus::kPass));
  sample.facts.Set(FactId::kRdnsDnssec, Fact::Enum(Dnssec::kSecure));
  sample.facts.Set(FactId::kHeloDnssec, Fact::Enum(Dnssec::kInsecure));
  EXPECT_EQ(FieldOf(sample),
            "mx.example.net;\n"
            "\tiprev=pass (mail.example.com, DNSSEC secure) policy.iprev=192.0.2.1;\n"
            "\tx-helo=pass smtp.helo=mail.example.com policy.dnssec=insecure");
}

TEST(ResultsField, IprevHasFourResults) {
  const struct {
    std::optional<RdnsStatus> status;
    bool ill;
    std::string_view result;
    std::string_view comment;
  } rows[] = {
      {RdnsStatus::kPass, false, "pass", "mail.example.com"},
      {RdnsStatus::kFail, false, "fail", "mail.example.com"},
      {RdnsStatus::kPermerror, false, "permerror", "no PTR record"},
      {RdnsStatus::kTemperror, false, "temperror", "mail.example.com"},
      // What was not looked up, and what a resolver says that is ill.
      {std::nullopt, false, "temperror", "mail.example.com"},
      {RdnsStatus::kPass, true, "pass", "mail.example.com"},
      {RdnsStatus::kFail, true, "temperror", "mail.example.com"},
      {RdnsStatus::kPermerror, true, "temperror", "mail.example.com"},
  };
  for (const auto& row : rows) {
    SampleReport sample;
    sample.resolver_ill = row.ill;
    if (row.status) sample.facts.Set(FactId::kRdnsStatus, Fact::Enum(*row.status));
    const std::vector<MethodResult> results = ResultsOf(sample.Report().judgement, sample.inputs);
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[0].method, "iprev");
    EXPECT_EQ(results[0].result, row.result);
    EXPECT_EQ(results[0].comment, row.comment);
    ASSERT_EQ(results[0].properties.size(), 1U);
    EXPECT_EQ(results[0].properties[0], std::pair(std::string_view("policy.iprev"), std::string("192.0.2.1")));
  }
}

TEST(ResultsField, BogusReverseDnsIsNamed) {
  SampleReport sample;
  sample.rdns = {};
  sample.facts.Set(FactId::kRdnsStatus, Fact::Transient(RdnsStatus::kTemperror));
  sample.facts.Set(FactId::kRdnsDnssec, Fact::Transient(Dnssec::kBogus));
  EXPECT_EQ(ResultsOf(sample.Report().judgement, sample.inputs)[0].comment, "DNSSEC bogus");
}

TEST(ResultsField, SpfOfTheHeloNameWhereItIsKnown) {
  const struct {
    Fact fact;
    std::string_view result;
  } rows[] = {
      {Fact::Enum(SpfResult::kNone), "none"},           {Fact::Enum(SpfResult::kNeutral), "neutral"},
      {Fact::Enum(SpfResult::kPass), "pass"},           {Fact::Enum(SpfResult::kFail), "fail"},
      {Fact::Enum(SpfResult::kSoftfail), "softfail"},   {Fact::Transient(SpfResult::kTemperror), "temperror"},
      {Fact::Enum(SpfResult::kPermerror), "permerror"},
  };
  SampleReport sample;
  sample.inputs.helo = ParseHelo("Mail.Example.com.");
  for (const auto& row : rows) {
    sample.facts.Set(FactId::kSpfHelo, row.fact);
    EXPECT_NE(FieldOf(sample).find(";\n\tspf=" + std::string(row.result) + " smtp.helo=mail.example.com;\n\tx-helo="),
              std::string::npos)
        << FieldOf(sample);
  }
  // Of an ill resolver's word only the good is taken.
  sample.resolver_ill = true;
  for (const auto& row : rows) {
    sample.facts.Set(FactId::kSpfHelo, row.fact);
    const std::string told = row.result == "pass" ? "pass" : "temperror";
    EXPECT_NE(FieldOf(sample).find(";\n\tspf=" + told + " smtp.helo="), std::string::npos) << row.result;
  }
  for (const Fact& fact : {Fact::Unknown(), Fact::NotApplicable()}) {
    sample.facts.Set(FactId::kSpfHelo, fact);
    EXPECT_EQ(FieldOf(sample).find("spf="), std::string::npos);
  }
}

TEST(ResultsField, IPv6AddressesAndLiteralsNeedQuotes) {
  SampleReport sample;
  sample.inputs.client = IpAddress::Parse("2001:db8::1");
  sample.inputs.helo = ParseHelo("[IPv6:2001:db8::1]");
  const std::string field = FieldOf(sample);
  EXPECT_NE(field.find("policy.iprev=\"2001:db8::1\";"), std::string::npos) << field;
  EXPECT_NE(field.find("smtp.helo=\"[IPv6:2001:db8::1]\""), std::string::npos) << field;
}

TEST(ResultsField, AClientWithoutAddressHasNone) {
  SampleReport sample;
  sample.inputs.client.reset();
  sample.exempt = "no-address";
  EXPECT_EQ(FieldOf(sample), "mx.example.net; none");
}

// --- x-helo ---

struct HeloRow {
  std::string_view what;
  void (*change)(SampleReport*);
  std::string_view written;
};

TEST(ResultsField, HeloResults) {
  const HeloRow rows[] = {
      {"nothing against it", [](SampleReport*) {}, "x-helo=pass smtp.helo=mail.example.com"},
      {"refused, but observed or exempt as a recipient",
       [](SampleReport* s) {
         s->RefusedByFirstRule();
         s->exempt = "recipient";
       },
       "x-helo=fail smtp.helo=mail.example.com policy.rule=bare-ip"},
      {"deferred",
       [](SampleReport* s) {
         s->RefusedByFirstRule();
         s->verdict.outcome = Outcome::kTempfail;
       },
       "x-helo=softfail smtp.helo=mail.example.com policy.rule=bare-ip"},
      {"deferred for want of answers",
       [](SampleReport* s) {
         s->RefusedByFirstRule();
         s->verdict.outcome = Outcome::kTempfail;
         s->verdict.deferred_unknown = true;
       },
       "x-helo=temperror smtp.helo=mail.example.com policy.rule=bare-ip"},
      {"refused by its score",
       [](SampleReport* s) {
         s->verdict.outcome = Outcome::kReject;
         s->verdict.by_score = true;
         s->verdict.score = 8.5;
       },
       "x-helo=fail smtp.helo=mail.example.com policy.rule=score\n\tpolicy.score=8.5"},
      {"a score that does not suffice", [](SampleReport* s) { s->verdict.score = 2.25; },
       "x-helo=neutral smtp.helo=mail.example.com policy.score=2.25"},
      {"a credit", [](SampleReport* s) { s->verdict.score = -1; },
       "x-helo=pass smtp.helo=mail.example.com policy.score=-1"},
      {"accepted by a rule", [](SampleReport* s) { s->verdict.rule = 0; },
       "x-helo=pass smtp.helo=mail.example.com policy.rule=bare-ip"},
      {"something unknown counts", [](SampleReport* s) { s->verdict.settled = false; },
       "x-helo=temperror smtp.helo=mail.example.com"},
      {"the resolver is ill", [](SampleReport* s) { s->resolver_ill = true; },
       "x-helo=temperror smtp.helo=mail.example.com"},
      {"no HELO", [](SampleReport* s) { s->inputs.helo = Helo{}; }, "x-helo=none"},
      {"an authenticated client",
       [](SampleReport* s) {
         s->RefusedByFirstRule();
         s->exempt = "authenticated";
       },
       "x-helo=none (authenticated) smtp.helo=mail.example.com"},
      {"a hostile HELO", [](SampleReport* s) { s->inputs.helo = ParseHelo("a\";x=y\\ (\r\nEvil: 1"); },
       R"(x-helo=pass smtp.helo="a\";x=y\\x5c (\\x0d\\x0aEvil: 1")"},
      {"an empty HELO", [](SampleReport* s) { s->inputs.helo = ParseHelo(""); }, R"(x-helo=pass smtp.helo="")"},
  };
  for (const HeloRow& row : rows) {
    SampleReport sample;
    row.change(&sample);
    const std::string field = FieldOf(sample);
    EXPECT_EQ(field.substr(field.find("x-helo")), row.written) << row.what;
    EXPECT_TRUE(ResultsGrammar::Read(field)) << row.what << ": " << field;
  }
}

// --- the form ---

TEST(ResultsField, HostilePtrNamesStayInTheirComment) {
  SampleReport sample;
  sample.rdns.verified = {*DomainName::FromWire(std::string("\x0ax); spf=p\\\x07\x65xample\x00", 20))};
  sample.facts.Set(FactId::kRdnsStatus, Fact::Enum(RdnsStatus::kPass));
  const std::string field = FieldOf(sample);
  const auto read = ResultsGrammar::Read(field);
  ASSERT_TRUE(read) << field;
  ASSERT_EQ(read->results.size(), 2U) << field;
  EXPECT_EQ(read->results[0].method, "iprev");
}

TEST(ResultsField, AnIdThatIsNoTokenIsQuoted) {
  EXPECT_EQ(ResultsField("mx example", {}), "\"mx example\"; none");
  EXPECT_TRUE(ResultsGrammar::Read(ResultsField("a\"b\\c\r\n", {})));
}

// Any bytes, any lengths: the field is in the grammar, short, and says what was meant.
TEST(ResultsFieldProperty, AlwaysInTheGrammar) {
  std::mt19937 chance(8601);
  const auto bytes = [&](std::size_t most) {
    std::string text(std::uniform_int_distribution<std::size_t>(0, most)(chance), '\0');
    const bool any = chance() % 2 == 0;
    for (char& c : text) c = any ? static_cast<char>(chance()) : "a.(\")\\; =\n"[chance() % 10];
    return text;
  };
  for (int round = 0; round < 1'000; ++round) {
    SampleReport sample;
    const std::string helo = bytes(round % 3 == 0 ? 600 : 30);
    sample.inputs.helo = ParseHelo(helo);
    sample.policy.rules[0].name = bytes(300);
    sample.RefusedByFirstRule();
    sample.verdict.score = 1e300;
    sample.inputs.client =
        chance() % 2 == 0 ? IpAddress::Parse("2001:db8:1111:2222:3333:4444:5555:6666") : sample.inputs.client;
    if (const auto name = DomainName::FromText(bytes(250))) sample.rdns.verified = {*name};
    const std::string id = chance() % 2 == 0 ? "mx.example.net" : "m" + bytes(400);
    const std::string field = ResultsField(id, ResultsOf(sample.Report().judgement, sample.inputs));
    const auto read = ResultsGrammar::Read(field);
    ASSERT_TRUE(read) << field;
    ASSERT_LE(field.size(), kMaxResultsOctets) << field;
    ASSERT_EQ(read->results.size(), 2U);
    ASSERT_EQ(read->results[1].method, "x-helo");
    ASSERT_EQ(read->results[1].properties[0].first, "smtp.helo");
    if (helo.size() <= 30) {
      ASSERT_EQ(read->results[1].properties[0].second, EscapeBytes(helo));
    }
    std::size_t line = kAuthenticationResults.size() + 2;
    for (const char c : field) {
      line = c == '\n' ? 0 : line + 1;
      ASSERT_LT(line, 998U);
    }
    if (IsAuthservId(id)) {
      ASSERT_TRUE(ClaimsAuthservId(field, id)) << field;
    }
  }
}

}  // namespace
}  // namespace heloguard
