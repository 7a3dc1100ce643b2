// Sendmail's lines, as Sendmail 8.17 writes them.
#include "adapters/maillog/sendmail/sendmail_line.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

using enum SendmailEvent;

TEST(SendmailLine, AMessage) {
  const SendmailLine line = ParseSendmailLine(
      "6AMBxq6C021252: from=<a@client.example>, size=23, class=0, nrcpts=2, msgid=<x@y>, proto=ESMTPSA, daemon=MTA, "
      "relay=mail.example.com [192.0.2.1]");
  EXPECT_EQ(line.event, kMessage);
  EXPECT_EQ(line.name, "mail.example.com");
  EXPECT_EQ(line.address, "192.0.2.1");
  EXPECT_EQ(line.from, "a@client.example");
  EXPECT_EQ(line.recipients, 2U);
  EXPECT_EQ(line.proto, "ESMTPSA");
  EXPECT_FALSE(line.forged);
}

TEST(SendmailLine, Clients) {
  EXPECT_TRUE(ParseSendmailLine("x1: from=<a>, nrcpts=0, relay=a.example [192.0.2.1] (may be forged)").forged);
  const SendmailLine nameless = ParseSendmailLine("NOQUEUE: connect from [192.0.2.1]");
  EXPECT_EQ(nameless.event, kConnect);
  EXPECT_EQ(nameless.name, "");
  const SendmailLine v6 = ParseSendmailLine("NOQUEUE: connect from a.example [IPv6:2001:db8::1]");
  EXPECT_EQ(v6.address, "2001:db8::1");
  const SendmailLine identd = ParseSendmailLine("NOQUEUE: connect from bob@a.example [192.0.2.1]");
  EXPECT_EQ(identd.name, "a.example");
  EXPECT_EQ(
      ParseSendmailLine("6AM: a.example [192.0.2.1] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA").event,
      kClient);
  EXPECT_EQ(ParseSendmailLine("6AM: lost input channel from [192.0.2.1] to MTA after rcpt").event, kClient);
  EXPECT_EQ(ParseSendmailLine("AUTH=server, relay=[192.0.2.1], authid=alice, mech=PLAIN, bits=0").event,
            kAuthenticated);
}

TEST(SendmailLine, Refusals) {
  const SendmailLine milter =
      ParseSendmailLine("6AM: Milter: to=<bob@rcpt.example>, reject=550 5.7.1 HELO 203.0.113.5 has no brackets");
  EXPECT_EQ(milter.event, kRefusal);
  EXPECT_TRUE(milter.by_milter);
  EXPECT_TRUE(milter.about_client);
  EXPECT_EQ(milter.code, 550U);
  EXPECT_EQ(milter.to, "bob@rcpt.example");
  const SendmailLine helo = ParseSendmailLine("6AM: Milter: helo=pc, reject=451 4.3.2 Please try again later");
  EXPECT_EQ(helo.helo, "pc");
  EXPECT_EQ(helo.code, 451U);
  EXPECT_EQ(ParseSendmailLine("6AM: Milter: helo=pc, reject=Command rejected").code, 550U);
  const SendmailLine relay = ParseSendmailLine(
      "ruleset=check_relay, arg1=a.example, arg2=192.0.2.1, relay=a.example [192.0.2.1], reject=550 5.7.1 Access "
      "denied");
  EXPECT_TRUE(relay.about_client);
  EXPECT_EQ(relay.address, "192.0.2.1");
  const SendmailLine recipient = ParseSendmailLine(
      "6AM: ruleset=check_rcpt, arg1=<bob@x>, relay=[192.0.2.1] (may be forged), reject=550 5.7.1 Relaying denied");
  EXPECT_FALSE(recipient.about_client);
  EXPECT_TRUE(recipient.forged);
  EXPECT_FALSE(recipient.by_milter);
}

TEST(SendmailLine, RefusalsAtConnect) {
  const std::string start = "6AM: Milter: connect: host=a.example, addr=IPv6:2001:db8::1, ";
  const std::string rejecting = start + "rejecting commands";
  const SendmailLine line = ParseSendmailLine(rejecting);
  EXPECT_EQ(line.event, kRefusal);
  EXPECT_EQ(line.address, "2001:db8::1");
  EXPECT_TRUE(line.by_milter && line.about_client);
  EXPECT_EQ(line.code, 554U);
  EXPECT_EQ(ParseSendmailLine(start + "temporarily failing commands").code, 451U);
  EXPECT_EQ(ParseSendmailLine(start + "shutdown").code, 421U);
  EXPECT_EQ(ParseSendmailLine(start + "accepting commands").event, kNone);
}

TEST(SendmailLine, RepliesOfSeveralLines) {
  const SendmailLine line = ParseSendmailLine(R"(6AM: Milter: to=<b@y>, reject=450-4.7.25 one\r\n450 4.7.25 two)");
  EXPECT_EQ(line.event, kRefusal);
  EXPECT_EQ(line.code, 450U);
  EXPECT_EQ(line.to, "b@y");
}

TEST(SendmailLine, WhatAMessageCannotMakeUp) {
  const SendmailLine id = ParseSendmailLine(
      "6AM: from=<a@x>, size=9, class=0, nrcpts=2, msgid=<q, nrcpts=0, proto=SMTP, q>, proto=ESMTPS, daemon=MTA, "
      "relay=[192.0.2.1]");
  EXPECT_EQ(id.recipients, 2U);
  EXPECT_EQ(id.proto, "ESMTPS");
  const SendmailLine sender = ParseSendmailLine(
      R"(6AM: from=<"a>, nrcpts=0, \"b"@x>, size=9, class=0, nrcpts=2, proto=SMTP, relay=[192.0.2.1])");
  EXPECT_EQ(sender.recipients, 2U);
  EXPECT_EQ(sender.from, R"("a>, nrcpts=0, \"b"@x)");
  EXPECT_EQ(ParseSendmailLine("6AM: from=<a, nrcpts=1, relay=[192.0.2.1]").recipients, 1U) << "never ends";
  EXPECT_EQ(ParseSendmailLine("6AM: Milter: helo=a, reject=250 b, reject=550 5.7.1 no").helo, std::nullopt);
  const SendmailLine milter = ParseSendmailLine("6AM: Milter: from=<a, reject=450 b@x>, reject=550 5.7.1 no");
  EXPECT_EQ(milter.code, 550U);
  EXPECT_EQ(milter.from, "a, reject=450 b@x");
  EXPECT_TRUE(ParseSendmailLine("6AM: Milter: from=<>, reject=550 5.7.1 no").about_client);
  const SendmailLine rule = ParseSendmailLine(
      "6AM: ruleset=check_mail, arg1=<a, relay=b [198.51.100.9], reject=450 b@x>, relay=[192.0.2.1], reject=553 5.1.8 "
      "no");
  EXPECT_EQ(rule.address, "192.0.2.1");
  EXPECT_EQ(rule.code, 553U);
}

TEST(SendmailLine, Helo) { EXPECT_EQ(ParseSendmailLine("6AM: <-- EHLO mail.example").helo, "mail.example"); }

TEST(SendmailLine, OtherLinesSayNothing) {
  for (const char* line : {"", "x", "from=root, size=1, class=0, nrcpts=1, relay=root@localhost", "ruleset=check_mail",
                           "ruleset=check_mail, reject=550 x", "Milter: data", "6AM: to=<a@b>, stat=Sent",
                           "starting daemon (8.17.1): SMTP", "connect from", "connect from a b [192.0.2.1]"}) {
    EXPECT_EQ(ParseSendmailLine(line).event, kNone) << line;
  }
}

TEST(SendmailLine, Programs) {
  EXPECT_TRUE(IsSendmail("sm-mta"));
  EXPECT_TRUE(IsSendmail("sendmail"));
  EXPECT_TRUE(IsSendmail("sendmail-in"));
  EXPECT_FALSE(IsSendmail("sm-msp-queue"));
}

}  // namespace
}  // namespace heloguard
