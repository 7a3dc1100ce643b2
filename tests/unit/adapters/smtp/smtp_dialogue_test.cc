// What the server that takes no mail answers, command by command.
#include "adapters/smtp/smtp_dialogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heloguard/facts/helo.h"

namespace heloguard {
namespace {

using testing::Optional;
using testing::StartsWith;

constexpr const char* kOwn = "[192.0.2.1]";

// The codes of the answers to `lines`, in order.
std::vector<std::string> Codes(const std::vector<std::string>& lines, SmtpDialogue* dialogue) {
  std::vector<std::string> codes;
  for (const std::string& line : lines) codes.push_back(dialogue->Answer(line).substr(0, 3));
  return codes;
}

std::vector<std::string> Codes(const std::vector<std::string>& lines) {
  SmtpDialogue dialogue(kOwn);
  return Codes(lines, &dialogue);
}

TEST(SmtpDialogue, LetsAClientSayAllButTheMail) {
  SmtpDialogue dialogue(kOwn);
  EXPECT_THAT(dialogue.Greeting(), StartsWith("220 [192.0.2.1] ESMTP "));
  EXPECT_EQ(Codes({"EHLO mail.example.com", "MAIL FROM:<a@example.com> SIZE=9", "RCPT TO:<b@example.net>",
                   "rcpt to:<c@example.net>", "DATA", "RSET", "NOOP", "VRFY x"},
                  &dialogue),
            (std::vector<std::string>{"250", "250", "250", "250", "554", "250", "250", "252"}));
  EXPECT_FALSE(dialogue.over());
  EXPECT_EQ(Codes({"QUIT"}, &dialogue), std::vector<std::string>{"221"});
  EXPECT_TRUE(dialogue.over());
  EXPECT_THAT(dialogue.helo(), Optional(std::string("mail.example.com")));
}

TEST(SmtpDialogue, HeloIsHeardWithoutTheBlanksAroundIt) {
  const struct {
    std::string line, helo, code;
  } kRows[] = {
      {"HELO a.example", "a.example", "250"},
      {"ehlo \t a.example  ", "a.example", "250"},
      {"EhLo a b", "a b", "250"},
      {"HELO", "", "501"},
      {"HELO  ", "", "501"},
      {std::string("HELO a\0b", 8), std::string("a\0b", 3), "250"},
      {"HELO \xff\x80", "\xff\x80", "250"},
  };
  for (const auto& row : kRows) {
    SmtpDialogue dialogue(kOwn);
    EXPECT_EQ(Codes({row.line}, &dialogue).front(), row.code) << row.line;
    EXPECT_THAT(dialogue.helo(), Optional(row.helo)) << row.line;
  }
}

TEST(SmtpDialogue, TheLatestHeloCountsAndBeginsAnew) {
  SmtpDialogue dialogue(kOwn);
  EXPECT_EQ(Codes({"EHLO first.example", "MAIL FROM:<>", "HELO second.example", "RCPT TO:<b@example.net>"}, &dialogue),
            (std::vector<std::string>{"250", "250", "250", "503"}));
  EXPECT_THAT(dialogue.helo(), Optional(std::string("second.example")));
}

TEST(SmtpDialogue, KeepsTheOrder) {
  EXPECT_EQ(Codes({"MAIL FROM:<>"}), std::vector<std::string>{"503"});
  EXPECT_EQ(Codes({"EHLO a.example", "RCPT TO:<b@example.net>", "DATA"}),
            (std::vector<std::string>{"250", "503", "503"}));
  EXPECT_EQ(Codes({"EHLO a.example", "MAIL FROM:<>", "MAIL FROM:<>", "DATA"}),
            (std::vector<std::string>{"250", "250", "503", "503"}));
  EXPECT_EQ(Codes({"EHLO a.example", "MAIL FROM:<>", "RCPT TO:<b@example.net>", "RSET", "DATA"}).back(), "503");
}

TEST(SmtpDialogue, WhatIsNotOfferedIsRefused) {
  EXPECT_EQ(Codes({"STARTTLS", "AUTH PLAIN AAAA", "BDAT 5 LAST", "XCLIENT x", "", " ", "HELOx a"}),
            (std::vector<std::string>{"502", "502", "502", "500", "500", "500", "500"}));
}

TEST(SmtpDialogue, EndsWithWhoeverMakesOnlyMistakes) {
  SmtpDialogue dialogue(kOwn);
  std::string last;
  int asked = 0;
  for (; !dialogue.over() && asked < 1'000; ++asked) last = dialogue.Answer("GET / HTTP/1.1");
  EXPECT_EQ(asked, 10);
  EXPECT_THAT(last, StartsWith("421 "));
  EXPECT_FALSE(dialogue.helo().has_value());
}

TEST(SmtpDialogue, EndsWithWhoeverGoesOnForEver) {
  SmtpDialogue dialogue(kOwn);
  std::string last;
  int asked = 0;
  for (; !dialogue.over() && asked < 1'000; ++asked) last = dialogue.Answer("NOOP");
  EXPECT_EQ(asked, 100);
  EXPECT_THAT(last, StartsWith("421 "));
}

TEST(SmtpDialogue, ALongLineIsAMistakeAndALongNameIsCut) {
  SmtpDialogue dialogue(kOwn);
  EXPECT_THAT(dialogue.AnswerTooLong(), StartsWith("500 "));
  EXPECT_FALSE(dialogue.helo().has_value());
  EXPECT_THAT(dialogue.Answer("HELO " + std::string(2'000, 'a')), StartsWith("250 "));
  EXPECT_EQ(dialogue.helo()->size(), kMaxHeloBytes);
}

}  // namespace
}  // namespace heloguard
