// What an audit says of the SPF record of a HELO name, and which record it would publish.
#include "audit_fixture.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Audit, Spf) {
  const struct {
    std::vector<std::string_view> texts;
    CheckResult record, at;
    std::string_view publish;
  } kRows[] = {
      {{"v=spf1 a -all"}, CheckResult::kPass, CheckResult::kPass, ""},
      {{"v=spf1 -all"},
       CheckResult::kPass,
       CheckResult::kFail,
       "mail.example.com. TXT \"v=spf1 ip4:203.0.113.7 -all\""},
      {{"v=spf1 ~all"},
       CheckResult::kPass,
       CheckResult::kWarn,
       "mail.example.com. TXT \"v=spf1 ip4:203.0.113.7 ~all\""},
      {{"v=spf1"}, CheckResult::kPass, CheckResult::kWarn, "mail.example.com. TXT \"v=spf1 ip4:203.0.113.7\""},
      {{"v=spf1 \" -all"}, CheckResult::kFail, CheckResult::kFail, ""},
      {{"v=spf1 ip4:x -all"}, CheckResult::kFail, CheckResult::kFail, ""},
  };
  for (const auto& row : kRows) {
    DnsAnswer answer = Texts({});
    for (const std::string_view text : row.texts) answer.data.emplace_back(TxtRecord{std::string(text)});
    Script(Txt(kMail), answer);
    Gather(kMail);
    EXPECT_EQ(Row(0, CheckId::kSpf).result, row.record) << row.texts.front();
    EXPECT_EQ(Row(1, CheckId::kSpf).result, row.at) << row.texts.front();
    if (row.publish.empty()) {
      EXPECT_THAT(Published(), IsEmpty()) << row.texts.front();
    } else {
      EXPECT_THAT(Published(), ElementsAre(row.publish)) << row.texts.front();
    }
  }
  Script(Txt(kMail), Texts({"v=spf1 -all", "v=spf1 a -all"}));
  Gather(kMail);
  EXPECT_EQ(Row(0, CheckId::kSpf).result, CheckResult::kFail);
  Script(Txt(kMail), Texts({"other"}));
  Gather(kMail);
  EXPECT_EQ(Row(0, CheckId::kSpf).result, CheckResult::kWarn);
  EXPECT_THAT(Published(), ElementsAre("mail.example.com. TXT \"v=spf1 a -all\""));
}

// Mail that a provider sends for the domain would fail a record of this one host.
TEST_F(Audit, WhereOthersMaySendNoSpfRecordIsWrittenForThem) {
  Script(Mx(kMail), Data({MxRecord{10, testing::Name("mx.provider.example")}}));
  Script(Txt(kMail), Texts({"other"}));
  Gather(kMail);
  EXPECT_EQ(Row(0, CheckId::kSpf).result, CheckResult::kWarn);
  EXPECT_THAT(Row(0, CheckId::kSpf).advice, ElementsAre(HasSubstr("that names every server which sends mail")));
  EXPECT_THAT(Published(), IsEmpty());
  Script(A("example.com"), Addresses({kIp}));
  Gather("example.com");
  EXPECT_THAT(Published(), ::testing::Not(Contains(HasSubstr("v=spf1"))));
}

TEST_F(Audit, OneSpfRecordNamesEveryAddressThatFails) {
  Script(Txt(kMail), Texts({"v=spf1 -all"}));
  Script(Aaaa(kMail), Addresses({"2001:db8::7"}));
  Gather(kMail, {});
  ASSERT_EQ(sections_.size(), 3U);
  EXPECT_THAT(Published(), Contains("mail.example.com. TXT \"v=spf1 ip4:203.0.113.7 ip6:2001:db8::7 -all\""));
}

}  // namespace
}  // namespace heloguard
