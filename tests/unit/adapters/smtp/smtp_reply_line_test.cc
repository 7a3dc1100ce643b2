// Reply lines as servers send them, and as they should not.
#include "adapters/smtp/smtp_reply_line.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

TEST(SmtpReplyLine, IsTakenApart) {
  const struct {
    std::string_view line;
    int code;
    bool last;
    std::string_view text;
  } kRows[] = {
      {"220 mail.example.com ESMTP", 220, true, "mail.example.com ESMTP"},
      {"250-mail.example.com", 250, false, "mail.example.com"},
      {"250", 250, true, ""},
      {"250-", 250, false, ""},
      {"554  twice", 554, true, " twice"},
      {std::string_view("220 a\0b", 7), 220, true, std::string_view("a\0b", 3)},
  };
  for (const auto& row : kRows) {
    const auto reply = ParseSmtpReplyLine(row.line);
    ASSERT_TRUE(reply.has_value()) << row.line;
    EXPECT_EQ(reply->code, row.code) << row.line;
    EXPECT_EQ(reply->last, row.last) << row.line;
    EXPECT_EQ(reply->text, row.text) << row.line;
  }
}

TEST(SmtpReplyLine, NothingElseIsOne) {
  for (const std::string_view line : {"", "2", "22", "22x y", "120 x", "620 x", "000 x", "2200 x", "220_x", "220\tx",
                                      " 220 x", "SSH-2.0-x", "+OK x", "* OK x", "HTTP/1.1 200 OK"}) {
    EXPECT_FALSE(ParseSmtpReplyLine(line).has_value()) << line;
  }
}

TEST(SmtpReplyLine, TheNameIsTheFirstWord) {
  const struct {
    std::string_view text, name;
  } kRows[] = {
      {"mail.example.com ESMTP", "mail.example.com"},
      {"mail.example.com", "mail.example.com"},
      {"  mail.example.com\tx", "mail.example.com"},
      {"", ""},
      {" \t", ""},
      {"[192.0.2.1] x", "[192.0.2.1]"},
  };
  for (const auto& row : kRows) EXPECT_EQ(NameInReply(row.text), row.name) << row.text;
}

}  // namespace
}  // namespace heloguard
