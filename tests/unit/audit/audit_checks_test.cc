// What an audit finds, on scripted DNS and with the shipped policies: one row a situation.
#include "audit_fixture.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Audit, ACleanServerPassesEverything) {
  for (const bool given : {true, false}) {
    Gather(kMail, given ? std::vector{kIp} : std::vector<std::string_view>{});
    ASSERT_EQ(sections_.size(), 2U);
    EXPECT_EQ(Results(0), "name=pass domain=pass look=pass addresses=pass mx=pass spf=pass");
    EXPECT_EQ(Results(1), "ptr=pass forward=pass agreement=pass spf=pass policy=pass policy=pass");
    EXPECT_EQ(sections_[1].subject, kIp);
    EXPECT_THAT(Published(), IsEmpty());
    for (const CheckSection& section : sections_) {
      for (const CheckRow& row : section.rows) EXPECT_THAT(row.advice, IsEmpty()) << NameOf(row.check);
    }
  }
}

TEST_F(Audit, EveryLinkTellsItsDnssecState) {
  Script(Mx(kMail), Data({MxRecord{10, testing::Name(kMail)}}, Dnssec::kInsecure));
  Gather(kMail);
  EXPECT_EQ(Row(0, CheckId::kAddresses).dnssec, Dnssec::kInsecure);  // secure A, insecure denial of AAAA
  EXPECT_EQ(Row(0, CheckId::kMx).dnssec, Dnssec::kInsecure);
  EXPECT_EQ(Row(1, CheckId::kPtr).dnssec, Dnssec::kSecure);
  EXPECT_EQ(Row(1, CheckId::kForward).dnssec, Dnssec::kSecure);
  EXPECT_EQ(Row(0, CheckId::kName).dnssec, std::nullopt);
}

TEST_F(Audit, WithoutReverseDnsTheRecordIsTold) {
  Script(Ptr(kIp), End(DnsStatus::kNxDomain));
  Gather(kMail);
  EXPECT_EQ(Results(1), "ptr=fail agreement=pass spf=pass policy=pass policy=pass");
  EXPECT_THAT(Row(1, CheckId::kPtr).advice, ElementsAre(HasSubstr("203.0.113.7 has no reverse DNS: ")));
  EXPECT_THAT(Published(), ElementsAre("7.113.0.203.in-addr.arpa. PTR mail.example.com."));
}

TEST_F(Audit, APtrThatLeadsElsewhereNeedsBothRecords) {
  Script(A(kMail), Addresses({"203.0.113.99"}));
  Gather(kMail);
  EXPECT_EQ(Results(1), "ptr=pass forward=fail agreement=warn spf=fail policy=pass policy=pass");
  EXPECT_THAT(Row(1, CheckId::kForward).advice, ElementsAre(HasSubstr("The PTR and HELO name mail.example.com has")));
  EXPECT_THAT(Published(), Contains("mail.example.com. A 203.0.113.7"));

  Script(Ptr(kIp), Names({"other.example.net"}));
  Gather(kMail);
  EXPECT_EQ(Results(1), "ptr=pass forward=fail agreement=warn spf=fail policy=pass policy=pass");
  EXPECT_THAT(Published(), Contains("mail.example.com. A 203.0.113.7"));
  EXPECT_THAT(Published(), Contains("7.113.0.203.in-addr.arpa. PTR mail.example.com."));
}

TEST_F(Audit, AHostWithAConfirmedNameNeedsNoAddressOfAnother) {
  Script(A(kMail), Addresses({"203.0.113.99"}));
  Script(Txt(kMail), Texts({"v=spf1 ip4:203.0.113.7 -all"}));
  Script(A("out.example.com"), Addresses({kIp}));
  Script(Ptr(kIp), Names({"out.example.com"}));
  Gather(kMail);
  EXPECT_EQ(Results(1), "ptr=pass forward=pass agreement=warn spf=pass policy=pass policy=pass");
  EXPECT_THAT(Row(1, CheckId::kAgreement).advice, ElementsAre(HasSubstr("better in HELO")));
  EXPECT_THAT(Published(), IsEmpty());
}

TEST_F(Audit, AgreementOfNameAndPtr) {
  Script(A("other.example.com"), Addresses({kIp}));
  Script(Ptr(kIp), Names({"other.example.com"}));
  Gather(kMail);
  EXPECT_EQ(Row(1, CheckId::kAgreement).text, "the name leads here; the PTR name is of the same domain");
  EXPECT_EQ(Row(1, CheckId::kAgreement).result, CheckResult::kPass);

  Script(A("mail.example.net"), Addresses({kIp}));
  Script(Ptr(kIp), Names({"mail.example.net"}));
  Gather(kMail);
  EXPECT_EQ(Row(1, CheckId::kAgreement).result, CheckResult::kWarn);
  EXPECT_THAT(Row(1, CheckId::kAgreement).advice, ElementsAre(HasSubstr("is of another domain than")));
  EXPECT_THAT(Published(), ElementsAre("7.113.0.203.in-addr.arpa. PTR mail.example.com."));
}

TEST_F(Audit, ANameWithoutAddress) {
  Gather("gone.example.com");
  EXPECT_EQ(Results(0), "name=pass domain=pass look=pass addresses=fail spf=warn");
  EXPECT_EQ(Row(0, CheckId::kAddresses).text, "it does not exist in DNS");
  EXPECT_EQ(Row(1, CheckId::kAgreement).result, CheckResult::kFail);
  EXPECT_THAT(Published(), ElementsAre("gone.example.com. A 203.0.113.7", "gone.example.com. TXT \"v=spf1 a -all\""));
  Gather("gone.example.com", {});
  ASSERT_EQ(sections_.size(), 1U);
  EXPECT_THAT(Row(0, CheckId::kAddresses).advice, ElementsAre(HasSubstr("\"gone.example.com. A ADDRESS\"")));
  Script(Txt("text.example.com"), Texts({"x"}));
  Gather("text.example.com", {});
  EXPECT_THAT(Row(0, CheckId::kAddresses).text, HasSubstr("it has no address"));
}

TEST_F(Audit, SilenceIsUnknownAndNeverAFail) {
  for (const DnsStatus status : {DnsStatus::kServFail, DnsStatus::kTimeout}) {
    for (const DnsQuestion& question : {A(kMail), Aaaa(kMail), Mx(kMail), Txt(kMail), Ptr(kIp)}) {
      Script(question, End(status));
    }
    Gather(kMail);
    EXPECT_EQ(Results(0), "name=pass domain=pass look=pass addresses=unknown mx=unknown spf=unknown");
    EXPECT_THAT(Results(1), HasSubstr("ptr=unknown agreement=unknown policy="));
    EXPECT_THAT(Results(1), ::testing::Not(HasSubstr("fail")));
    EXPECT_THAT(Published(), IsEmpty());
  }
}

TEST_F(Audit, BogusIsTheSendersFaultOnlyIfOurResolverIsWell) {
  for (const DnsQuestion& question : {A(kMail), Aaaa(kMail), Mx(kMail), Txt(kMail)}) {
    Script(question, End(DnsStatus::kBogus));
  }
  Gather(kMail);
  EXPECT_EQ(Results(0), "name=pass domain=pass look=pass addresses=warn mx=warn spf=warn");
  EXPECT_THAT(Results(1), HasSubstr("ptr=pass forward=warn agreement=warn policy="));
  EXPECT_THAT(Row(1, CheckId::kForward).advice, Contains(HasSubstr("has to sign the zone anew")));
  resolver_well_ = false;
  Gather(kMail);
  EXPECT_EQ(Results(0), "name=pass domain=pass look=pass addresses=unknown mx=unknown spf=unknown");
  EXPECT_THAT(Results(1), HasSubstr("ptr=pass forward=unknown agreement=unknown policy="));
}

TEST_F(Audit, OfflineNothingIsLookedUp) {
  offline_ = true;
  Gather(kMail);
  EXPECT_EQ(Row(0, CheckId::kAddresses).text, "not looked up");
  EXPECT_EQ(Row(0, CheckId::kAddresses).result, CheckResult::kUnknown);
  EXPECT_EQ(Row(1, CheckId::kPtr).text, "not looked up");
  EXPECT_EQ(Row(1, CheckId::kAgreement).text, "not looked up");
  EXPECT_THAT(dns_.asked(), IsEmpty());
}

TEST_F(Audit, EveryKindOfName) {
  const struct {
    std::string_view name, results;
  } kRows[] = {
      {"friend", "name=fail"},
      {"203.0.113.7", "name=fail"},
      {"2001:db8::7", "name=fail"},
      {"[203.0.113.7]", "name=warn"},
      {"[IPv6:2001:db8::7]", "name=warn"},
      {"[x400:c=de]", "name=fail"},
      {"", "name=fail"},
      {"a..example.com", "name=fail"},
      {"mail.example.com extra", "name=fail"},
      {std::string_view("mail\0.example.com", 17), "name=fail"},
      {"mail_1.example.com", "name=warn domain=pass look=warn"},
      {"mail.localhost", "name=pass domain=fail"},
      {"mail.lan", "name=pass domain=fail"},
      {"mail.example.1", "name=warn domain=fail"},
      {"mail.nosuchtld", "name=pass domain=fail"},
      {"co.uk", "name=pass domain=fail"},
      {"dsl-203-0-113-7.pool.example.com", "name=pass domain=pass look=warn"},
      {"DESKTOP-1A2B3C4.example.com", "name=pass domain=pass look=warn"},
      {"example.com", "name=pass domain=pass look=warn"},
      {"1-2-3-4", "name=fail"},
  };
  for (const auto& row : kRows) {
    Gather(row.name);
    EXPECT_EQ(Results(0).substr(0, row.results.size()), row.results) << row.name;
    for (const CheckRow& check : sections_.front().rows) {
      EXPECT_TRUE(check.result == CheckResult::kPass || check.result == CheckResult::kUnknown ||
                  !check.advice.empty() || !check.publish.empty())
          << row.name << " " << NameOf(check.check);
      for (const char c : check.text) EXPECT_TRUE(c >= ' ' && c <= '~') << row.name;
    }
  }
}

// The words of the look are bound to rules of the shipped policy: each of these names meets its own.
TEST_F(Audit, WhatANameLooksLikeIsSaidInWords) {
  const struct {
    std::string_view name, text;
  } kRows[] = {
      {"dsl-203-0-113-7.pool.example.com", "the name of a customer's line (generic-helo +3)"},
      {"desktop-1a2b3c4.example.com", "a machine's name as installed (machine-name +"},
      {"example.com", "it is a domain, not a host in it (apex +"},
  };
  for (const auto& row : kRows) {
    Gather(row.name);
    EXPECT_THAT(Row(0, CheckId::kLook).text, HasSubstr(row.text)) << row.name;
  }
  std::vector<std::string> rules;
  const auto policy = Shipped("default");
  for (const Rule& rule : policy->rules) rules.push_back(rule.name);
  for (const char* rule : {"generic-helo", "machine-name", "bot-name", "made-up-domain", "numbered-sender", "apex",
                           "cheap-tld", "spelled-out-ip"}) {
    EXPECT_THAT(rules, Contains(rule));
  }
}

TEST_F(Audit, ANameThatSpellsItsAddressIsTold) {
  constexpr std::string_view kName = "h-203-0-113-7.example.com";
  Script(A(kName), Addresses({kIp}));
  Script(Ptr(kIp), Names({kName}));
  Gather(kName);
  EXPECT_EQ(Row(1, CheckId::kAgreement).result, CheckResult::kWarn);
  EXPECT_THAT(Row(1, CheckId::kAgreement).text, HasSubstr("the name spells out the address"));
}

TEST_F(Audit, ALiteralIsItsAddressOrNot) {
  Gather("[203.0.113.7]", {});
  ASSERT_EQ(sections_.size(), 2U);
  EXPECT_EQ(sections_[1].subject, kIp);
  EXPECT_EQ(Row(1, CheckId::kAgreement).result, CheckResult::kPass);
  Gather("[203.0.113.8]");
  EXPECT_EQ(Row(1, CheckId::kAgreement).result, CheckResult::kFail);
}

TEST_F(Audit, MailExchangers) {
  Script(Mx(kMail), Data({MxRecord{0, DomainName()}}));
  Gather(kMail);
  EXPECT_EQ(Row(0, CheckId::kMx).result, CheckResult::kWarn);
  EXPECT_THAT(Row(0, CheckId::kMx).text, HasSubstr("null MX"));
  Script(Mx(kMail), Data({MxRecord{10, testing::Name("mx.example.com")}}));
  Gather(kMail);
  EXPECT_EQ(Row(0, CheckId::kMx).result, CheckResult::kPass);
  EXPECT_EQ(Row(0, CheckId::kMx).text, "10 mx.example.com");
}

TEST_F(Audit, AnAddressOfTheInsideIsTold) {
  Script(A(kMail), Addresses({"10.0.0.5", kIp}));
  Gather(kMail);
  EXPECT_EQ(Row(0, CheckId::kAddresses).result, CheckResult::kWarn);
  EXPECT_THAT(Row(0, CheckId::kAddresses).text, HasSubstr("10.0.0.5 is an address of the inside"));
}

TEST_F(Audit, ARefusalCountsAsTold) {
  Gather("203.0.113.7");
  const auto& rows = sections_[1].rows;
  ASSERT_GE(rows.size(), 2U);
  const CheckRow& by_default = rows[rows.size() - 2];
  const CheckRow& by_strict = rows.back();
  EXPECT_EQ(by_default.result, CheckResult::kFail);
  EXPECT_EQ(by_strict.result, CheckResult::kWarn);
  ASSERT_TRUE(by_default.answered.has_value());
  EXPECT_EQ(by_default.answered->outcome, Outcome::kReject);
  EXPECT_EQ(by_default.answered->rule, "bare-ip");
  EXPECT_THAT(by_default.answered->reply, HasSubstr("550 5.7.1 HELO 203.0.113.7 is an IP address"));
}

TEST_F(Audit, ManyAddressesAreCut) {
  DnsAnswer many = Addresses({});
  for (unsigned i = 1; i <= 200; ++i) many.data.emplace_back(testing::Ip("203.0.113." + std::to_string(i)));
  Script(A(kMail), many);
  Gather(kMail, {});
  EXPECT_EQ(sections_.size(), 1 + kMaxAuditedAddresses);
  EXPECT_EQ(left_out_, 200 - kMaxAuditedAddresses);
  EXPECT_LT(Row(0, CheckId::kAddresses).text.size(), 200U);
}

TEST_F(Audit, HostileBytesFromDnsLeaveEscaped) {
  const auto evil =
      DomainName::FromWire(std::string("\x07"
                                       "evil\r\n\x1b\x07"
                                       "example\x03"
                                       "com\0",
                                       21));
  ASSERT_TRUE(evil.has_value());
  Script(Ptr(kIp), Data({*evil}));
  Script(Txt(kMail), Texts({"v=spf1 \x1b[2J\r\n"}));
  Gather(kMail);
  for (const CheckSection& section : sections_) {
    for (const CheckRow& row : section.rows) {
      std::string all = row.text;
      for (const std::string& advice : row.advice) all += advice;
      for (const ZoneLine& line : row.publish) all += line.data;
      for (const char c : all) EXPECT_TRUE(c >= ' ' && c <= '~') << NameOf(row.check);
    }
  }
  EXPECT_THAT(Row(1, CheckId::kPtr).text, HasSubstr("evil\\x0d\\x0a\\x1b.example.com"));
}

}  // namespace
}  // namespace heloguard
