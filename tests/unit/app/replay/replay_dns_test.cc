// The rate of a replay's lookups, on a clock that moves only when somebody waits.
#include "app/replay/replay_dns.h"

#include <gtest/gtest.h>

#include "engine/drive/simulated_services.h"

namespace heloguard {
namespace {

using std::chrono::milliseconds;

// A client without reverse DNS: one question, answered at once.
class ReplayDnsRate : public testing::Test {
 protected:
  void Begin(unsigned clients) {
    LoggedSession session;
    for (unsigned i = 0; i < clients; ++i) {
      session.client = IpAddress::V4({192, 0, 2, static_cast<std::uint8_t>(++last_)});
      (void)dns_.Start(session, {LookupId::kReversePtr});
    }
  }
  [[nodiscard]] milliseconds Spent() const { return std::chrono::duration_cast<milliseconds>(world_.Now() - begun_); }

  SimulatedServices world_;
  const Clock::TimePoint begun_ = world_.Now();
  ReplayDns dns_{&world_, &world_, {LookupLimits(), std::chrono::seconds(4), 10}};
  unsigned last_ = 0;
};

TEST_F(ReplayDnsRate, Holds) {
  Begin(1);
  EXPECT_EQ(Spent(), milliseconds(0));
  Begin(20);
  EXPECT_EQ(world_.asked().size(), 21U);
  EXPECT_EQ(Spent(), milliseconds(2'000));
}

TEST_F(ReplayDnsRate, APauseSavesUpASecondAndNoMore) {
  Begin(11);
  EXPECT_EQ(Spent(), milliseconds(1'000));
  world_.Advance(std::chrono::hours(1));
  const milliseconds resumed = Spent();
  Begin(10);
  EXPECT_EQ(Spent(), resumed) << "what the last second had room for";
  Begin(20);
  EXPECT_EQ(world_.asked().size(), 41U);
  EXPECT_EQ(Spent(), resumed + milliseconds(2'000));
}

}  // namespace
}  // namespace heloguard
