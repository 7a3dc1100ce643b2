// Lines joined to sessions, and what they add up to.
#include "adapters/maillog/session_joiner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "joined.h"

namespace heloguard {
namespace {

using testing::Joined;

constexpr const char* kReject =
    "NOQUEUE: milter-reject: RCPT from unknown[192.0.2.1]: 550 5.7.1 no; from=<a@x> to=<b@y> proto=ESMTP helo=<pc>";

TEST(PostfixSession, FromConnectToDisconnect) {
  Joined log;
  log.Smtpd("connect from mail.example.com[192.0.2.1]")
      .Smtpd("connect from unknown[192.0.2.2]", 2)
      .Smtpd("4ABC: client=mail.example.com[192.0.2.1]")
      .Smtpd("disconnect from unknown[192.0.2.2] ehlo=1 quit=1 commands=2", 2)
      .Smtpd("disconnect from mail.example.com[192.0.2.1] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=6");
  ASSERT_EQ(log.sessions.size(), 2U);
  const LoggedSession& quit = log.sessions[0];
  EXPECT_EQ(quit.client, IpAddress::Parse("192.0.2.2"));
  EXPECT_EQ(quit.mta, MtaOutcome::kNoMail);
  EXPECT_EQ(quit.rdns.status, std::nullopt);
  EXPECT_EQ(quit.helo_known, HeloKnowledge::kNotLogged);
  EXPECT_EQ(quit.tls, false);
  const LoggedSession& good = log.sessions[1];
  EXPECT_EQ(good.rdns.name->ToText(), "mail.example.com");
  EXPECT_EQ(good.rdns.status, RdnsStatus::kPass);
  EXPECT_EQ(good.mta, MtaOutcome::kAccepted);
  EXPECT_EQ(good.tls, true);
  EXPECT_EQ(good.authenticated, false);
  EXPECT_EQ(good.helo_changed, false) << "the HELO before TLS does not count";
}

TEST(PostfixSession, ARefusalNamesTheHelo) {
  Joined log;
  const LoggedSession& said =
      log.Smtpd("connect from unknown[192.0.2.1]").Smtpd(kReject).Smtpd("disconnect from unknown[192.0.2.1]").Only();
  EXPECT_EQ(said.helo_known, HeloKnowledge::kSaid);
  EXPECT_EQ(said.helo, "pc");
  EXPECT_EQ(said.mta, MtaOutcome::kRefused);
  EXPECT_TRUE(said.replaceable);
  EXPECT_EQ(said.from, "a@x");
  EXPECT_EQ(said.to, "b@y");
}

struct MtaCase {
  const char* what;
  std::vector<const char*> lines;
  MtaOutcome outcome;
  bool replaceable;
};

TEST(PostfixSession, WhatTheMailServerDid) {
  constexpr const char* kClient = "4ABC: client=unknown[192.0.2.1]";
  const auto reject = [](const std::string& rest) { return "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: " + rest; };
  const std::string unknown_user = reject("550 5.1.1 <x@y>: Recipient address rejected: User unknown; from=<a>");
  const std::string greylist = reject("450 4.2.0 <x@y>: Recipient address rejected: Greylisted; from=<a>");
  const std::string helo = reject("504 5.5.2 <pc>: Helo command rejected: need fully-qualified hostname; from=<a>");
  const std::string dnsbl = reject("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using x; from=<a>");
  const char* const data = "4ABC: milter-reject: END-OF-MESSAGE from unknown[192.0.2.1]: 550 5.7.1 Spam; from=<a>";
  const char* const warned = "NOQUEUE: reject_warning: RCPT from unknown[192.0.2.1]: 550 5.7.1 x; from=<a>";
  const std::vector<MtaCase> cases{
      {"accepted, counted",
       {kClient, "disconnect from unknown[192.0.2.1] rcpt=1 data=1 commands=2"},
       MtaOutcome::kAccepted,
       false},
      {"accepted, old Postfix", {kClient, "disconnect from unknown[192.0.2.1]"}, MtaOutcome::kAccepted, false},
      {"the recipient accepted, then gone",
       {kClient, "disconnect from unknown[192.0.2.1] rcpt=1 commands=1"},
       MtaOutcome::kAccepted,
       false},
      {"one unknown recipient of two", {unknown_user.c_str(), kClient}, MtaOutcome::kAccepted, false},
      {"unknown recipients only", {unknown_user.c_str()}, MtaOutcome::kRefused, false},
      {"greylisted", {greylist.c_str()}, MtaOutcome::kDeferred, false},
      {"greylisted, then accepted", {greylist.c_str(), kClient}, MtaOutcome::kAccepted, false},
      {"the client for its HELO", {helo.c_str()}, MtaOutcome::kRefused, true},
      {"the client by a list", {dnsbl.c_str()}, MtaOutcome::kRefused, false},
      {"the client, but not for postmaster",
       {kReject, kClient, "disconnect from unknown[192.0.2.1] rcpt=1/2 data=1 commands=3"},
       MtaOutcome::kRefused,
       true},
      {"the message",
       {kClient, data, "disconnect from unknown[192.0.2.1] rcpt=1 data=0/1 commands=2"},
       MtaOutcome::kRefused,
       false},
      {"only warned of", {warned}, MtaOutcome::kNoMail, false},
      {"nothing", {}, MtaOutcome::kNoMail, false},
  };
  for (const MtaCase& one : cases) {
    Joined log;
    log.Smtpd("connect from unknown[192.0.2.1]");
    for (const char* line : one.lines) log.Smtpd(line);
    const LoggedSession& said = log.Only();
    EXPECT_EQ(said.mta, one.outcome) << one.what;
    EXPECT_EQ(said.replaceable, one.replaceable) << one.what;
  }
}

TEST(PostfixSession, EachHeloIsASession) {
  Joined log;
  log.Smtpd("connect from unknown[192.0.2.1]")
      .Smtpd(kReject)
      .Smtpd("NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 450 4.7.1 x; from=<> to=<b@y> proto=ESMTP helo=<other>")
      .Smtpd("disconnect from unknown[192.0.2.1] ehlo=2 rcpt=0/2 commands=2/4")
      .Finish();
  ASSERT_EQ(log.sessions.size(), 2U);
  EXPECT_EQ(log.sessions[0].helo, "pc");
  EXPECT_EQ(log.sessions[1].helo, "other");
  EXPECT_EQ(log.sessions[1].client, log.sessions[0].client);
  EXPECT_EQ(log.sessions[1].mta, MtaOutcome::kDeferred);
  EXPECT_EQ(log.sessions[1].helo_changed, std::nullopt);
}

TEST(PostfixSession, NoHeloAtAll) {
  Joined log;
  log.Smtpd("connect from unknown[192.0.2.1]")
      .Smtpd("NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 550 5.7.1 x; from=<> to=<b@y> proto=SMTP");
  EXPECT_EQ(log.Only().helo_known, HeloKnowledge::kNone);
  Joined early;
  early.Smtpd("connect from unknown[192.0.2.1]")
      .Smtpd("NOQUEUE: reject: CONNECT from unknown[192.0.2.1]: 554 5.7.1 x; proto=SMTP");
  EXPECT_EQ(early.Only().helo_known, HeloKnowledge::kNotLogged) << "it had no time to say one";
}

TEST(PostfixSession, AWarningOfTheNextClient) {
  Joined log;
  log.Smtpd("disconnect from unknown[192.0.2.9]")
      .Smtpd("warning: hostname a.example does not resolve to address 192.0.2.1")
      .Smtpd("connect from unknown[192.0.2.1]")
      .Smtpd("disconnect from unknown[192.0.2.1]")
      .Smtpd("connect from unknown[192.0.2.2]")
      .Finish();
  ASSERT_EQ(log.sessions.size(), 3U);
  EXPECT_EQ(log.sessions[1].rdns.name->ToText(), "a.example");
  EXPECT_EQ(log.sessions[1].rdns.status, RdnsStatus::kFail);
  EXPECT_EQ(log.sessions[2].rdns.status, std::nullopt);
}

TEST(PostfixSession, AProxyNamesTheRealClient) {
  Joined log;
  log.Smtpd("connect from unknown[127.0.0.1]").Smtpd("disconnect from mail.example.com[192.0.2.1] ehlo=1 commands=1");
  EXPECT_EQ(log.Only().client, IpAddress::Parse("192.0.2.1"));
  EXPECT_EQ(log.sessions[0].rdns.status, RdnsStatus::kPass);
}

TEST(PostfixSession, ServicesHavePorts) {
  Joined log;
  log.Line("mx postfix/submission/smtpd", 5, "connect from unknown[192.0.2.1]")
      .Line("mx postfix/submission/smtpd", 5, "4A: client=unknown[192.0.2.1], sasl_method=PLAIN, sasl_username=a")
      .Line("mx postfix/smtps/smtpd", 6, "connect from unknown[192.0.2.1]")
      .Line("mx postfix/smtps/smtpd", 6, "disconnect from unknown[192.0.2.1] ehlo=1 commands=1")
      .Finish();
  ASSERT_EQ(log.sessions.size(), 2U);
  EXPECT_EQ(log.sessions[0].port, 465);
  EXPECT_EQ(log.sessions[0].tls, true);
  EXPECT_EQ(log.sessions[1].port, 587);
  EXPECT_EQ(log.sessions[1].authenticated, true);
}

TEST(PostfixSession, HostsAreToldApart) {
  Joined log;
  log.Line("a postfix/smtpd", 1, "connect from unknown[192.0.2.1]")
      .Line("b postfix/smtpd", 1, "connect from unknown[192.0.2.2]")
      .Finish();
  EXPECT_EQ(log.sessions.size(), 2U);
}

TEST(PostfixSession, WithoutAnAddressThereIsNothingToJudge) {
  Joined log;
  log.Smtpd("connect from unknown[unknown]").Smtpd("disconnect from unknown[unknown] commands=0/0").Finish();
  EXPECT_TRUE(log.sessions.empty());
  EXPECT_EQ(log.joiner().counts().without_address, 1U) << "but to count";
  Joined next;
  next.Smtpd("connect from unknown[unknown]").Smtpd("connect from unknown[192.0.2.1]");
  EXPECT_EQ(next.Only().client, IpAddress::Parse("192.0.2.1"));
  EXPECT_EQ(next.joiner().counts().without_address, 1U);
}

TEST(PostfixSession, AZoneIsNoPartOfTheAddress) {
  Joined log;
  log.Smtpd("connect from unknown[fe80::1%eth0]").Smtpd("disconnect from unknown[fe80::1%eth0] commands=0/0");
  EXPECT_EQ(log.Only().client, IpAddress::Parse("fe80::1"));
  EXPECT_EQ(log.joiner().counts().without_address, 0U);
}

TEST(PostscreenSession, OnlyWhatSmtpdDoesNotSee) {
  Joined log;
  const auto line = [&](const std::string& message) { log.Line("mx postfix/postscreen", 3, message); };
  line("CONNECT from [192.0.2.1]:1000 to [198.51.100.1]:25");
  line("PASS NEW [192.0.2.1]:1000");
  line("CONNECT from [192.0.2.2]:1000 to [198.51.100.1]:25");
  line("PREGREET 14 after 0.06 from [192.0.2.2]:1000: EHLO ylmf-pc\\r\\n");
  line("DISCONNECT [192.0.2.2]:1000");
  const LoggedSession& said = log.Only();
  EXPECT_EQ(said.source, LogSource::kPostscreen);
  EXPECT_EQ(said.authenticated, false);
  EXPECT_EQ(said.helo, "ylmf-pc");
  EXPECT_EQ(said.mta, MtaOutcome::kNoMail);
}

// After the deep tests postscreen has spoken SMTP with the client, and cannot hand it on: it comes again.
TEST(PostscreenSession, WhatItHadToAnswerStays) {
  Joined log;
  const auto line = [&](const std::string& message) { log.Line("mx postfix/postscreen", 3, message); };
  line("CONNECT from [192.0.2.1]:1000 to [198.51.100.1]:25");
  line(
      "NOQUEUE: reject: RCPT from [192.0.2.1]:1000: 450 4.3.2 Service currently unavailable; from=<a@x>, to=<b@y>, "
      "proto=ESMTP, helo=<pc>");
  line("PASS NEW [192.0.2.1]:1000");
  line("DISCONNECT [192.0.2.1]:1000");
  EXPECT_EQ(log.Only().mta, MtaOutcome::kDeferred);
  EXPECT_EQ(log.sessions[0].helo, "pc");
}

TEST(PostscreenSession, DoesNotBeginWhereItEnds) {
  Joined log;
  log.Line("mx postfix/postscreen", 3, "PASS OLD [192.0.2.1]:1000")
      .Line("mx postfix/postscreen", 3, "DISCONNECT [192.0.2.1]:1000")
      .Finish();
  EXPECT_TRUE(log.sessions.empty());
}

TEST(SendmailSession, ByProcess) {
  Joined log;
  log.Sendmail("6A: Milter: to=<b@y>, reject=550 5.7.1 no")
      .Sendmail(
          "6A: from=<a@x>, size=0, class=0, nrcpts=0, proto=ESMTPA, daemon=MTA, relay=a.example [192.0.2.1] (may be "
          "forged)")
      .Sendmail("6B: from=<c@x>, size=9, class=0, nrcpts=1, proto=SMTP, daemon=MTA, relay=[192.0.2.2]", 2)
      .Sendmail("6C: [192.0.2.3] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA", 3)
      .Finish();
  ASSERT_EQ(log.sessions.size(), 3U);
  EXPECT_EQ(log.sessions[0].mta, MtaOutcome::kRefused);
  EXPECT_TRUE(log.sessions[0].replaceable);
  EXPECT_EQ(log.sessions[0].rdns.status, std::nullopt) << "forged, or not to be looked up: Sendmail says the same";
  EXPECT_EQ(log.sessions[0].rdns.name->ToText(), "a.example");
  EXPECT_EQ(log.sessions[0].authenticated, true);
  EXPECT_EQ(log.sessions[1].mta, MtaOutcome::kAccepted);
  EXPECT_EQ(log.sessions[1].rdns.status, std::nullopt);
  EXPECT_EQ(log.sessions[1].tls, false);
  EXPECT_EQ(log.sessions[2].mta, MtaOutcome::kNoMail);
  EXPECT_EQ(log.sessions[2].authenticated, false);
}

TEST(SendmailSession, RefusedAtConnect) {
  Joined log;
  log.Sendmail("6A: Milter: connect: host=a.example, addr=192.0.2.1, rejecting commands")
      .Sendmail("6A: a.example [192.0.2.1] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA");
  const LoggedSession& said = log.Only();
  EXPECT_EQ(said.mta, MtaOutcome::kRefused);
  EXPECT_TRUE(said.replaceable);
  EXPECT_EQ(said.client, IpAddress::Parse("192.0.2.1"));
  EXPECT_EQ(said.rdns.status, RdnsStatus::kPass) << "the other line says so";
}

TEST(SendmailSession, AMessageCannotHideItself) {
  Joined log;
  log.Sendmail("6A: from=<a@x>, size=9, class=0, nrcpts=1, msgid=<q, nrcpts=0, q>, proto=SMTP, relay=[192.0.2.1]");
  EXPECT_EQ(log.Only().mta, MtaOutcome::kAccepted);
}

TEST(SendmailSession, AProcessNumberComesBack) {
  Joined log;
  log.Sendmail("6A: from=<a@x>, nrcpts=1, proto=SMTP, relay=[192.0.2.1]")
      .Sendmail("6B: from=<a@x>, nrcpts=1, proto=SMTP, relay=[192.0.2.2]");
  EXPECT_EQ(log.Outcomes().size(), 2U);
}

TEST(SendmailSession, EndsWhenNothingMoreIsHeard) {
  Joined log;
  log.Raw("Nov 21 11:00:00 mx sm-mta[1]: 6A: from=<a@x>, nrcpts=1, proto=SMTP, relay=[192.0.2.1]")
      .Raw("Nov 21 12:00:00 mx sm-mta[2]: 6B: from=<a@x>, nrcpts=1, proto=SMTP, relay=[192.0.2.2]");
  EXPECT_EQ(log.sessions.size(), 1U);
}

TEST(SessionJoiner, OpenSessionsAreCapped) {
  Joined log;
  for (unsigned pid = 1; pid <= 50'100; ++pid) log.Smtpd("connect from unknown[192.0.2.1]", pid);
  EXPECT_EQ(log.sessions.size(), 100U);
  EXPECT_EQ(log.joiner().counts().crowded_out, 100U);
}

}  // namespace
}  // namespace heloguard
