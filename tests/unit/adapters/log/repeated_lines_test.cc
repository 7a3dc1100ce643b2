// Which refusals have a line of their own, and what is told of the others.
#include "adapters/log/repeated_lines.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

using Which = RepeatedLines::Which;
using namespace std::chrono_literals;

constexpr RepeatedLines::TimePoint kStart{std::chrono::hours(1)};

std::size_t Admitted(RepeatedLines* groups, const LineKey& key, int times, RepeatedLines::TimePoint now) {
  std::size_t admitted = 0;
  for (int i = 0; i < times; ++i) admitted += groups->Admit(key, now) ? 1U : 0U;
  return admitted;
}

TEST(RepeatedLinesTest, TheFirstSinglyTheRestCounted) {
  RepeatedLines groups(3);
  const LineKey key{"192.0.2.1", "bare-ip", Outcome::kReject};
  EXPECT_EQ(Admitted(&groups, key, 10, kStart), 3U);
  EXPECT_TRUE(groups.Take(kStart + 59s, Which::kOver).empty());
  const auto told = groups.Take(kStart + 60s, Which::kOver);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].key, key);
  EXPECT_EQ(told[0].count, 7U);
  EXPECT_EQ(told[0].within, 60s);
  // The next minute begins with the next refusal.
  EXPECT_TRUE(groups.Take(kStart + 200s, Which::kAll).empty());
  EXPECT_EQ(Admitted(&groups, key, 4, kStart + 200s), 3U);
  EXPECT_EQ(groups.Take(kStart + 201s, Which::kAll).size(), 1U);
}

TEST(RepeatedLinesTest, ClientsReasonsAndVerdictsApart) {
  RepeatedLines groups(1);
  EXPECT_TRUE(groups.Admit({"192.0.2.1", "a", Outcome::kReject}, kStart));
  EXPECT_TRUE(groups.Admit({"192.0.2.2", "a", Outcome::kReject}, kStart));
  EXPECT_TRUE(groups.Admit({"192.0.2.1", "b", Outcome::kReject}, kStart));
  EXPECT_TRUE(groups.Admit({"192.0.2.1", "a", Outcome::kTempfail}, kStart));
  EXPECT_FALSE(groups.Admit({"192.0.2.1", "a", Outcome::kReject}, kStart));
  EXPECT_EQ(groups.Take(kStart, Which::kAll).size(), 1U);
}

TEST(RepeatedLinesTest, ZeroKeepsNothingBack) {
  RepeatedLines groups(0);
  EXPECT_EQ(Admitted(&groups, {"192.0.2.1", "a", Outcome::kReject}, 100, kStart), 100U);
  EXPECT_TRUE(groups.Take(kStart, Which::kAll).empty());
}

// As many clients as there are addresses do not take all memory.
TEST(RepeatedLinesTest, AboveTheMostGroupsEveryRefusalHasItsLine) {
  RepeatedLines groups(1);
  for (std::size_t i = 0; i < RepeatedLines::kMaxGroups; ++i) {
    EXPECT_TRUE(groups.Admit({std::to_string(i), "a", Outcome::kReject}, kStart));
  }
  EXPECT_EQ(Admitted(&groups, {"one more", "a", Outcome::kReject}, 5, kStart), 5U);
  EXPECT_EQ(Admitted(&groups, {"0", "a", Outcome::kReject}, 5, kStart), 0U);
}

}  // namespace
}  // namespace heloguard
