// What became of mail that Postfix refused when all of it was there, and what Postfix's lines cannot be made to say.
#include "adapters/maillog/postfix/postfix_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "joined.h"

namespace heloguard {
namespace {

using ::testing::ElementsAre;
using enum MtaOutcome;
using testing::Joined;

constexpr const char* kConnect = "connect from unknown[192.0.2.1]";
constexpr const char* kEnvelope = "; from=<a@x> to=<b@y> proto=ESMTP helo=<pc>";

Joined& Cleanup(Joined* log, const std::string& message) { return log->Line("mx postfix/cleanup", 77, message); }
std::string Disconnect(const std::string& counts) { return "disconnect from unknown[192.0.2.1] " + counts; }

TEST(PostfixContent, AMilterAtTheEndOfTheMessage) {
  Joined log;
  log.Smtpd(kConnect).Smtpd("4F1: client=unknown[192.0.2.1]");
  Cleanup(&log, std::string("4F1: milter-reject: END-OF-MESSAGE from unknown[192.0.2.1]: 5.7.1 Spam") + kEnvelope);
  log.Smtpd(Disconnect("ehlo=1 mail=1 rcpt=1 data=0/1 quit=1 commands=4/5"));
  const LoggedSession& said = log.Only();
  EXPECT_EQ(said.mta, kRefused);
  EXPECT_FALSE(said.replaceable) << "another milter's: what it saw is not seen here";
  EXPECT_EQ(said.helo, "pc");
  EXPECT_EQ(said.from, "a@x");
}

TEST(PostfixContent, HeaderChecks) {
  Joined log;
  log.Smtpd(kConnect).Smtpd("4F1: client=unknown[192.0.2.1]");
  Cleanup(&log,
          "4F1: reject: header Subject: from b[192.0.2.9]; x: y from unknown[192.0.2.1]; from=<a@x> to=<b@y> "
          "proto=ESMTP helo=<pc>: 5.7.1 no such subject");
  EXPECT_EQ(log.Only().mta, kRefused) << "without counts as well";
  EXPECT_EQ(log.sessions[0].helo, "pc");
}

TEST(PostfixContent, AFilterThatIsIll) {
  Joined log;
  log.Smtpd(kConnect).Smtpd("4F1: client=unknown[192.0.2.1]");
  Cleanup(&log, std::string("4F1: milter-reject: END-OF-MESSAGE from unknown[192.0.2.1]: 4.7.1 later") + kEnvelope);
  EXPECT_EQ(log.Only().mta, kDeferred);
}

TEST(PostfixContent, OneMessageOfTwo) {
  Joined log;
  log.Smtpd(kConnect).Smtpd("4F1: client=unknown[192.0.2.1]");
  Cleanup(&log, std::string("4F1: milter-reject: END-OF-MESSAGE from unknown[192.0.2.1]: 5.7.1 Spam") + kEnvelope);
  log.Smtpd("4F2: client=unknown[192.0.2.1]").Smtpd("disconnect from unknown[192.0.2.1]");
  EXPECT_EQ(log.Only().mta, kAccepted);
}

TEST(PostfixContent, IsTheSendersAlone) {
  Joined log;
  log.Smtpd(kConnect)
      .Smtpd("connect from unknown[192.0.2.2]", 2)
      .Smtpd("4F1: client=unknown[192.0.2.1]")
      .Smtpd("4F2: client=unknown[192.0.2.2]", 2);
  Cleanup(&log, std::string("4F2: milter-reject: END-OF-MESSAGE from unknown[192.0.2.2]: 5.7.1 Spam") + kEnvelope);
  Cleanup(&log, std::string("4F3: milter-reject: END-OF-MESSAGE from local[127.0.0.1]: 5.7.1 Spam") + kEnvelope);
  log.Line("other postfix/cleanup", 77,
           std::string("4F1: milter-reject: END-OF-MESSAGE from unknown[192.0.2.1]: 5.7.1 Spam") + kEnvelope);
  EXPECT_THAT(log.Outcomes(), ElementsAre(kAccepted, kRefused));
}

TEST(PostfixContent, AnEndedSessionHasNoMessage) {
  Joined log;
  log.Smtpd(kConnect).Smtpd("4F1: client=unknown[192.0.2.1]").Smtpd(Disconnect("rcpt=1 data=1 commands=5"));
  log.Smtpd("connect from unknown[192.0.2.2]");
  Cleanup(&log, std::string("4F1: milter-reject: END-OF-MESSAGE from unknown[192.0.2.1]: 5.7.1 Spam") + kEnvelope);
  EXPECT_THAT(log.Outcomes(), ElementsAre(kAccepted, kNoMail));
}

struct CountCase {
  const char* counts;
  MtaOutcome outcome;
};

TEST(PostfixContent, WhatTheCountsTell) {
  for (const CountCase& one :
       {CountCase{"rcpt=1 data=0/1 commands=2/3", MtaOutcome::kUnknown},
        CountCase{"rcpt=1 data=1/2 commands=2/3", kAccepted}, CountCase{"rcpt=0/1 data=0/1 commands=2/3", kNoMail},
        CountCase{"rcpt=1 bdat=2 commands=3", kAccepted}, CountCase{"rcpt=1 bdat=1/2 commands=2/3", kUnknown},
        CountCase{"rcpt=1 bdat=0/1 commands=2/3", kUnknown},
        CountCase{"rcpt=1 bdat=1/2 data=1 commands=2/3", kAccepted}, CountCase{"rcpt=1 commands=1", kAccepted}}) {
    Joined log;
    log.Smtpd(kConnect).Smtpd("4F1: client=unknown[192.0.2.1]").Smtpd(Disconnect(one.counts));
    EXPECT_EQ(log.Only().mta, one.outcome) << one.counts;
  }
}

std::string Info(const std::string& helo) {
  return "NOQUEUE: info: RCPT from unknown[192.0.2.1]: <x>: Helo command; from=<a@x> to=<b@y> proto=ESMTP helo=<" +
         helo + ">";
}

TEST(PostfixAuthentication, AClientCannotSayItItself) {
  const std::string invented = "192.0.2.1> sasl_username=<a";
  Joined counted;
  counted.Smtpd(kConnect).Smtpd(Info(invented)).Smtpd(Disconnect("ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5"));
  EXPECT_EQ(counted.Only().authenticated, false);
  EXPECT_EQ(counted.sessions[0].helo, invented) << "that is the HELO";
  Joined sent;
  sent.Smtpd(kConnect).Smtpd(Info(invented)).Smtpd("4F1: client=unknown[192.0.2.1]");
  EXPECT_EQ(sent.Only().authenticated, false);
  EXPECT_EQ(sent.sessions[0].helo, invented);
  Joined neither;
  neither.Smtpd(kConnect).Smtpd(Info(invented)).Smtpd("disconnect from unknown[192.0.2.1]");
  EXPECT_EQ(neither.Only().authenticated, std::nullopt);
  EXPECT_EQ(neither.sessions[0].helo_known, HeloKnowledge::kNotLogged) << "either way";
}

TEST(PostfixAuthentication, WhoHasDoneSo) {
  Joined counted;
  counted.Smtpd(kConnect)
      .Smtpd(Info("pc> sasl_username=<alice"))
      .Smtpd(Disconnect("ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6"));
  EXPECT_EQ(counted.Only().authenticated, true);
  EXPECT_EQ(counted.sessions[0].helo, "pc");
  Joined sent;
  sent.Smtpd(kConnect)
      .Smtpd(Info("pc> sasl_username=<alice"))
      .Smtpd("4F1: client=unknown[192.0.2.1], sasl_method=PLAIN, sasl_username=alice");
  EXPECT_EQ(sent.Only().authenticated, true);
  EXPECT_EQ(sent.sessions[0].helo, "pc");
}

TEST(PostfixForwarding, AContentFilterIsNoClient) {
  Joined log;
  log.Smtpd("connect from localhost[127.0.0.1]")
      .Smtpd("4F2: client=localhost[127.0.0.1], orig_queue_id=4F1, orig_client=a.example[192.0.2.7]")
      .Smtpd("disconnect from localhost[127.0.0.1]")
      .Smtpd("connect from localhost[127.0.0.1]")
      .Smtpd("disconnect from localhost[127.0.0.1] ehlo=1 xforward=2 mail=1 rcpt=0/1 quit=1 commands=6")
      .Smtpd("connect from localhost[127.0.0.1]")
      .Smtpd("disconnect from localhost[127.0.0.1] ehlo=1 xforward=0/1 quit=1 commands=2/3")
      .Finish();
  EXPECT_EQ(log.sessions.size(), 1U) << "the one that was not allowed to";
  EXPECT_EQ(log.joiner().counts().forwarded, 2U);
}

TEST(PostfixReplies, OfSeveralLines) {
  Joined log;
  log.Smtpd(kConnect).Smtpd(std::string("NOQUEUE: milter-reject: RCPT from unknown[192.0.2.1]: 550-5.7.25 one??550 "
                                        "5.7.25 two") +
                            kEnvelope);
  EXPECT_EQ(log.Only().mta, kRefused);
  EXPECT_EQ(log.sessions[0].helo, "pc");
}

TEST(PostfixReplies, ThatCameSeveralTimes) {
  Joined log;
  log.Smtpd(kConnect).Smtpd(std::string("message repeated 2 times: [ NOQUEUE: milter-reject: RCPT from "
                                        "unknown[192.0.2.1]: 450 4.7.1 later") +
                            kEnvelope + "]");
  EXPECT_EQ(log.Only().mta, kDeferred);
  EXPECT_EQ(log.sessions[0].helo, "pc");
}

TEST(PostfixServices, ByAnyName) {
  Joined log;
  log.Line("mx mx-in/smtpd", 1, kConnect)
      .Line("mx submission/smtpd", 2, "connect from unknown[192.0.2.2]")
      .Line("mx smtps/smtpd", 3, "connect from unknown[192.0.2.3]")
      .Finish();
  ASSERT_EQ(log.sessions.size(), 3U);
  EXPECT_EQ(log.sessions[0].port, std::nullopt);
  EXPECT_EQ(log.sessions[1].port, 587);
  EXPECT_EQ(log.sessions[2].port, 465);
  EXPECT_EQ(log.sessions[2].tls, true);
}

TEST(PostfixSessions, KeepLittleOfWhatClientsSay) {
  const std::string huge(20'000, 'x');
  Joined log;
  log.Smtpd(kConnect).Smtpd("NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 450 4.7.1 x; from=<" + huge + "> to=<" +
                            huge + "> proto=ESMTP helo=<" + huge + "> sasl_username=<" + huge + ">");
  log.Smtpd(Disconnect("commands=0/1"));
  const LoggedSession& said = log.Only();
  for (const std::string& text : {said.helo, said.from, said.to}) EXPECT_EQ(text.size(), kMaxLoggedText);
}

}  // namespace
}  // namespace heloguard
