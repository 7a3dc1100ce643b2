// heloguard's own lines read back: what the writer wrote, byte for byte, comes out again.
#include "adapters/maillog/heloguard/decision_line_reader.h"

#include <gtest/gtest.h>

#include "adapters/log/log_sink.h"
#include "sample_report.h"

namespace heloguard {
namespace {

constexpr std::string_view kLine =
    R"(session=0towjzptzb400003 client=192.0.2.10 port=42517 helo=mail.goodcorp.com kind=fqdn rdns=mail.goodcorp.com )"
    R"(rdns_status=pass rdns_dnssec=secure verdict=reject rule=bare-ip mode=enforce stage=rcpt score=1.5 wait_ms=0.0 )"
    R"(dns=1/2.3ms from=<a@client.example> to=<bob@rcpt.example>)";

TEST(OwnLine, AllOfIt) {
  const auto line = ParseOwnLine(kLine);
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->session, "0towjzptzb400003");
  const LoggedSession& said = line->said;
  EXPECT_EQ(said.client, IpAddress::Parse("192.0.2.10"));
  EXPECT_EQ(said.port, 42517);
  EXPECT_EQ(said.helo_known, HeloKnowledge::kSaid);
  EXPECT_EQ(said.helo, "mail.goodcorp.com");
  EXPECT_EQ(said.rdns.name->ToText(), "mail.goodcorp.com");
  EXPECT_EQ(said.rdns.status, RdnsStatus::kPass);
  EXPECT_EQ(said.rdns_dnssec, Dnssec::kSecure);
  EXPECT_EQ(said.was, Outcome::kReject);
  EXPECT_EQ(said.reached, Stage::kRcpt);
  EXPECT_EQ(said.mta, MtaOutcome::kRefused);
  EXPECT_EQ(said.from, "<a@client.example>");
  EXPECT_EQ(said.authenticated, std::nullopt);
}

TEST(OwnLine, TheSameInJson) {
  const auto line = ParseOwnLine(
      R"({"time":"2026-11-22T11:59:49.910+0000","level":"info","session":"0tow","client":"192.0.2.10","port":25,)"
      R"("helo":"-","kind":"malformed","rdns":null,"rdns_status":"permerror","rdns_dnssec":null,"verdict":"tempfail",)"
      R"("rule":"score","mode":"observe","stage":"rcpt","score":5.5,"dns":{"queries":1,"elapsed_ms":2.3},"exempt":"authenticated"})");
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->said.port, 25);
  EXPECT_EQ(line->said.helo, "-");
  EXPECT_EQ(line->said.rdns.name, std::nullopt);
  EXPECT_EQ(line->said.rdns.status, RdnsStatus::kPermerror);
  EXPECT_EQ(line->said.authenticated, true);
  EXPECT_FALSE(line->enforced);
  EXPECT_EQ(line->said.was, Outcome::kAccept) << "an observing policy defers nothing";
  EXPECT_EQ(line->said.mta, MtaOutcome::kUnknown);
}

TEST(OwnLine, HeloThatIsNotThere) {
  const auto helo = [](const std::string& text) {
    return ParseOwnLine("session=a verdict=accept stage=rcpt " + text)->said;
  };
  EXPECT_EQ(helo("helo=- kind=missing").helo_known, HeloKnowledge::kNone);
  EXPECT_EQ(helo("helo=- kind=malformed").helo_known, HeloKnowledge::kSaid) << "an empty HELO";
  EXPECT_EQ(helo("helo=- kind=malformed").helo, "");
  EXPECT_EQ(helo("helo=- kind=-").helo_known, HeloKnowledge::kNotLogged);
  EXPECT_EQ(helo("helo=\\x2d kind=malformed").helo, "-");
  EXPECT_EQ(helo("helo=a\\x20b\\xff\\x5c kind=malformed").helo, "a b\xff\\");
}

TEST(OwnLine, AHeloThatWasCutIsNotBelieved) {
  const std::string cut(900, 'a');
  EXPECT_EQ(ParseOwnLine("session=a verdict=accept helo=" + cut + "... kind=malformed to=" + std::string(60, 'b'))
                ->said.helo_known,
            HeloKnowledge::kNotLogged);
  EXPECT_EQ(ParseOwnLine("session=a verdict=accept helo=dots... kind=malformed")->said.helo, "dots...");
}

TEST(OwnLine, WhatTheWriterWrites) {
  SampleReport sample;
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    std::string text = FormatReport(sample.Report(), format, true);
    const auto line = ParseOwnLine(text);
    ASSERT_TRUE(line.has_value()) << text;
    EXPECT_EQ(line->said.client, sample.Report().inputs.client);
    EXPECT_EQ(line->said.helo, sample.Report().inputs.helo->text);
    EXPECT_EQ(line->said.was, sample.Report().judgement.outcome());
    EXPECT_EQ(line->said.rdns.status, sample.rdns.status);
  }
}

TEST(OwnLine, RefusalsThatAreOnlyCounted) {
  for (const char* line : {"repeated=12 within_s=60 client=192.0.2.1 verdict=reject rule=bare-ip mode=enforce",
                           R"({"time":"2026-11-22T11:59:49Z","level":"info","repeated":12,"verdict":"reject"})"}) {
    const auto parsed = ParseOwnLine(line);
    ASSERT_TRUE(parsed.has_value()) << line;
    EXPECT_EQ(parsed->repeated, 12U);
    EXPECT_EQ(parsed->session, "");
  }
  EXPECT_FALSE(ParseOwnLine("repeated=many verdict=reject").has_value());
}

TEST(OwnLine, InTheJournalsFrame) {
  EXPECT_TRUE(ParseOwnLine("2026-11-22T11:59:49.910+00:00 info " + std::string(kLine)).has_value());
}

TEST(OwnLine, OtherLines) {
  for (const char* line :
       {"", "started: version 0.1.0", "candidate=reject candidate_rule=x session=a verdict=accept", "session=a",
        "verdict=accept", "session= verdict=accept", "session=a verdict=perhaps", "xsession=a verdict=accept", "{",
        "{}", "[]", R"({"session":[1],"verdict":"accept"})",
        R"({"candidate":"reject","session":"a","verdict":"accept"})", R"({"session":"a","verdict":null})"}) {
    EXPECT_FALSE(ParseOwnLine(line).has_value()) << line;
  }
}

// A reader that recursed would overflow the stack.
TEST(OwnLine, JsonThatNests) {
  std::string arrays, objects = "{\"session\":";
  for (int i = 0; i < 100'000; ++i) {
    arrays += '[';
    objects += "{\"a\":";
  }
  EXPECT_FALSE(ParseOwnLine(objects).has_value());
  EXPECT_FALSE(ParseOwnLine("{\"session\":" + arrays).has_value());
  EXPECT_FALSE(ParseOwnLine("{\"session\":" + arrays + std::string(arrays.size(), ']') + "}").has_value());
}

}  // namespace
}  // namespace heloguard
