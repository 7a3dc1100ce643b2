// What sessions are opened with, and whether they will ask anything.
#include "engine/session_factory.h"

#include <gtest/gtest.h>

#include "engine/simulated_world.h"
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

// Counts its readings.
class CountingClock final : public Clock {
 public:
  [[nodiscard]] TimePoint Now() const override { return ++read, TimePoint(std::chrono::hours(1)); }
  [[nodiscard]] std::chrono::sys_days Today() const override { return ++read, std::chrono::sys_days(); }
  bool WaitUntil(std::unique_lock<std::mutex>& /*lock*/, std::condition_variable& /*changed*/, TimePoint /*deadline*/,
                 const std::function<bool()>& ready) override {
    return ready();
  }
  mutable int read = 0;
};

class SessionFactoryTest : public ::testing::Test {
 protected:
  SessionFactory Factory(Resolver* resolver, SessionOptions options = {}) {
    SessionFactory::Parts parts;
    parts.policy = [this] { return policy_; };
    parts.new_id = [this] { return "id" + std::to_string(++last_id_); };
    parts.world.resolver = resolver;
    parts.world.clock = &world_;
    parts.world.sink = &sink_;
    parts.options = options;
    return SessionFactory(parts);
  }

  SimulatedWorld world_;
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
    const auto session = factory.Open(factory.Snapshot(), WritesResults::kNo);
    session->OnConnect({});
    session->OnClose();
  }
  EXPECT_EQ(sink_.ids, (std::vector<std::string>{"id1", "id2"}));
}

TEST_F(SessionFactoryTest, AnotherClockIsForItsOwnSessions) {
  CountingClock clock;
  const SessionFactory factory = Factory(nullptr);
  const SessionFactory waiting = factory.WaitingBy(&clock);
  const auto judge = [](const SessionFactory& by) {
    const auto session = by.Open(by.Snapshot(), WritesResults::kNo);
    session->OnConnect({});
    session->OnClose();
  };
  judge(factory);
  EXPECT_EQ(clock.read, 0);
  judge(waiting);
  EXPECT_GT(clock.read, 0);
}

}  // namespace
}  // namespace heloguard
