// The log line of a judgement: its keys, hostile bytes, over-long values. These lines are an interface.
#include "adapters/log/decision_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "adapters/log/log_sink.h"
#include "sample_report.h"

namespace heloguard {
namespace {

std::string Line(const SampleReport& sample, LogFormat format = LogFormat::kText, bool envelope = true) {
  return FormatReport(sample.Report(), format, envelope);
}

struct GoldenRow {
  std::string_view what;
  void (*change)(SampleReport&);
  std::string_view text;
  std::string_view json;
};

const GoldenRow kGolden[] = {
    {"accepted", [](SampleReport&) {},
     "session=000abcdef0123456 client=192.0.2.1 port=25 helo=mail.example.com kind=fqdn rdns=mail.example.com "
     "rdns_status=pass rdns_dnssec=secure verdict=accept rule=- mode=enforce stage=rcpt score=0 wait_ms=1.3 "
     "dns=2/12.4ms "
     "from=<alice@example.com> to=<bob@example.net>",
     R"({"session":"000abcdef0123456","client":"192.0.2.1","port":25,"helo":"mail.example.com","kind":"fqdn",)"
     R"("rdns":"mail.example.com","rdns_status":"pass","rdns_dnssec":"secure","verdict":"accept","rule":null,)"
     R"("mode":"enforce","stage":"rcpt","score":0,"wait_ms":1.3,"dns":{"queries":2,"elapsed_ms":12.4},)"
     R"("from":"<alice@example.com>","to":"<bob@example.net>"})"},
    {"refused by a rule",
     [](SampleReport& s) {
       s.RefusedByFirstRule();
       s.inputs.helo = ParseHelo("192.0.2.1");
     },
     "session=000abcdef0123456 client=192.0.2.1 port=25 helo=192.0.2.1 kind=bare-ipv4 rdns=mail.example.com "
     "rdns_status=pass rdns_dnssec=secure verdict=reject rule=bare-ip mode=enforce stage=rcpt score=0 wait_ms=1.3 "
     "dns=2/12.4ms from=<alice@example.com> to=<bob@example.net>",
     R"({"session":"000abcdef0123456","client":"192.0.2.1","port":25,"helo":"192.0.2.1","kind":"bare-ipv4",)"
     R"("rdns":"mail.example.com","rdns_status":"pass","rdns_dnssec":"secure","verdict":"reject","rule":"bare-ip",)"
     R"("mode":"enforce","stage":"rcpt","score":0,"wait_ms":1.3,"dns":{"queries":2,"elapsed_ms":12.4},)"
     R"("from":"<alice@example.com>","to":"<bob@example.net>"})"},
    {"refused by the score, in an observe policy, with other rules that hold",
     [](SampleReport& s) {
       s.policy.mode = Mode::kObserve;
       s.verdict.outcome = Outcome::kTempfail;
       s.verdict.by_score = true;
       s.verdict.score = 5.5;
       s.AddRule("generic", ActionKind::kScore, Truth::kTrue);
       s.AddRule("bogus", ActionKind::kNote, Truth::kTrue);
       s.AddRule("trial", ActionKind::kReject, Truth::kTrue, Mode::kObserve);
       s.AddRule("undecided", ActionKind::kNote, Truth::kUnknown);
       s.AddRule("not-reached", ActionKind::kNote, Truth::kTrue);
       s.verdict.rules.back().state = RuleTrace::State::kNotReached;
     },
     "session=000abcdef0123456 client=192.0.2.1 port=25 helo=mail.example.com kind=fqdn rdns=mail.example.com "
     "rdns_status=pass rdns_dnssec=secure verdict=tempfail rule=score mode=observe stage=rcpt score=5.5 wait_ms=1.3 "
     "dns=2/12.4ms from=<alice@example.com> to=<bob@example.net> matched=generic,bogus observed=trial",
     R"({"session":"000abcdef0123456","client":"192.0.2.1","port":25,"helo":"mail.example.com","kind":"fqdn",)"
     R"("rdns":"mail.example.com","rdns_status":"pass","rdns_dnssec":"secure","verdict":"tempfail","rule":"score",)"
     R"("mode":"observe","stage":"rcpt","score":5.5,"wait_ms":1.3,"dns":{"queries":2,"elapsed_ms":12.4},)"
     R"("from":"<alice@example.com>","to":"<bob@example.net>","matched":"generic,bogus","observed":"trial"})"},
    {"a bogus answer, the resolver ill, a client whose evidence was known",
     [](SampleReport& s) {
       DnsAnswer bogus;
       bogus.status = DnsStatus::kBogus;
       bogus.why = "signature expired";
       s.answers.Set({*DomainName::FromText("mail.example.com"), RecordType::kA}, bogus);
       s.rdns.status = RdnsStatus::kTemperror;
       s.rdns.dnssec = Dnssec::kBogus;
       s.resolver_ill = true;
       s.asked = 0;
       s.dns_elapsed = {};
     },
     "session=000abcdef0123456 client=192.0.2.1 port=25 helo=mail.example.com kind=fqdn rdns=mail.example.com "
     "rdns_status=temperror rdns_dnssec=bogus verdict=accept rule=- mode=enforce stage=rcpt score=0 wait_ms=1.3 "
     "dns=0/0.0ms from=<alice@example.com> to=<bob@example.net> "
     "bogus=mail.example.com:\\x20signature\\x20expired resolver=ill",
     R"({"session":"000abcdef0123456","client":"192.0.2.1","port":25,"helo":"mail.example.com","kind":"fqdn",)"
     R"("rdns":"mail.example.com","rdns_status":"temperror","rdns_dnssec":"bogus","verdict":"accept","rule":null,)"
     R"("mode":"enforce","stage":"rcpt","score":0,"wait_ms":1.3,"dns":{"queries":0,"elapsed_ms":0.0},)"
     R"("from":"<alice@example.com>","to":"<bob@example.net>","bogus":"mail.example.com: signature expired",)"
     R"("resolver":"ill"})"},
    {"what the MTA found by itself",
     [](SampleReport& s) { s.mta = {"mail.example.com", "x y", "OK", "ESMTP", "mail.example.com", "4ZqD1x"}; },
     "session=000abcdef0123456 client=192.0.2.1 port=25 helo=mail.example.com kind=fqdn rdns=mail.example.com "
     "rdns_status=pass rdns_dnssec=secure verdict=accept rule=- mode=enforce stage=rcpt score=0 wait_ms=1.3 "
     "dns=2/12.4ms from=<alice@example.com> to=<bob@example.net> mta_name=mail.example.com mta_ptr=x\\x20y "
     "mta_resolve=OK queue=4ZqD1x protocol=ESMTP",
     R"({"session":"000abcdef0123456","client":"192.0.2.1","port":25,"helo":"mail.example.com","kind":"fqdn",)"
     R"("rdns":"mail.example.com","rdns_status":"pass","rdns_dnssec":"secure","verdict":"accept","rule":null,)"
     R"("mode":"enforce","stage":"rcpt","score":0,"wait_ms":1.3,"dns":{"queries":2,"elapsed_ms":12.4},)"
     R"("from":"<alice@example.com>","to":"<bob@example.net>","mta_name":"mail.example.com","mta_ptr":"x y",)"
     R"("mta_resolve":"OK","queue":"4ZqD1x","protocol":"ESMTP"})"},
    {"an exempt recipient: the rule is told, nothing was refused",
     [](SampleReport& s) {
       s.RefusedByFirstRule();
       s.exempt = "recipient";
       s.to = "<postmaster@example.net>";
     },
     "session=000abcdef0123456 client=192.0.2.1 port=25 helo=mail.example.com kind=fqdn rdns=mail.example.com "
     "rdns_status=pass rdns_dnssec=secure verdict=accept rule=bare-ip mode=enforce stage=rcpt score=0 wait_ms=1.3 "
     "dns=2/12.4ms from=<alice@example.com> to=<postmaster@example.net> exempt=recipient",
     R"({"session":"000abcdef0123456","client":"192.0.2.1","port":25,"helo":"mail.example.com","kind":"fqdn",)"
     R"("rdns":"mail.example.com","rdns_status":"pass","rdns_dnssec":"secure","verdict":"accept","rule":"bare-ip",)"
     R"("mode":"enforce","stage":"rcpt","score":0,"wait_ms":1.3,"dns":{"queries":2,"elapsed_ms":12.4},)"
     R"("from":"<alice@example.com>","to":"<postmaster@example.net>","exempt":"recipient"})"},
    {"nothing is known",
     [](SampleReport& s) {
       s.inputs = {};
       s.inputs.helo = Helo{};
       s.rdns = {};
       s.answers = {};
       s.asked = 0;
       s.exempt = "no-address";
       s.waited = s.dns_elapsed = {};
       s.from = s.to = "";
       s.verdict.score = -0.0;
       s.stage = Stage::kMail;
     },
     "session=000abcdef0123456 client=- port=- helo=- kind=missing rdns=- rdns_status=- rdns_dnssec=- verdict=accept "
     "rule=- mode=enforce stage=mail score=0 wait_ms=0.0 dns=0/0.0ms from=- to=- exempt=no-address",
     R"({"session":"000abcdef0123456","client":null,"port":null,"helo":null,"kind":"missing","rdns":null,)"
     R"("rdns_status":null,"rdns_dnssec":null,"verdict":"accept","rule":null,"mode":"enforce","stage":"mail",)"
     R"("score":0,"wait_ms":0.0,"dns":{"queries":0,"elapsed_ms":0.0},"from":null,"to":null,"exempt":"no-address"})"},
    {"no verified name, a lookup not asked, a score that is a sum of fractions",
     [](SampleReport& s) {
       s.inputs.client = IpAddress::Parse("2001:db8::1");
       s.rdns.verified.clear();
       s.rdns.status = RdnsStatus::kFail;
       s.rdns.dnssec = Dnssec::kBogus;
       s.AddLookup("x.example", RecordType::kMx, DnsStatus::kNotAsked);
       s.AddLookup("y.example", RecordType::kMx, DnsStatus::kTimeout);
       s.verdict.score = 0.1 + 0.2 - 1.5;
     },
     "session=000abcdef0123456 client=2001:db8::1 port=25 helo=mail.example.com kind=fqdn rdns=mail.example.com "
     "rdns_status=fail rdns_dnssec=bogus verdict=accept rule=- mode=enforce stage=rcpt score=-1.2 wait_ms=1.3 "
     "dns=3/12.4ms from=<alice@example.com> to=<bob@example.net>",
     R"({"session":"000abcdef0123456","client":"2001:db8::1","port":25,"helo":"mail.example.com","kind":"fqdn",)"
     R"("rdns":"mail.example.com","rdns_status":"fail","rdns_dnssec":"bogus","verdict":"accept","rule":null,)"
     R"("mode":"enforce","stage":"rcpt","score":-1.2,"wait_ms":1.3,"dns":{"queries":3,"elapsed_ms":12.4},)"
     R"("from":"<alice@example.com>","to":"<bob@example.net>"})"},
    {"hostile bytes",
     [](SampleReport& s) {
       s.inputs.helo = ParseHelo(std::string_view("a\r\nverdict=accept \"x\"\\\0\x7f\xff", 25));
       s.rdns.ptr_names = s.rdns.verified = {*DomainName::FromText("a b\n\".example")};
       s.from = "\n";
       s.to = "-";
       s.policy.rules[0].name = "odd name";
       s.RefusedByFirstRule();
     },
     R"(session=000abcdef0123456 client=192.0.2.1 port=25 )"
     R"(helo=a\x0d\x0averdict=accept\x20\x22x\x22\x5c\x00\x7f\xff kind=malformed rdns=a\x20b\x0a\x22.example )"
     R"(rdns_status=pass rdns_dnssec=secure verdict=reject rule=odd\x20name mode=enforce stage=rcpt score=0 )"
     R"(wait_ms=1.3 dns=2/12.4ms from=\x0a to=\x2d)",
     R"({"session":"000abcdef0123456","client":"192.0.2.1","port":25,)"
     R"("helo":"a\\x0d\\x0averdict=accept \"x\"\\x5c\\x00\\x7f\\xff","kind":"malformed",)"
     R"("rdns":"a\\x20b\\x0a\".example","rdns_status":"pass","rdns_dnssec":"secure","verdict":"reject",)"
     R"("rule":"odd name","mode":"enforce","stage":"rcpt","score":0,"wait_ms":1.3,)"
     R"("dns":{"queries":2,"elapsed_ms":12.4},"from":"\\x0a","to":"-"})"},
};

TEST(FormatReport, Golden) {
  for (const GoldenRow& row : kGolden) {
    SCOPED_TRACE(row.what);
    SampleReport sample;
    row.change(sample);
    EXPECT_EQ(Line(sample), row.text);
    EXPECT_EQ(Line(sample, LogFormat::kJson), row.json);
  }
}

TEST(FormatDifference, SaysWhatTheCandidateWouldAnswerInFront) {
  SampleReport active;
  SampleReport candidate;
  candidate.RefusedByFirstRule();
  candidate.verdict.score = 4;
  const SessionReport report = active.Report();
  const SessionReport other = candidate.Report();
  const CandidateReport difference{report, other.judgement};
  EXPECT_EQ(
      FormatDifference(difference, LogFormat::kText, true),
      "candidate=reject candidate_rule=bare-ip candidate_score=4 " + FormatReport(report, LogFormat::kText, true));
  EXPECT_EQ(FormatDifference(difference, LogFormat::kJson, true),
            R"({"candidate":"reject","candidate_rule":"bare-ip","candidate_score":4,)" +
                FormatReport(report, LogFormat::kJson, true).substr(1));
}

TEST(FormatReport, AnEmptyHeloIsNotAMissingOne) {
  SampleReport sample;
  sample.inputs.helo = ParseHelo("");
  EXPECT_THAT(Line(sample), testing::HasSubstr(" helo=- kind=malformed "));
  EXPECT_THAT(Line(sample, LogFormat::kJson), testing::HasSubstr(R"("helo":"","kind":"malformed")"));
  sample.inputs.helo = std::nullopt;
  EXPECT_THAT(Line(sample), testing::HasSubstr(" helo=- kind=- "));
}

TEST(FormatReport, TheEnvelopeStaysOutIfNotWanted) {
  const SampleReport sample;
  EXPECT_TRUE(Line(sample, LogFormat::kText, false).ends_with(" from=- to=-"));
  EXPECT_TRUE(Line(sample, LogFormat::kJson, false).ends_with(R"("from":null,"to":null})"));
}

// The keys of a text line, or the place where it is not key=value.
std::vector<std::string> KeysOf(const std::string& line) {
  std::vector<std::string> keys;
  std::istringstream words(line);
  for (std::string word; std::getline(words, word, ' ');) {
    const std::size_t equals = word.find('=');
    EXPECT_NE(equals, std::string::npos) << word;
    EXPECT_NE(equals + 1, word.size()) << "empty value: " << word;
    keys.push_back(word.substr(0, equals));
  }
  return keys;
}

const std::vector<std::string> kKeys{"session",     "client",      "port",    "helo", "kind", "rdns",
                                     "rdns_status", "rdns_dnssec", "verdict", "rule", "mode", "stage",
                                     "score",       "wait_ms",     "dns",     "from", "to"};

TEST(FormatReport, NoByteCanForgeAnything) {
  for (int octet = 0; octet < 256; ++octet) {
    SCOPED_TRACE(octet);
    const std::string hostile = "a" + std::string(1, static_cast<char>(octet)) + "b";
    SampleReport sample;
    sample.inputs.helo = ParseHelo(hostile);
    sample.from = sample.to = hostile;
    if (const auto name = DomainName::FromText(hostile)) sample.rdns.verified = {*name};
    const std::string text = Line(sample);
    EXPECT_EQ(KeysOf(text), kKeys);
    for (const std::string& line : {text, Line(sample, LogFormat::kJson)}) {
      for (const char c : line) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << line;
    }
    EXPECT_EQ(text.find('"'), std::string::npos);
  }
}

// Cuts fall between escapes, so that what is shown is what was sent.
void ExpectWholeEscapes(const std::string& line) {
  for (std::size_t at = line.find("\\x"); at != std::string::npos; at = line.find("\\x", at + 1)) {
    ASSERT_LE(at + 4, line.size());
    EXPECT_TRUE(std::isxdigit(static_cast<unsigned char>(line[at + 2])) != 0) << line.substr(at, 6);
    EXPECT_TRUE(std::isxdigit(static_cast<unsigned char>(line[at + 3])) != 0) << line.substr(at, 6);
  }
}

TEST(FormatReport, OverlongValuesAreCutAndNoKeyIsLost) {
  const std::string letters(400, 'a');
  const std::string controls(400, '\x01');
  const std::string blanks(400, ' ');
  const std::string quotes(400, '"');
  for (const std::string& value : {letters, controls, blanks, quotes}) {
    SampleReport sample;
    sample.inputs.helo = ParseHelo(value);
    sample.from = sample.to = value;
    sample.rdns.verified = {*DomainName::FromText(value.substr(0, 60) + "." + value.substr(0, 60))};
    sample.policy.rules[0].name = value;
    sample.RefusedByFirstRule();
    const std::string text = Line(sample);
    EXPECT_LE(text.size(), kMaxLogLine);
    EXPECT_GE(text.size(), kMaxLogLine - 100) << "room is used";
    EXPECT_EQ(KeysOf(text), kKeys);
    EXPECT_THAT(text, testing::HasSubstr("... kind="));
    ExpectWholeEscapes(text);
    const std::string json = Line(sample, LogFormat::kJson);
    EXPECT_LE(json.size(), kMaxLogLine);
    EXPECT_TRUE(json.ends_with("...\"}"));
    ExpectWholeEscapes(json);
  }
}

TEST(FormatReport, OnlyTheLongestValuesAreCut) {
  SampleReport sample;
  sample.from = std::string(2'000, 'x');
  const std::string line = Line(sample);
  EXPECT_EQ(line.size(), kMaxLogLine);
  EXPECT_THAT(line, testing::HasSubstr(" helo=mail.example.com "));
  EXPECT_THAT(line, testing::HasSubstr("x... to=<bob@example.net>"));
}

TEST(FormatReport, ManyRulesThatHoldStillFit) {
  SampleReport sample;
  sample.inputs.helo = ParseHelo(std::string(512, '\xff'));
  sample.from = sample.to = std::string(320, '\n');
  sample.exempt = "authenticated";
  for (int i = 0; i < 300; ++i) {
    sample.AddRule("a-rule-with-a-name-" + std::to_string(i), ActionKind::kNote, Truth::kTrue,
                   i % 2 == 0 ? Mode::kEnforce : Mode::kObserve);
  }
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    const std::string line = Line(sample, format);
    EXPECT_LE(line.size(), kMaxLogLine);
    EXPECT_THAT(line, testing::HasSubstr("observed"));
  }
}

TEST(OneLine, KeepsWhatIsEscapedAndEscapesTheRest) {
  EXPECT_EQ(OneLine("plain \\x0a text"), "plain \\x0a text");
  EXPECT_EQ(OneLine("a\nb\r\t\x7f\xc3\xa4"), "a\\x0ab\\x0d\\x09\\x7f\\xc3\\xa4");
  EXPECT_EQ(OneLine(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(OneLine(std::string(10'000, '\n')).size(), 4'096U);
}

}  // namespace
}  // namespace heloguard
