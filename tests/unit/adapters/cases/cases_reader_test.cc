// Every line a .cases file can hold, and every mistake in one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/cases/cases.h"

namespace heloguard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::string Errors(const CasesFile& file) {
  std::string text;
  for (const Diagnostic& d : file.diagnostics) text += d.error.ToString() + "\n";
  return text;
}

CasesFile Good(std::string_view text) {
  CasesFile file = ReadCases(text, "t.cases");
  EXPECT_EQ(Errors(file), "");
  return file;
}

TEST(CasesReader, TakesEveryClause) {
  const CasesFile file = Good(
      "# nothing here\n"
      "\n"
      "client ::ffff:192.0.2.7 helo a.example tls helo b.example auth port 587 rcpt x@y.example stage mail "
      "expect reject some-rule # so\r\n");
  ASSERT_EQ(file.cases.size(), 1U);
  const Case& one = file.cases[0];
  EXPECT_EQ(one.client.ToString(), "192.0.2.7");
  EXPECT_THAT(one.helos, ElementsAre("a.example", "b.example"));
  EXPECT_EQ(one.tls, 1U);
  EXPECT_TRUE(one.authenticated);
  EXPECT_EQ(one.port, 587);
  EXPECT_EQ(one.recipient, "x@y.example");
  EXPECT_EQ(one.stage, Stage::kMail);
  EXPECT_EQ(one.expected.outcome, Outcome::kReject);
  EXPECT_EQ(one.expected.by, "some-rule");
  EXPECT_EQ(one.where.ToString(), "t.cases:3:1");
}

TEST(CasesReader, DefaultsAreThoseOfAPlainSession) {
  const Case one = Good("client 2001:db8::1 nohelo expect accept").cases.at(0);
  EXPECT_THAT(one.helos, IsEmpty());
  EXPECT_EQ(one.tls, std::nullopt);
  EXPECT_FALSE(one.authenticated);
  EXPECT_EQ(one.port, std::nullopt);
  EXPECT_EQ(one.stage, Stage::kRcpt);
  EXPECT_EQ(one.expected.by, "");
  EXPECT_EQ(one.line, "client 2001:db8::1 nohelo expect accept");
}

struct HeloRow {
  const char* written;
  std::string helo;
};
class HeloText : public testing::TestWithParam<HeloRow> {};
TEST_P(HeloText, HoldsAnyOctets) {
  const CasesFile file = Good(std::string("client 192.0.2.1 helo ") + GetParam().written + " expect accept");
  ASSERT_EQ(file.cases.size(), 1U);
  EXPECT_THAT(file.cases[0].helos, ElementsAre(GetParam().helo));
}
INSTANTIATE_TEST_SUITE_P(Rows, HeloText,
                         testing::Values(HeloRow{"\"\"", ""}, HeloRow{"\"mail example\"", "mail example"},
                                         HeloRow{"-", "-"}, HeloRow{"a\\x00b\\xff", std::string("a\0b\xff", 4)},
                                         HeloRow{"\"a # b\"", "a # b"}, HeloRow{"a#b", "a#b"},
                                         HeloRow{"a\\\\b", "a\\b"}, HeloRow{"\\x22\\x20", "\" "},
                                         HeloRow{"[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"},
                                         HeloRow{"expect", "expect"}));

struct DnsRow {
  const char* line;
  DnsStatus status;
  Dnssec dnssec;
  const char* data;
};
class DnsLine : public testing::TestWithParam<DnsRow> {};
TEST_P(DnsLine, BecomesAnAnswer) {
  const CasesFile file = Good(std::string("dns ") + GetParam().line);
  ASSERT_EQ(file.dns.size(), 1U);
  const DnsAnswer& answer = file.dns[0].answer;
  EXPECT_EQ(answer.status, GetParam().status);
  EXPECT_EQ(answer.dnssec, GetParam().dnssec);
  std::string data;
  for (const DnsRecord& record : answer.data) data += ToText(record);
  EXPECT_EQ(data, GetParam().data);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, DnsLine,
    testing::Values(
        DnsRow{"a.example A 192.0.2.1", DnsStatus::kAnswer, Dnssec::kInsecure, "192.0.2.1"},
        DnsRow{"a.example A 192.0.2.1 secure", DnsStatus::kAnswer, Dnssec::kSecure, "192.0.2.1"},
        DnsRow{"a.example AAAA 2001:db8::1 indeterminate", DnsStatus::kAnswer, Dnssec::kIndeterminate, "2001:db8::1"},
        DnsRow{"192.0.2.1 PTR A.example", DnsStatus::kAnswer, Dnssec::kInsecure, "a.example."},
        DnsRow{"1.2.0.192.in-addr.arpa PTR a.example", DnsStatus::kAnswer, Dnssec::kInsecure, "a.example."},
        DnsRow{"a.example MX 10 mx.example", DnsStatus::kAnswer, Dnssec::kInsecure, "10 mx.example."},
        DnsRow{"a.example TXT \"v=spf1 a -all\"", DnsStatus::kAnswer, Dnssec::kInsecure, "\"v=spf1 a -all\""},
        DnsRow{"a.example TXT v=spf1 secure", DnsStatus::kAnswer, Dnssec::kSecure, "\"v=spf1\""},
        DnsRow{"a.example TXT \"a \\x22 \\xff\"", DnsStatus::kAnswer, Dnssec::kInsecure, "\"a \\x22 \\xff\""},
        DnsRow{"a.example TXT \"\"", DnsStatus::kAnswer, Dnssec::kInsecure, "\"\""},
        DnsRow{"a.example TXT BOGUS", DnsStatus::kBogus, Dnssec::kBogus, ""},
        DnsRow{"a.example MX 0 . secure", DnsStatus::kAnswer, Dnssec::kSecure, "0 ."},
        DnsRow{"a.example A NXDOMAIN", DnsStatus::kNxDomain, Dnssec::kInsecure, ""},
        DnsRow{"a.example A NXDOMAIN secure", DnsStatus::kNxDomain, Dnssec::kSecure, ""},
        DnsRow{"a.example A NODATA", DnsStatus::kNoData, Dnssec::kInsecure, ""},
        DnsRow{"a.example A SERVFAIL", DnsStatus::kServFail, Dnssec::kIndeterminate, ""},
        DnsRow{"a.example A TIMEOUT", DnsStatus::kTimeout, Dnssec::kIndeterminate, ""},
        DnsRow{"a.example A BOGUS", DnsStatus::kBogus, Dnssec::kBogus, ""}));

TEST(CasesReader, AsksForAnAddressUnderItsReverseName) {
  const CasesFile file = Good("dns ::ffff:192.0.2.1 PTR a.example\ndns 2001:db8::1 PTR a.example");
  std::vector<std::string> names;
  for (const ScriptedAnswer& scripted : file.dns) names.push_back(scripted.question.name.ToText());
  EXPECT_THAT(names, UnorderedElementsAre(DomainName::Reverse(*IpAddress::Parse("192.0.2.1")).ToText(),
                                          DomainName::Reverse(*IpAddress::Parse("2001:db8::1")).ToText()));
}

TEST(CasesReader, AddsRecordsUpSortedAndOnce) {
  const CasesFile file = Good(
      "dns a.example A 192.0.2.9\ndns A.EXAMPLE. A 192.0.2.1\ndns a.example A 192.0.2.9\n"
      "dns a.example MX 20 a.example\ndns a.example MX 10 z.example\n");
  ASSERT_EQ(file.dns.size(), 2U);
  ASSERT_EQ(file.dns[0].answer.data.size(), 2U);
  EXPECT_EQ(ToText(file.dns[0].answer.data[0]), "192.0.2.1");
  ASSERT_EQ(file.dns[1].answer.data.size(), 2U);
  EXPECT_EQ(ToText(file.dns[1].answer.data[0]), "10 z.example.");
}

TEST(CasesReader, KnowsWhoWeAreAndWhichDayItIs) {
  const CasesFile file =
      Good("own mx.example\nown .example.net\nown ::ffff:192.0.2.1\ntoday 2026-12-31\npolicy \"my policy.toml\"");
  ASSERT_EQ(file.own.names.size(), 1U);
  EXPECT_EQ(file.own.names[0].ToText(), "mx.example");
  ASSERT_EQ(file.own.suffixes.size(), 1U);
  EXPECT_EQ(file.own.suffixes[0].ToText(), "example.net");
  EXPECT_THAT(file.own.addresses, ElementsAre(*IpAddress::Parse("192.0.2.1")));
  EXPECT_EQ(file.today, std::chrono::sys_days{std::chrono::year{2026} / 12 / 31});
  EXPECT_EQ(file.policy, "my policy.toml");
  EXPECT_EQ(file.policy_where.ToString(), "t.cases:5:8");
}

struct MistakeRow {
  const char* line;
  const char* error;  // from its column on
};
class Mistake : public testing::TestWithParam<MistakeRow> {};
TEST_P(Mistake, IsNamedWithItsPlace) {
  const CasesFile file = ReadCases(GetParam().line, "t.cases");
  ASSERT_EQ(file.diagnostics.size(), 1U) << Errors(file);
  EXPECT_EQ(file.diagnostics[0].error.kind, ErrorKind::kInputData);
  EXPECT_THAT(Errors(file), HasSubstr(std::string("t.cases:1:") + GetParam().error));
}
INSTANTIATE_TEST_SUITE_P(
    Rows, Mistake,
    testing::Values(
        MistakeRow{"clent 192.0.2.1 helo a expect accept", "1: a line starts with"},
        MistakeRow{"clent 192.0.2.1 helo a expect accept",
                   "1: a line starts with policy, own, today, dns or client, not "
                   "\"clent\" (did you mean \"client\"?)"},
        MistakeRow{"client", "7: the client's address is missing"},
        MistakeRow{"client 192.0.2 helo a expect accept", "8: \"192.0.2\" is no IP address"},
        MistakeRow{"client 192.0.2.1 expect accept", "31: helo NAME is missing"},
        MistakeRow{"client 192.0.2.1 helo a", "24: expect and a verdict are missing"},
        MistakeRow{"client 192.0.2.1 helo", "22: the HELO name"},
        MistakeRow{"client 192.0.2.1 helo a nohelo expect accept", "25: helo and nohelo"},
        MistakeRow{"client 192.0.2.1 nohelo helo a expect accept", "30: helo and nohelo"},
        MistakeRow{"client 192.0.2.1 helo a expect acept", "32: \"acept\" is no verdict"},
        MistakeRow{"client 192.0.2.1 helo a expect acept",
                   "32: \"acept\" is no verdict; accept, tempfail and reject are (did you mean \"accept\"?)"},
        MistakeRow{"client 192.0.2.1 helo a expect", "31: the verdict"},
        MistakeRow{"client 192.0.2.1 helo a expct accept", "25: \"expct\" is not known here"},
        MistakeRow{"client 192.0.2.1 helo a expect accept x y", "41: \"y\" is not known here; behind the rule"},
        MistakeRow{"client 192.0.2.1 helo a expect accept at", "41: a stage"},
        MistakeRow{"client 192.0.2.1 helo a expect accept at noon", "42: \"noon\" is no stage"},
        MistakeRow{"client 192.0.2.1 helo a expect accept x mode obsreve",
                   "46: \"obsreve\" is no mode; enforce and observe are (did you mean \"observe\"?)"},

        MistakeRow{"client 192.0.2.1 helo a expect accept reply", "44: what the reply says"},
        MistakeRow{"client 192.0.2.1 helo a port 0 expect accept", "30: \"0\" is no port"},
        MistakeRow{"client 192.0.2.1 helo a port 65536 expect accept", "30: \"65536\" is no port"},
        MistakeRow{"client 192.0.2.1 helo a port 2x expect accept", "30: \"2x\" is no port"},
        MistakeRow{"client 192.0.2.1 helo a tls tls expect accept", "29: tls stands there twice"},
        MistakeRow{"client 192.0.2.1 helo a stage connect expect accept", "31: \"connect\" is no stage"},
        MistakeRow{"client 192.0.2.1 helo a stage rctp expect accept",
                   "31: \"rctp\" is no stage to answer at; helo, mail and rcpt are (did you mean \"rcpt\"?)"},
        MistakeRow{"client 192.0.2.1 helo \"a expect accept", "23: a quoted word ends"},
        MistakeRow{"client 192.0.2.1 helo \"a\"b expect accept", "23: a quoted word ends"},
        MistakeRow{"dns", "4: the name or address asked for is missing"},
        MistakeRow{"dns a..b A 192.0.2.1", "5: \"a..b\" is neither a name nor an address"},
        MistakeRow{"dns a.example", "14: a record type"},
        MistakeRow{"dns a.example PRT b.example", "15: \"PRT\" is no record type"},
        MistakeRow{"dns a.example PRT b.example",
                   "15: \"PRT\" is no record type; A, AAAA, PTR, MX and TXT are (did you mean \"PTR\"?)"},
        MistakeRow{"dns 192.0.2.1 A 192.0.2.1", "5: \"192.0.2.1\" is an address: only PTR is asked for by address"},
        MistakeRow{"dns a.example A", "16: a record, or NXDOMAIN"},
        MistakeRow{"dns a.example A 2001:db8::1", "17: \"2001:db8::1\" is no IPv4 address"},
        MistakeRow{"dns a.example AAAA 192.0.2.1", "20: \"192.0.2.1\" is no IPv6 address"},
        MistakeRow{"dns a.example MX mx.example", "18: \"mx.example\" is no preference"},
        MistakeRow{"dns a.example MX 70000 mx.example", "18: \"70000\" is no preference"},
        MistakeRow{"dns a.example MX 10", "20: the name of the mail server is missing"},
        MistakeRow{"dns a.example A 192.0.2.1 sure", "27: \"sure\" is no DNSSEC state"},
        MistakeRow{"dns a.example A 192.0.2.1 bogus", "27: bogus data is never handed out"},
        MistakeRow{"dns a.example A 192.0.2.1 secure x", "34: \"x\" is one word too many"},
        MistakeRow{"own a..b", "5: \"a..b\" is neither a name nor an address"},
        MistakeRow{"own .", "5: \".\" is neither"}, MistakeRow{"today 2026-02-30", "7: \"2026-02-30\" is no date"},
        MistakeRow{"today tomorrow", "7: \"tomorrow\" is no date"}, MistakeRow{"policy", "7: a policy file is missing"},
        MistakeRow{"\x1b[2J", "1: a line starts with policy, own, today, dns or client, not \"\\x1b[2J\""}));

TEST(CasesReader, RefusesContradictions) {
  const CasesFile file = ReadCases(
      "dns a.example A 192.0.2.1 secure\n"
      "dns a.example A 192.0.2.2\n"
      "dns a.example A NODATA\n"
      "policy a.toml\n"
      "policy b.toml\n"
      "today 2026-01-01\n"
      "today 2026-01-02\n",
      "t.cases");
  EXPECT_THAT(Errors(file), HasSubstr("t.cases:2:17: records of one name and type have one DNSSEC state: on line 1"));
  EXPECT_THAT(Errors(file), HasSubstr("t.cases:3:17: line 1 answers the same question already"));
  EXPECT_THAT(Errors(file), HasSubstr("t.cases:5:8: the policy is named on line 4"));
  EXPECT_THAT(Errors(file), HasSubstr("t.cases:7:7: the date is given twice"));
  EXPECT_EQ(file.diagnostics.size(), 4U);
}

TEST(CasesReader, ReportsEveryBadLineAndIsTotal) {
  std::string every_octet;
  for (int c = 0; c < 256; ++c) every_octet += std::string("client ") + static_cast<char>(c) + "\n";
  EXPECT_EQ(ReadCases(every_octet, "t.cases").cases.size(), 0U);
  EXPECT_EQ(ReadCases("x\ny\n\nz", "t.cases").diagnostics.size(), 3U);
  EXPECT_EQ(ReadCases("", "t.cases").diagnostics.size(), 0U);
  EXPECT_EQ(Good("\xEF\xBB\xBF# bom\nclient 192.0.2.1 helo a expect accept").cases.size(), 1U);
}

}  // namespace
}  // namespace heloguard
