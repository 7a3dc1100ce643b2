// How many connections the nudge makes, by the clock and by the waits that begin.
#include <gtest/gtest.h>

#include "adapters/milter/libmilter/pool_nudge.h"

namespace heloguard {
namespace {

using std::chrono::milliseconds;

TEST(NudgeBudget, OneAPeriodAndOneForEachNewWait) {
  NudgeBudget budget;
  auto now = std::chrono::steady_clock::time_point(std::chrono::hours(1));
  EXPECT_EQ(budget.Take(1, now), 2);
  EXPECT_EQ(budget.Take(1, now += milliseconds(10)), 1);
  EXPECT_EQ(budget.Take(6, now += milliseconds(10)), 6);
  EXPECT_EQ(budget.Take(6, now += milliseconds(10)), 1);
}

TEST(NudgeBudget, ABurstUsesUpTheCredit) {
  NudgeBudget budget;
  auto now = std::chrono::steady_clock::time_point(std::chrono::hours(1));
  EXPECT_EQ(budget.Take(100'000, now), 301);
  EXPECT_EQ(budget.Take(200'000, now += milliseconds(10)), 2);
  EXPECT_EQ(budget.Take(300'000, now += milliseconds(25)), 3);
  EXPECT_EQ(budget.Take(400'000, now += milliseconds(5)), 2) << "the half period before counts";
  EXPECT_EQ(budget.Take(400'010, now += std::chrono::seconds(60)), 11);
}

TEST(NudgeBudget, InTheLongRunTwoAPeriod) {
  NudgeBudget budget;
  auto now = std::chrono::steady_clock::time_point(std::chrono::hours(1));
  unsigned begun = 0;
  int made = 0;
  for (int period = 0; period < 6'000; ++period) made += budget.Take(begun += 50, now += milliseconds(10));
  EXPECT_LE(made, 2 * 6'000 + 300);
}

TEST(NudgeBudget, TheCountOfWaitsMayWrapAround) {
  NudgeBudget budget;
  auto now = std::chrono::steady_clock::time_point(std::chrono::hours(1));
  EXPECT_EQ(budget.Take(0xFFFFFFFFU, now), 301);
  EXPECT_EQ(budget.Take(4, now += std::chrono::seconds(10)), 6);
}

}  // namespace
}  // namespace heloguard
