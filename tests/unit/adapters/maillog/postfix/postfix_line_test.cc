// Postfix's lines, as Postfix 3.7 writes them.
#include "adapters/maillog/postfix/postfix_line.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

using enum PostfixEvent;

TEST(PostfixLine, ConnectAndClient) {
  const PostfixLine connect = ParseSmtpdLine("connect from mail.example.com[192.0.2.1]");
  EXPECT_EQ(connect.event, kConnect);
  EXPECT_EQ(connect.name, "mail.example.com");
  EXPECT_EQ(connect.address, "192.0.2.1");
  const PostfixLine with_port = ParseSmtpdLine("connect from unknown[2001:db8::1]:4711");
  EXPECT_EQ(with_port.address, "2001:db8::1");
  EXPECT_EQ(with_port.port, "4711");
  const PostfixLine client = ParseSmtpdLine("E36EF5488A9: client=unknown[192.0.2.10]");
  EXPECT_EQ(client.event, kClient);
  EXPECT_FALSE(client.sasl);
  EXPECT_TRUE(ParseSmtpdLine("EAFD85488A9: client=unknown[192.0.2.10], sasl_method=PLAIN, sasl_username=alice@x").sasl);
}

TEST(PostfixLine, DisconnectCounts) {
  const PostfixLine line = ParseSmtpdLine(
      "disconnect from a.example[192.0.2.1] ehlo=2 helo=1/2 starttls=1 auth=0/1 mail=1 rcpt=2/4 data=0/1 bdat=1 quit=1 "
      "commands=7/10");
  EXPECT_EQ(line.event, kDisconnect);
  EXPECT_TRUE(line.counted);
  EXPECT_EQ(line.helos.good, 3U);
  EXPECT_EQ(line.helos.all, 4U);
  EXPECT_EQ(line.starttls.good, 1U);
  EXPECT_EQ(line.auths.good, 0U);
  EXPECT_EQ(line.recipients.all, 4U);
  EXPECT_EQ(line.datas.good, 0U);
  EXPECT_EQ(line.datas.all, 1U);
  EXPECT_EQ(line.bdats.good, 1U);
  EXPECT_FALSE(ParseSmtpdLine("disconnect from a.example[192.0.2.1]").counted) << "before Postfix 3.0";
}

TEST(PostfixLine, MilterRejectAtRcpt) {
  const PostfixLine line = ParseSmtpdLine(
      "NOQUEUE: milter-reject: RCPT from mail.goodcorp.com[192.0.2.10]: 550 5.7.1 HELO 203.0.113.5 has no brackets; "
      "from=<logged@client.example> to=<bob@rcpt.example> proto=ESMTP helo=<203.0.113.5>");
  EXPECT_EQ(line.event, kAction);
  EXPECT_EQ(line.action, "milter-reject");
  EXPECT_EQ(line.where, "RCPT");
  EXPECT_EQ(line.code, 550U);
  EXPECT_EQ(line.from, "logged@client.example");
  EXPECT_EQ(line.to, "bob@rcpt.example");
  EXPECT_EQ(line.helo, "203.0.113.5");
}

TEST(PostfixLine, LinesWithoutHelo) {
  const PostfixLine none =
      ParseSmtpdLine("NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 550 5.7.1 x; from=<> to=<a@b> proto=SMTP");
  EXPECT_TRUE(none.says_helo);
  EXPECT_EQ(none.helo, std::nullopt);
  const PostfixLine authenticated = ParseSmtpdLine(
      "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 550 5.7.1 x; from=<> to=<a@b> proto=ESMTP helo=<pc> "
      "sasl_username=<alice>");
  EXPECT_EQ(authenticated.helo, "pc");
  EXPECT_EQ(authenticated.helo_unless_sasl, "pc> sasl_username=<alice");
  EXPECT_FALSE(authenticated.sasl) << "a client may have written that";
}

TEST(PostfixLine, AStageOfTwoWords) {
  const PostfixLine line = ParseSmtpdLine(
      "4ABC: milter-reject: END-OF-MESSAGE from a.example[192.0.2.1]: 5.7.1 Spam; from=<a@b> to=<c@d> proto=ESMTP "
      "helo=<x>");
  EXPECT_EQ(line.where, "END-OF-MESSAGE");
  EXPECT_EQ(line.code, 550U);
  EXPECT_EQ(ParseSmtpdLine("NOQUEUE: reject: DATA content from a[192.0.2.1]: 450 4.1 x").where, "DATA content");
}

TEST(PostfixLine, AClientsOwnInventionsAreNotBelieved) {
  const PostfixLine twice = ParseSmtpdLine(
      "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 450 4.7.1 <a proto=SMTP helo=<good.example>: Helo command "
      "rejected; "
      "from=<a@b> to=<c@d> proto=ESMTP helo=<a proto=SMTP helo=<good.example>");
  EXPECT_TRUE(twice.helo_cut);
  EXPECT_EQ(twice.helo, std::nullopt);
  const PostfixLine cut = ParseSmtpdLine(
      "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 450 4.7.1 x; from=<a@b> to=<c@d> proto=ESMTP helo=<cut.short");
  EXPECT_TRUE(cut.helo_cut);
  EXPECT_EQ(ParseSmtpdLine("NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 450 x; proto=ESMTP helo=<a>b>").helo, "a>b");
}

TEST(PostfixLine, WhyReverseDnsIsNotBelieved) {
  const PostfixLine forged = ParseSmtpdLine("warning: hostname a.example does not resolve to address 192.0.2.1");
  EXPECT_EQ(forged.event, kHostname);
  EXPECT_EQ(forged.name, "a.example");
  EXPECT_EQ(forged.address, "192.0.2.1");
  EXPECT_EQ(forged.rdns_status, RdnsStatus::kFail);
  const auto status = [](std::string_view why) {
    return ParseSmtpdLine("warning: hostname a.example does not resolve to address 192.0.2.1: " + std::string(why))
        .rdns_status;
  };
  EXPECT_EQ(status("Name or service not known"), RdnsStatus::kFail);
  EXPECT_EQ(status("Temporary failure in name resolution"), RdnsStatus::kTemperror);
  EXPECT_EQ(status("System error"), std::nullopt);
}

TEST(PostfixLine, Tls) {
  EXPECT_EQ(ParseSmtpdLine("Anonymous TLS connection established from a.example[192.0.2.1]: TLSv1.3").event,
            kEncrypted);
}

TEST(PostscreenLine, Events) {
  EXPECT_EQ(ParsePostscreenLine("CONNECT from [192.0.2.1]:4711 to [198.51.100.1]:25").event, kConnect);
  EXPECT_EQ(ParsePostscreenLine("PASS NEW [192.0.2.1]:4711").event, kPassed);
  EXPECT_EQ(ParsePostscreenLine("DISCONNECT [192.0.2.1]:4711").event, kDisconnect);
  const PostfixLine early = ParsePostscreenLine("PREGREET 14 after 0.06 from [192.0.2.1]:4711: EHLO ylmf-pc\\r\\n");
  EXPECT_EQ(early.event, kPregreet);
  EXPECT_EQ(early.port, "4711");
  EXPECT_EQ(early.helo, "ylmf-pc");
  EXPECT_EQ(ParsePostscreenLine("PREGREET 14 after 0.06 from [192.0.2.1]:4711: \\026\\003\\001").helo, std::nullopt);
  const PostfixLine reject = ParsePostscreenLine(
      "NOQUEUE: reject: RCPT from [192.0.2.1]:4711: 550 5.7.1 Service unavailable; client [192.0.2.1] blocked using "
      "dnsbl.example; from=<a@b>, to=<c@d>, proto=ESMTP, helo=<bot.example>");
  EXPECT_EQ(reject.helo, "bot.example");
  EXPECT_EQ(reject.code, 550U);
  EXPECT_EQ(reject.from, "a@b");
}

TEST(PostfixLine, OtherLinesSayNothing) {
  for (const char* line :
       {"", "connect from", "connect from x", "connect from [", "lost connection after RCPT from a[192.0.2.1]",
        "warning: hostname", "warning: hostname a", "NOQUEUE: ", "NOQUEUE: reject", "NOQUEUE: reject: ",
        "NOQUEUE: reject: RCPT from ", "NOQUEUE: reject: RCPT from a[", "NOQUEUE: client=", "not a queue id: reject: x",
        "NOQUEUE: sings: RCPT from a[192.0.2.1]: x", "table hash:/etc/x has changed -- restarting"}) {
    EXPECT_EQ(ParseSmtpdLine(line).event, kNone) << line;
    EXPECT_EQ(ParsePostscreenLine(line).event, kNone) << line;
  }
}

TEST(PostfixLine, Services) {
  EXPECT_EQ(PostfixServiceOf("postfix/smtpd"), PostfixService::kSmtpd);
  EXPECT_EQ(PostfixServiceOf("postfix-in/submission/smtpd"), PostfixService::kSmtpd);
  EXPECT_EQ(PostfixServiceOf("mx-in/postscreen"), PostfixService::kPostscreen);
  EXPECT_EQ(PostfixServiceOf("postfix/cleanup"), PostfixService::kCleanup);
  for (const char* other : {"postfix/smtp", "smtpd", "/smtpd", "postfix/", "", "postfix/smtpd2"}) {
    EXPECT_EQ(PostfixServiceOf(other), std::nullopt) << other;
  }
}

TEST(PostfixLine, ClientsOfContentFilters) {
  const PostfixLine line = ParseSmtpdLine(
      "4F2: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=a, orig_queue_id=4F1, "
      "orig_client=a[192.0.2.7]");
  EXPECT_EQ(line.queue, "4F2");
  EXPECT_TRUE(line.sasl);
  EXPECT_TRUE(line.forwarded);
  EXPECT_EQ(ParseSmtpdLine("NOQUEUE: client=a[192.0.2.1]").queue, "");
}

TEST(CleanupLine, Refusals) {
  const PostfixLine milter = ParseCleanupLine(
      "4ABC: milter-reject: END-OF-MESSAGE from a.example[192.0.2.1]: 4.7.1 later; from=<a@b> to=<c@d> proto=ESMTP "
      "helo=<x> sasl_username=<y>");
  EXPECT_EQ(milter.queue, "4ABC");
  EXPECT_EQ(milter.code, 450U);
  EXPECT_EQ(milter.helo, "x> sasl_username=<y") << "cleanup names no user";
  const std::string header = "4ABC: reject: header Subject: a from b[192.0.2.9]; c from a[192.0.2.1]; from=<a@b> ";
  const std::string with_reply = header + "to=<c@d> proto=ESMTP helo=<x>: 4.7.1 Message: rejected";
  const PostfixLine plain = ParseCleanupLine(with_reply);
  EXPECT_EQ(plain.event, kAction);
  EXPECT_EQ(plain.where, "header");
  EXPECT_EQ(plain.helo, "x");
  EXPECT_EQ(plain.code, 450U);
  const std::string without = header + "proto=ESMTP helo=<x>";
  EXPECT_EQ(ParseCleanupLine(without).code, 550U);
  EXPECT_EQ(ParseCleanupLine(without).helo, "x");
  EXPECT_TRUE(ParseCleanupLine(header + "proto=SMTP: 5.7.1 no").says_helo);
  EXPECT_TRUE(ParseCleanupLine(header + "proto=ESMTP helo=<x>: y>: 5.7.1 no").helo_cut) << "which of them ends it?";
  EXPECT_TRUE(ParseCleanupLine("4ABC: reject: body proto=SMTP helo=<good> from a; proto=ESMTP helo=<x>: no").helo_cut);
  for (const char* line : {"", "4ABC: message-id=<x>", "4ABC: reject: ", "4ABC: reject: RCPT from a[192.0.2.1]: 550 x",
                           "4ABC: milter-reject: END-OF-MESSAGE", "4ABC: warning: header x from y"}) {
    EXPECT_EQ(ParseCleanupLine(line).event, kNone) << line;
  }
}

}  // namespace
}  // namespace heloguard
