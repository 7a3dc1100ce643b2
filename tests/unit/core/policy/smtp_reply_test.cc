// Replies made, refused and cut.
#include "heloguard/policy/smtp_reply.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

TEST(SmtpReplyTest, Made) {
  const auto reply = SmtpReply::Make(550, "5.7.1", "no 100% way");
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply.value().ToString(), "550 5.7.1 no 100% way");
  EXPECT_TRUE(reply.value().permanent());
  EXPECT_EQ(SmtpReply::Make(450, "", "later").value().ToString(), "450 later");
}

TEST(SmtpReplyTest, Refused) {
  const struct {
    int code;
    std::string_view enhanced;
    std::string text;
    std::string_view error;
  } rows[] = {
      {250, "2.0.0", "ok", "a reply code must be 400 to 599, not 250"},
      {600, "", "x", "a reply code must be 400 to 599, not 600"},
      {550, "4.7.1", "x", "the enhanced status code 4.7.1 must be of the class of 550, 5.x.x (RFC 3463)"},
      {450, "5.7.1", "x", "the enhanced status code 5.7.1 must be of the class of 450, 4.x.x (RFC 3463)"},
      {550, "5.7", "x", "\"5.7\" is no enhanced status code (RFC 3463)"},
      {550, "5.7.1234", "x", "\"5.7.1234\" is no enhanced status code (RFC 3463)"},
      {550, "5.07.1", "x", "\"5.07.1\" is no enhanced status code (RFC 3463)"},
      {550, "5.7.1\r", "x", "\"5.7.1\\x0d\" is no enhanced status code (RFC 3463)"},
      {550, "5.7.1", "a\r\n250 ok", "a reply may hold printable ASCII only"},
      {550, "5.7.1", std::string("a\0b", 3), "a reply may hold printable ASCII only"},
      {550, "5.7.1", "M\xc3\xbcller", "a reply may hold printable ASCII only"},
  };
  for (const auto& row : rows) {
    const auto reply = SmtpReply::Make(row.code, row.enhanced, row.text);
    ASSERT_FALSE(reply.ok()) << row.error;
    EXPECT_EQ(reply.error().message, row.error);
    EXPECT_EQ(reply.error().kind, ErrorKind::kConfig);
  }
}

TEST(SmtpReplyTest, LongestLineIs512OctetsWithItsEnd) {
  const std::size_t room = 512 - 2 - std::string_view("550 5.7.1 ").size();
  EXPECT_EQ(SmtpReply::Make(550, "5.7.1", std::string(room, 'x')).value().text(), std::string(room, 'x'));
  const SmtpReply cut = SmtpReply::Make(550, "5.7.1", std::string(room + 1, 'x')).value();
  EXPECT_EQ(cut.ToString().size() + 2, 512U);
  EXPECT_TRUE(cut.text().ends_with("x..."));
  EXPECT_EQ(SmtpReply::Make(550, "", std::string(2'000, 'x')).value().ToString().size() + 2, 512U);
}

TEST(SmtpReplyTest, SeveralLines) {
  const SmtpReply reply = SmtpReply::Make(550, "5.7.25", "\nfirst  \n\n second\nthird\n").value();
  EXPECT_EQ(reply.lines(), (std::vector<std::string>{"first", " second", "third"}));
  EXPECT_EQ(reply.text(), "first\n second\nthird");
  EXPECT_EQ(reply.ToString(), "550-5.7.25 first\n550-5.7.25  second\n550 5.7.25 third");
  EXPECT_EQ(SmtpReply::Make(450, "", "a\nb").value().ToString(), "450-a\n450 b");
  EXPECT_EQ(SmtpReply::Make(450, "4.7.1", "").value().ToString(), "450 4.7.1");
  EXPECT_EQ(SmtpReply::Make(450, "", " \n ").value().ToString(), "450");
}

TEST(SmtpReplyTest, EveryLineHasItsOwnLimit) {
  const std::string line(600, 'x');
  const SmtpReply reply = SmtpReply::Make(550, "5.7.1", line + "\n" + line).value();
  ASSERT_EQ(reply.lines().size(), 2U);
  for (const std::string& each : reply.lines()) EXPECT_EQ(std::string("550-5.7.1 ").size() + each.size() + 2, 512U);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "line\n";
  EXPECT_EQ(SmtpReply::Make(550, "5.7.1", many).value().lines().size(), SmtpReply::kMaxLines);
}

}  // namespace
}  // namespace heloguard
