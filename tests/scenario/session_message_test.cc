// What a session says at the end of a message: the facts that are owed to it, whatever the policy asks for.
#include <gtest/gtest.h>

#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;

constexpr std::string_view kClient = "192.0.2.7";

// Asks DNS nothing by itself; bare addresses are refused.
constexpr const char* kStrings = R"(
[policy]
exempt = { authenticated = true, recipients = ["postmaster"] }
[[rule]]
name = "bare-ip"
when.helo.kind = "bare-ipv4"
action = "reject"
)";

class WaitSink final : public EventSink {
 public:
  void Judged(const SessionReport& /*report*/) override { ++judged; }
  void Waited(std::chrono::microseconds time) override { waits.push_back(time); }
  int judged = 0;
  std::vector<std::chrono::microseconds> waits;
};

class SessionMessageTest : public ::testing::Test {
 protected:
  SessionMessageTest() { options.owed_facts = {FactId::kRdnsStatus}; }
  DrivenSession& Open(const std::string& policy) {
    const Services of{&world, &world, &sink, nullptr, milliseconds(4000), {}, ""};
    session.emplace("abcdefgh01234567", PolicyFrom(policy), of, options, &world);
    ConnectInfo info;
    info.client = Ip(kClient);
    session->OnConnect(info);
    return *session;
  }
  static std::optional<RdnsStatus> StatusIn(const SessionReport& report) {
    const Fact& fact = report.judgement.facts[FactId::kRdnsStatus];
    if (!fact.has_value()) return std::nullopt;
    return static_cast<RdnsStatus>(std::countr_zero(fact.number()));
  }

  SimulatedServices world;
  WaitSink sink;
  SessionOptions options;
  std::optional<DrivenSession> session;
};

TEST_F(SessionMessageTest, OwedFactsAreAskedForAndWaitedForAtTheEndAlone) {
  world.Script(Ptr(kClient), Names({"mail.example.org"}), milliseconds(700));
  world.Script(A("mail.example.org"), Addresses({kClient}), milliseconds(300));
  DrivenSession& s = Open(kStrings);
  EXPECT_EQ(world.asked(), std::vector<DnsQuestion>{Ptr(kClient)});
  const auto before = world.Now();
  s.OnHelo("mail.example.org", false);
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  EXPECT_EQ(world.Now(), before);
  EXPECT_EQ(StatusIn(s.OnMessage()), RdnsStatus::kPass);
  EXPECT_EQ(world.Now() - before, milliseconds(1000));
  EXPECT_EQ(sink.waits.back(), milliseconds(1000));
  EXPECT_EQ(StatusIn(s.OnMessage()), RdnsStatus::kPass);
  EXPECT_EQ(sink.waits.back(), milliseconds(0));
}

TEST_F(SessionMessageTest, WithoutThemNothingIsAsked) {
  options.owed_facts = {};
  DrivenSession& s = Open(kStrings);
  s.OnHelo("mail.example.org", false);
  s.OnMail("<>", false, false);
  s.OnRcpt("<b@example.net>");
  EXPECT_TRUE(world.asked().empty());
  EXPECT_EQ(StatusIn(s.OnMessage()), std::nullopt);
}

TEST_F(SessionMessageTest, ClientsWhoAreLetThroughAreAskedAboutAsWell) {
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain), milliseconds(10));
  DrivenSession& s = Open("[[rule]]\nname = 'trusted'\nwhen.client.address = '192.0.2.0/24'\naction = 'accept'\n");
  s.OnHelo("localhost", true);
  s.OnMail("<>", true, true);
  s.OnRcpt("<b@example.net>");
  const SessionReport report = s.OnMessage();
  EXPECT_EQ(StatusIn(report), RdnsStatus::kPermerror);
  EXPECT_EQ(report.judgement.exempt, "authenticated");
}

TEST_F(SessionMessageTest, SilenceIsTemperrorByTheDeadline) {
  world.Silence(Ptr(kClient));
  DrivenSession& s = Open(kStrings);
  const auto connected = world.Now();
  s.OnHelo("mail.example.org", false);
  world.Advance(milliseconds(3000));  // the client talks
  s.OnMail("<>", false, false);
  s.OnRcpt("<b@example.net>");
  EXPECT_EQ(StatusIn(s.OnMessage()), RdnsStatus::kTemperror);
  EXPECT_EQ(world.Now() - connected, milliseconds(4000));
}

TEST_F(SessionMessageTest, RecipientsDoNotWaitForWhatIsOnlyTold) {
  options.owed_facts = {FactId::kRdnsStatus, FactId::kSpfHelo};
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain), milliseconds(10));
  world.Silence(Txt("mail.example.org"));
  DrivenSession& s = Open("[[rule]]\nname = 'r'\nwhen.rdns.status = 'fail'\naction = 'reject'\n");
  const auto connected = world.Now();
  s.OnHelo("mail.example.org", false);
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  EXPECT_EQ(world.Now() - connected, milliseconds(10));
  const SessionReport report = s.OnMessage();
  EXPECT_EQ(world.Now() - connected, milliseconds(4000));
  EXPECT_EQ(report.judgement.facts[FactId::kSpfHelo].state(), FactState::kTransient);
}

TEST_F(SessionMessageTest, TheVerdictIsTheOneTheRecipientsGot) {
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain), milliseconds(10));
  DrivenSession& s = Open(std::string(kStrings));
  s.OnHelo("192.0.2.7", false);
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kReject);
  EXPECT_EQ(s.OnRcpt("<postmaster@example.net>").outcome, Outcome::kAccept);
  const SessionReport report = s.OnMessage();
  EXPECT_EQ(report.judgement.verdict.outcome, Outcome::kReject);
  EXPECT_EQ(DecidingRule(report.judgement), "bare-ip");
  EXPECT_EQ(report.judgement.exempt, "");
}

TEST_F(SessionMessageTest, EveryMessageIsJudgedByItsOwnHelo) {
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain), milliseconds(10));
  DrivenSession& s = Open(kStrings);
  for (const auto& [helo, outcome] :
       {std::pair("192.0.2.7", Outcome::kReject), std::pair("a.example", Outcome::kAccept),
        std::pair("192.0.2.7", Outcome::kReject)}) {
    s.OnHelo(helo, false);
    s.OnMail("<>", false, false);
    s.OnRcpt("<postmaster@example.net>");
    const SessionReport report = s.OnMessage();
    EXPECT_EQ(report.judgement.verdict.outcome, outcome) << helo;
    EXPECT_EQ(report.inputs.helo->text, helo);
  }
  EXPECT_EQ(sink.judged, 3);  // the end of a message is not told of again
}

}  // namespace
}  // namespace heloguard
