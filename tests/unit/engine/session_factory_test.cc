// What sessions are opened with, and whether they will ask anything.
#include "engine/session_factory.h"

#include <gtest/gtest.h>

#include "dns_text.h"
#include "engine/drive/simulated_services.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using testing::PolicyFrom;

constexpr const char* kStrings = R"(
[policy]
[[rule]]
name = "bare-ip"
when.helo.kind = "bare-ipv4"
action = "reject"
)";
constexpr const char* kLookups = R"(
[policy]
[[rule]]
name = "no-reverse"
when.rdns.status = "permerror"
action = "tempfail"
)";

class Ids final : public EventSink {
 public:
  void Judged(const SessionReport& report) override { ids.emplace_back(report.session); }
  std::vector<std::string> ids;
};

class SessionFactoryTest : public ::testing::Test {
 protected:
  SessionFactory Factory(Resolver* resolver, SessionOptions options = {}) {
    SessionFactory::Parts parts;
    parts.policy = [this] { return policy_; };
    parts.new_id = [this] { return "id" + std::to_string(++last_id_); };
    parts.services.resolver = resolver;
    parts.services.clock = &world_;
    parts.services.sink = &sink_;
    parts.options = options;
    return SessionFactory(parts);
  }

  SimulatedServices world_;
  Ids sink_;
  int last_id_ = 0;
  std::shared_ptr<const Policy> policy_ = PolicyFrom(kStrings);
};

TEST_F(SessionFactoryTest, LookupsAreWantedByThePolicyTheOptionsOrTheResults) {
  const auto strings = PolicyFrom(kStrings);
  const auto lookups = PolicyFrom(kLookups);
  const SessionFactory live = Factory(&world_);
  EXPECT_FALSE(live.WantsLookups(*strings, WritesResults::kNo));
  EXPECT_TRUE(live.WantsLookups(*strings, WritesResults::kYes));
  EXPECT_TRUE(live.WantsLookups(*lookups, WritesResults::kNo));

  SessionOptions shown;
  shown.extra_facts = lookups->facts;
  EXPECT_FALSE(Factory(&world_, shown).WantsLookups(*strings, WritesResults::kNo)) << "to show is no reason to ask";
  shown.full_evidence = true;
  EXPECT_TRUE(Factory(&world_, shown).WantsLookups(*strings, WritesResults::kNo));
}

TEST_F(SessionFactoryTest, NothingIsAskedOffline) {
  const SessionFactory offline = Factory(nullptr);
  EXPECT_FALSE(offline.WantsLookups(*PolicyFrom(kLookups), WritesResults::kNo));
  EXPECT_FALSE(offline.WantsLookups(*PolicyFrom(kLookups), WritesResults::kYes));
}

TEST_F(SessionFactoryTest, EverySessionHasAnIdOfItsOwn) {
  const SessionFactory factory = Factory(nullptr);
  for (int i = 0; i < 2; ++i) {
    const auto session = factory.Open(factory.Snapshot(), WritesResults::kNo, nullptr);
    static_cast<void>(session->OnConnect({}));
    session->OnClose();
  }
  EXPECT_EQ(sink_.ids, (std::vector<std::string>{"id1", "id2"}));
}

TEST_F(SessionFactoryTest, ASessionAnnouncesItselfToWhoeverOpenedIt) {
  world_.Script(testing::Ptr("192.0.2.7"), testing::End(DnsStatus::kNxDomain), std::chrono::milliseconds(10));
  policy_ = PolicyFrom(kLookups);
  int announced = 0;
  const auto session = Factory(&world_).Open(policy_, WritesResults::kNo, [&] { ++announced; });
  ConnectInfo info;
  info.client = testing::Ip("192.0.2.7");
  static_cast<void>(session->OnConnect(info));
  ASSERT_TRUE(session->OnRcpt("<b@example.net>").pending());
  world_.Advance(std::chrono::milliseconds(10));
  EXPECT_EQ(announced, 1);
  EXPECT_EQ(session->Resume().answer.outcome, Outcome::kTempfail);
}

}  // namespace
}  // namespace heloguard
