// What goes on beyond the limits of [limits]: who is counted, what is judged no more, what is answered.
#include "engine/limits/session_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Told final : public EventSink {
 public:
  void Judged(const SessionReport& report) override { judged.emplace_back(report.inputs.helo->name); }
  void OverLimit(Limit limit) override { over.emplace_back(NameOf(limit)); }
  void Alarm(std::string_view text) override { alarms.emplace_back(text); }
  std::vector<std::string> judged, over, alarms;
};

constexpr const char* kPolicy = R"(
[policy]
exempt = { authenticated = true, recipients = ["postmaster"] }
[[rule]]
name = "bare-ip"
when.helo.kind = "bare-ipv4"
action = "reject"
[[rule]]
name = "no-address"
when.helo.address = ["nxdomain", "nodata"]
overrides_rfc5321 = true
action = "reject"
)";

class SessionLimitsTest : public ::testing::Test {
 protected:
  SessionLimitsTest() {
    settings.sessions = 5;
    settings.sessions_per_network = 2;
    settings.messages_per_session = 3;
    settings.helos_per_session = 2;
    settings.trusted = {*IpNetwork::Parse("10.0.0.0/8")};
  }
  DrivenSession& Connect(std::string_view client, const std::string& policy = kPolicy) {
    if (!limits) limits.emplace(settings, &world, &told);
    Services around{&world, &world, &told, nullptr, milliseconds(4000), {}, ""};
    around.limits_of_sessions = &*limits;
    sessions.push_back(
        std::make_unique<DrivenSession>("abcdefgh01234567", PolicyFrom(policy), around, SessionOptions{}, &world));
    ConnectInfo info;
    if (!client.empty()) info.client = Ip(client);
    sessions.back()->OnConnect(info);
    return *sessions.back();
  }
  static std::string Message(DrivenSession& session, std::string_view to = "<b@example.net>", bool auth = false) {
    session.OnMail("<>", auth, false);
    const StageAnswer answer = session.OnRcpt(to);
    return answer.reply ? answer.reply->ToString().substr(0, 9) : std::string(NameOf(answer.outcome));
  }
  std::string BareIp(std::string_view client, std::string_view to = "<b@example.net>") {
    DrivenSession& session = Connect(client);
    session.OnHelo("192.0.2.1", false);
    return Message(session, to);
  }

  SimulatedServices world;
  Told told;
  Settings::Limits settings;
  std::optional<SessionLimits> limits;
  std::vector<std::unique_ptr<DrivenSession>> sessions;
};

TEST_F(SessionLimitsTest, SessionsOfOneNetworkBeyondItsLimitGoOnUnjudged) {
  EXPECT_EQ(BareIp("192.0.2.1"), "550 5.5.2");
  EXPECT_EQ(BareIp("192.0.2.99"), "550 5.5.2");
  const std::size_t asked = world.asked().size();
  EXPECT_EQ(BareIp("192.0.2.200"), "accept");
  EXPECT_EQ(world.asked().size(), asked) << "nothing is looked up either";
  EXPECT_EQ(BareIp("198.51.100.1"), "550 5.5.2") << "another network";
  EXPECT_THAT(told.over, ElementsAre("sessions_per_network"));
  ASSERT_EQ(told.alarms.size(), 1U);
  EXPECT_EQ(
      told.alarms[0],
      "client network 192.0.2.0/24 is over limits.sessions_per_network (2): what comes beyond goes on unjudged, or "
      "judged without DNS");
  EXPECT_EQ(told.judged.size(), 3U);
  sessions.erase(sessions.begin());
  EXPECT_EQ(BareIp("192.0.2.3"), "accept") << "two are there still, one of them beyond the limit";
  sessions.clear();
  EXPECT_EQ(limits->open(), 0U);
  EXPECT_EQ(BareIp("192.0.2.3"), "550 5.5.2");
}

TEST_F(SessionLimitsTest, TheLimitOfAllHoldsForTrustedNetworksToo) {
  for (unsigned i = 1; i <= 5; ++i) EXPECT_EQ(BareIp("10.1.1." + std::to_string(i)), "550 5.5.2");
  EXPECT_EQ(BareIp("10.1.1.9"), "accept");
  EXPECT_THAT(told.over, ElementsAre("sessions"));
}

TEST_F(SessionLimitsTest, TempfailDefersAtRcptWhomNothingExempts) {
  settings.overload = Overload::kTempfail;
  BareIp("192.0.2.1");
  BareIp("192.0.2.2");
  EXPECT_EQ(BareIp("192.0.2.3"), "451 4.3.2");
  EXPECT_EQ(BareIp("192.0.2.4", "<postmaster@example.net>"), "accept");
  DrivenSession& user = Connect("192.0.2.5");
  EXPECT_EQ(Message(user, "<b@example.net>", true), "accept") << "authenticated";
  DrivenSession& observed = Connect("192.0.2.6", "[policy]\nmode = 'observe'\n" + std::string(kPolicy).substr(10));
  EXPECT_EQ(Message(observed), "accept") << "nothing acts that was not shown";
}

TEST_F(SessionLimitsTest, MessagesBeyondTheLimitGoOnUnjudged) {
  DrivenSession& session = Connect("192.0.2.1");
  session.OnHelo("192.0.2.1", false);
  for (unsigned i = 0; i < 3; ++i) EXPECT_EQ(Message(session), "550 5.5.2");
  for (unsigned i = 0; i < 1'000; ++i) EXPECT_EQ(Message(session), "accept");
  session.OnClose();
  EXPECT_EQ(told.judged.size(), 3U) << "no line for the others";
  EXPECT_EQ(told.over.size(), 1'000U);
  EXPECT_EQ(told.alarms.size(), 1U);
  world.Advance(seconds(60));
  Message(session);
  EXPECT_EQ(told.alarms.size(), 2U) << "once a minute";
}

TEST_F(SessionLimitsTest, AHeloBeyondTheLimitIsJudgedByItsTextAlone) {
  DrivenSession& session = Connect("192.0.2.1");
  for (unsigned i = 0; i < 1'000; ++i) session.OnHelo("n" + std::to_string(i) + ".example.org", false);
  EXPECT_EQ(world.asked().size(), 4U) << "A and AAAA of two names";
  EXPECT_EQ(Message(session), "accept") << "whether it has an address is not known";
  session.OnHelo("192.0.2.1", false);
  EXPECT_EQ(Message(session), "550 5.5.2") << "saying many names is no way around the rules";
  EXPECT_EQ(told.over.size(), 999U);
}

TEST_F(SessionLimitsTest, TrustedNetworksAndProgramsOfThisHostHaveNoLimitOfTheirOwn) {
  for (const std::string_view client : {"10.1.1.1", ""}) {
    DrivenSession& session = Connect(client);
    for (unsigned i = 0; i < 10; ++i) {
      session.OnHelo("192.0.2.1", false);
      EXPECT_EQ(Message(session), client.empty() ? "accept" : "550 5.5.2");
    }
  }
  EXPECT_THAT(told.over, IsEmpty());
}

// What a thousand HELO names in one session cost: no judgement but those of the first ones.
TEST_F(SessionLimitsTest, AThousandHelosCostTwoJudgements) {
  if (!limits) limits.emplace(settings, &world, &told);
  Services around{&world, &world, &told, nullptr, milliseconds(4000), {}, ""};
  around.limits_of_sessions = &*limits;
  Session session("abcdefgh01234567", PolicyFrom(kPolicy), around, SessionOptions{}, nullptr);
  ConnectInfo info;
  info.client = Ip("192.0.2.1");
  static_cast<void>(session.OnConnect(info));
  for (unsigned i = 0; i < 1'000; ++i) {
    static_cast<void>(session.OnHelo("n" + std::to_string(i) + ".example.org", false));
  }
  EXPECT_LE(session.TEST_evaluations(), 4U);
}

}  // namespace
}  // namespace heloguard
