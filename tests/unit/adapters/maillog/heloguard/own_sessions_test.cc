// heloguard's own lines as sessions, and the mail server's sessions they stand for.
#include "adapters/maillog/heloguard/own_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "joined.h"

namespace heloguard {
namespace {

using ::testing::ElementsAre;
using testing::Joined;

constexpr const char* kOwn = "session=s1 client=192.0.2.1 helo=pc kind=single-label rdns_status=fail ";

TEST(OwnSession, MessagesOfOneSession) {
  Joined log;
  log.Own(std::string(kOwn) + "verdict=accept mode=enforce stage=rcpt from=<a@x> to=<postmaster@y> exempt=recipient")
      .Own(std::string(kOwn) + "verdict=reject mode=enforce stage=rcpt from=<a@x> to=<bob@y>")
      .Own("session=s2 client=192.0.2.1 helo=pc kind=single-label verdict=accept mode=enforce stage=helo");
  log.Finish();
  ASSERT_EQ(log.sessions.size(), 2U);
  EXPECT_EQ(log.sessions[0].was, Outcome::kReject);
  EXPECT_FALSE(log.sessions[0].recipient_exempt);
  EXPECT_EQ(log.sessions[0].to, "<bob@y>");
  EXPECT_EQ(log.sessions[0].mta, MtaOutcome::kRefused);
  EXPECT_EQ(log.sessions[1].mta, MtaOutcome::kNoMail);
  EXPECT_EQ(log.sessions[1].reached, Stage::kHelo);
}

TEST(OwnSession, EachHeloIsASession) {
  Joined log;
  log.Own("session=s1 client=192.0.2.1 helo=pc kind=single-label verdict=reject stage=rcpt")
      .Own("session=s1 client=192.0.2.1 helo=a.example kind=fqdn verdict=accept stage=rcpt");
  EXPECT_EQ(log.Outcomes(), (std::vector{MtaOutcome::kRefused, MtaOutcome::kUnknown}));
}

TEST(OwnSession, TakesTheMailServersPlace) {
  const auto feed = [](LogChoice choice) {
    Joined log(choice);
    log.Raw("Nov 21 10:00:00 mx postfix/smtpd[1]: connect from unknown[192.0.2.9]")
        .Raw("Nov 21 10:00:00 mx postfix/smtpd[1]: disconnect from unknown[192.0.2.9]")
        .Smtpd("connect from unknown[192.0.2.1]")
        .Own(std::string(kOwn) + "verdict=reject stage=rcpt")
        .Smtpd("disconnect from unknown[192.0.2.1]")
        .Line("other postfix/smtpd", 1, "connect from unknown[192.0.2.5]")
        .Finish();
    std::string clients;
    for (const LoggedSession& session : log.sessions) {
      clients += std::string(NameOf(session.source)) + " " + session.client->ToString() + ", ";
    }
    return clients + std::to_string(log.joiner().counts().left_out);
  };
  EXPECT_EQ(feed(LogChoice::kAuto), "Postfix 192.0.2.9, Postfix 192.0.2.5, heloguard 192.0.2.1, 1");
  EXPECT_EQ(feed(LogChoice::kMta), "Postfix 192.0.2.9, Postfix 192.0.2.1, Postfix 192.0.2.5, 0");
  EXPECT_EQ(feed(LogChoice::kHeloguard), "heloguard 192.0.2.1, 0");
}

// One session of Postfix's and, where `told`, heloguard's line about it; `time` is "21 10:00", day, hour and minute.
void Feed(Joined* log, const std::string& time, const std::string& client, bool told) {
  const std::string frame = "Nov " + time;
  log->Raw(frame + ":00 mx postfix/smtpd[1]: connect from unknown[" + client + "]");
  if (told) {
    log->Raw(frame + ":01 mx heloguard[9]: session=" + time.substr(0, 2) + time.substr(3) + " client=" + client +
             " helo=pc kind=single-label verdict=reject stage=rcpt");
  }
  log->Raw(frame + ":02 mx postfix/smtpd[1]: disconnect from unknown[" + client + "]");
}

std::vector<std::string> Names(Joined* log) {
  log->Finish();
  std::vector<std::string> names;
  for (const LoggedSession& session : log->sessions) {
    names.push_back(std::string(NameOf(session.source)) + " " + session.client->ToString());
  }
  return names;
}

TEST(OwnSession, StandsForTheMailServersNearIt) {
  Joined log;
  Feed(&log, "20 09:00", "192.0.2.1", false);
  Feed(&log, "20 10:00", "192.0.2.2", true);
  Feed(&log, "20 10:30", "192.0.2.3", false);  // no mail, or one that heloguard did not see
  Feed(&log, "20 11:01", "192.0.2.4", false);  // heloguard is gone
  Feed(&log, "21 11:00", "192.0.2.5", false);
  Feed(&log, "21 12:00", "192.0.2.6", true);  // and comes back
  Feed(&log, "21 15:00", "192.0.2.7", true);
  EXPECT_THAT(Names(&log), ElementsAre("Postfix 192.0.2.1", "Postfix 192.0.2.4", "Postfix 192.0.2.5",
                                       "heloguard 192.0.2.2", "heloguard 192.0.2.6", "heloguard 192.0.2.7"));
  EXPECT_EQ(log.joiner().counts().left_out, 4U);
}

// Sendmail's sessions end half an hour after they were heard of.
TEST(OwnSession, StandsForSessionsWithoutAnEnd) {
  Joined log;
  log.Raw("Nov 21 10:00:00 mx heloguard[9]: session=a client=192.0.2.1 helo=pc verdict=accept stage=rcpt")
      .Raw("Nov 21 10:00:00 mx sm-mta[1]: 6A: from=<a@x>, nrcpts=1, proto=SMTP, relay=[192.0.2.1]")
      .Raw("Nov 21 13:00:00 mx heloguard[9]: session=b client=192.0.2.2 helo=pc verdict=accept stage=rcpt")
      .Raw("Nov 21 13:00:00 mx sm-mta[2]: 6B: from=<a@x>, nrcpts=1, proto=SMTP, relay=[192.0.2.2]");
  EXPECT_THAT(Names(&log), ElementsAre("heloguard 192.0.2.1", "heloguard 192.0.2.2"));
}

TEST(OwnSession, WhatWasOnlyObservedWasAccepted) {
  Joined log;
  log.Own("session=s1 client=192.0.2.1 helo=pc verdict=reject mode=observe stage=rcpt")
      .Own("session=s1 client=192.0.2.1 helo=pc verdict=reject mode=observe stage=rcpt");
  EXPECT_EQ(log.Only().was, Outcome::kAccept);
  EXPECT_EQ(log.sessions[0].mta, MtaOutcome::kUnknown);
}

}  // namespace
}  // namespace heloguard
