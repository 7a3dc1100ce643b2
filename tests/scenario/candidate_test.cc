// A candidate policy beside the one in force: judged on the same sessions, told where it differs, never acted on.
#include <gtest/gtest.h>

#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;

constexpr const char* kNothing = "[[rule]]\nname = 'n'\nwhen.helo.kind = 'malformed'\naction = 'note'\n";
constexpr const char* kBareIp = "[[rule]]\nname = 'bare'\nwhen.helo.kind = 'bare-ipv4'\naction = 'reject'\n";
constexpr const char* kNoReverse = "[[rule]]\nname = 'rdns'\nwhen.rdns.status = 'permerror'\naction = 'tempfail'\n";

class Journal final : public EventSink {
 public:
  void Judged(const SessionReport& /*report*/) override { ++judged; }
  void Differed(const CandidateReport& r) override {
    const Judgement& other = r.candidate;
    std::string line =
        std::string(NameOf(r.active.judgement.outcome())) + " -> " + std::string(NameOf(other.outcome()));
    if (other.verdict.rule) line += " by " + other.policy->rules[*other.verdict.rule].name;
    told.push_back(line + " to " + std::string(r.active.to));
  }
  std::vector<std::string> told;
  int judged = 0;
};

class CandidateTest : public ::testing::Test {
 protected:
  DrivenSession& Open(const std::string& active, const std::string& candidate) {
    auto policy = std::make_shared<Policy>(*PolicyFrom(active));
    policy->candidate = PolicyFrom(candidate);
    const Services around{&world, &world, &journal, nullptr, milliseconds(4000), {}, ""};
    session.emplace("abcdefgh01234567", policy, around, SessionOptions{}, &world);
    ConnectInfo info;
    info.client = Ip("192.0.2.7");
    session->OnConnect(info);
    return *session;
  }
  Outcome Message(DrivenSession& s, std::string_view helo, bool authenticated = false,
                  std::initializer_list<std::string_view> recipients = {"<b@example.net>"}) {
    s.OnHelo(helo, false);
    s.OnMail("<>", authenticated, false);
    Outcome last = Outcome::kAccept;
    for (const std::string_view to : recipients) last = s.OnRcpt(to).outcome;
    return last;
  }
  using Told = std::vector<std::string>;

  SimulatedServices world;
  Journal journal;
  std::optional<DrivenSession> session;
};

TEST_F(CandidateTest, ADifferenceIsToldOnceAndNotActedOn) {
  DrivenSession& s = Open(kNothing, kBareIp);
  EXPECT_EQ(Message(s, "192.0.2.7", false, {"<b@example.net>", "<c@example.net>"}), Outcome::kAccept);
  EXPECT_EQ(journal.told, Told{}) << "the evidence may still come in";
  s.OnClose();
  EXPECT_EQ(journal.told, Told{"accept -> reject by bare to <b@example.net>"});
  EXPECT_EQ(journal.judged, 1);
}

TEST_F(CandidateTest, EveryMessageIsComparedAndAgreementIsSilent) {
  DrivenSession& s = Open(kNothing, kBareIp);
  Message(s, "192.0.2.7");
  Message(s, "mail.example.org");
  Message(s, "192.0.2.8");
  s.OnClose();
  EXPECT_EQ(journal.told.size(), 2U);
}

TEST_F(CandidateTest, AMilderCandidateIsADifferenceToo) {
  DrivenSession& s = Open(kBareIp, kNothing);
  EXPECT_EQ(Message(s, "192.0.2.7"), Outcome::kReject);
  s.OnClose();
  EXPECT_EQ(journal.told, Told{"reject -> accept to <b@example.net>"});
}

TEST_F(CandidateTest, WhatItNeedsIsLookedUpButNobodyWaitsForIt) {
  world.Script(Ptr("192.0.2.7"), End(DnsStatus::kNxDomain), milliseconds(900));
  DrivenSession& s = Open(kNothing, kNoReverse);
  const auto before = world.Now();
  EXPECT_EQ(Message(s, "mail.example.org"), Outcome::kAccept);
  EXPECT_EQ(world.Now(), before);
  world.Advance(milliseconds(1000));  // the message's body takes its time
  s.OnClose();
  EXPECT_EQ(journal.told, Told{"accept -> tempfail by rdns to <b@example.net>"});
}

TEST_F(CandidateTest, EvidenceThatNeverCameMakesNoDifference) {
  world.Silence(Ptr("192.0.2.7"));
  DrivenSession& s = Open(kNothing, kNoReverse);
  Message(s, "mail.example.org");
  s.OnClose();
  EXPECT_EQ(journal.told, Told{});
}

TEST_F(CandidateTest, WhoIsExemptUnderTheCandidateIsAccepted) {
  const std::string exempting = "[policy]\nexempt = { authenticated = true, recipients = ['postmaster'] }\n";
  DrivenSession& s = Open(kNothing, exempting + kBareIp);
  Message(s, "192.0.2.7", true);
  Message(s, "192.0.2.7", false, {"<postmaster@example.net>"});
  s.OnClose();
  EXPECT_EQ(journal.told, Told{});
}

TEST_F(CandidateTest, TheRecipientThatIsNotExemptIsCompared) {
  const std::string exempting = "[policy]\nexempt = { recipients = ['postmaster'] }\n";
  DrivenSession& s = Open(exempting + kBareIp, exempting + kNothing);
  Message(s, "192.0.2.7", false, {"<postmaster@example.net>", "<b@example.net>"});
  s.OnClose();
  EXPECT_EQ(journal.told, Told{"reject -> accept to <b@example.net>"});
}

TEST_F(CandidateTest, RefusingLaterIsNoDifference) {
  DrivenSession& s = Open("[policy]\nstage = 'helo'\n" + std::string(kBareIp), kBareIp);
  EXPECT_EQ(s.OnHelo("192.0.2.7", false).outcome, Outcome::kReject);
  s.OnClose();
  EXPECT_EQ(journal.told, Told{});
}

TEST_F(CandidateTest, ASecondHeloIsAnotherJudgement) {
  DrivenSession& s = Open(kNothing, kBareIp);
  Message(s, "192.0.2.7");
  s.OnHelo("mail.example.org", false);
  EXPECT_EQ(journal.told.size(), 1U) << "compared with the HELO it was told of";
  s.OnClose();
  EXPECT_EQ(journal.told.size(), 1U);
}

}  // namespace
}  // namespace heloguard
