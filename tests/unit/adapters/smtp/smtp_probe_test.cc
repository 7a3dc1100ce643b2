// Servers of every kind, asked for their names.
#include "adapters/smtp/smtp_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heloguard/facts/helo.h"
#include "socket_help.h"

namespace heloguard {
namespace {

using testing::HasSubstr;

// Says `greeting`, then each of `answers` to a line.
Result<SmtpSelf> Probe(const std::string& greeting, const std::vector<std::string>& answers,
                       std::string* heard = nullptr, const SmtpLimits& limits = kPatient) {
  std::string lines;
  Result<SmtpSelf> self = Error{};
  {
    const FakeServer server([&](int fd) {
      Send(fd, greeting);
      for (const std::string& answer : answers) {
        lines += ReceiveUntil(fd, "\n");
        Send(fd, answer);
      }
      lines += ReceiveUntil(fd, "\n");
    });
    self = ProbeSmtp(server.address(), limits);
  }
  if (heard != nullptr) *heard = lines;
  return self;
}

TEST(SmtpProbe, ReadsBothNamesAndLeavesPolitely) {
  std::string heard;
  const auto self = Probe("220 mail.example.com ESMTP Postfix\r\n",
                          {"250-mx.example.com\r\n250-PIPELINING\r\n250 SIZE 1000\r\n"}, &heard);
  ASSERT_TRUE(self.ok()) << self.error().message;
  EXPECT_EQ(self.value().banner_code, 220);
  EXPECT_EQ(self.value().banner, "mail.example.com");
  EXPECT_EQ(self.value().ehlo_code, 250);
  EXPECT_EQ(self.value().ehlo, "mx.example.com");
  EXPECT_EQ(heard, "EHLO [127.0.0.1]\r\nQUIT\r\n");
}

TEST(SmtpProbe, AGreetingOfSeveralLinesNamesTheServerInTheFirst) {
  const auto self =
      Probe("220-mail.example.com hello\r\n220-other.example.net\r\n220 last\r\n", {"250 mail.example.com\r\n"});
  ASSERT_TRUE(self.ok());
  EXPECT_EQ(self.value().banner, "mail.example.com");
}

TEST(SmtpProbe, SaysHeloWhereEhloIsNotKnown) {
  std::string heard;
  const auto self = Probe("220 old.example.com\n", {"500 what?\n", "250 old.example.com hello\n"}, &heard);
  ASSERT_TRUE(self.ok());
  EXPECT_EQ(self.value().ehlo, "old.example.com");
  EXPECT_THAT(heard, HasSubstr("\r\nHELO [127.0.0.1]\r\n"));
}

TEST(SmtpProbe, AServerThatTakesNobodyStillGreets) {
  std::string heard;
  const auto self = Probe("554 mail.example.com no service\r\n", {}, &heard);
  ASSERT_TRUE(self.ok());
  EXPECT_EQ(self.value().banner_code, 554);
  EXPECT_EQ(self.value().banner, "mail.example.com");
  EXPECT_EQ(self.value().ehlo_code, 0);
  EXPECT_EQ(heard, "QUIT\r\n");
}

TEST(SmtpProbe, ARefusalOfBothIsTold) {
  const auto self = Probe("220 mail.example.com\r\n", {"501 5.5.2 no\r\n", "550 5.7.1 mail.example.com no\r\n"});
  ASSERT_TRUE(self.ok());
  EXPECT_EQ(self.value().ehlo_code, 550);
  EXPECT_EQ(self.value().ehlo, "");
}

TEST(SmtpProbe, NamesAreCut) {
  const auto self = Probe("220 " + std::string(1'500, 'a') + "\r\n", {"250 b\r\n"});
  ASSERT_TRUE(self.ok());
  EXPECT_EQ(self.value().banner.size(), kMaxHeloBytes);
}

TEST(SmtpProbe, WhatIsNoSmtpServerIsAnError) {
  std::string endless;
  for (int i = 0; i < 200; ++i) endless += "220-mail.example.com\r\n";
  const struct {
    std::string greeting, message;
  } kRows[] = {
      {"SSH-2.0-OpenSSH\r\n", "what answers is no SMTP server"},
      {"220-mail.example.com\r\n250 other\r\n", "what answers is no SMTP server"},
      {endless, "the server says too much"},
      {"", "the server did not answer in time"},
      {"220 mail.exa", "the server did not answer in time"},
  };
  for (const auto& row : kRows) {
    SmtpLimits limits = kPatient;
    if (row.greeting.empty() || row.greeting.ends_with("exa")) limits.line = kHasty.line;
    const auto self = Probe(row.greeting, {}, nullptr, limits);
    ASSERT_FALSE(self.ok()) << row.greeting;
    EXPECT_EQ(self.error().kind, ErrorKind::kUnavailable);
    EXPECT_EQ(self.error().message, row.message);
  }
}

TEST(SmtpProbe, AServerThatHangsUpIsAnError) {
  const FakeServer server([](int) {});
  const auto self = ProbeSmtp(server.address(), kPatient);
  ASSERT_FALSE(self.ok());
  EXPECT_EQ(self.error().message, "the server closed the connection");
}

}  // namespace
}  // namespace heloguard
