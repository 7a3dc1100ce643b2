// The numbers of clients' networks, and the modes that percent makes of them.
#include "heloguard/policy/rollout.h"

#include <gtest/gtest.h>

#include <array>

namespace heloguard {
namespace {

TEST(RolloutTest, OneNumberANetwork) {
  const auto share = [](std::string_view text) { return ShareOf(*IpAddress::Parse(text)); };
  EXPECT_EQ(share("192.0.2.1"), share("192.0.2.254"));
  EXPECT_EQ(share("192.0.2.1"), share("::ffff:192.0.2.1"));
  EXPECT_EQ(share("2001:db8:1:2::1"), share("2001:db8:1:2:ffff::"));
  EXPECT_NE(share("2001:db8:1:2::1"), share("2001:db8:1:3::1"));
  // For good: a client that is enforced today is enforced after an upgrade as well.
  EXPECT_EQ(share("192.0.2.1"), 3U);
  EXPECT_EQ(share("2001:db8::1"), 55U);
}

TEST(RolloutTest, SharesAreEven) {
  std::array<int, 100> count{};
  for (unsigned high = 0; high < 256; ++high) {
    for (unsigned low = 0; low < 256; ++low) {
      const auto octet = [](unsigned n) { return static_cast<std::uint8_t>(n); };
      const unsigned share = ShareOf(IpAddress::V4({198, octet(high), octet(low), 1}));
      ASSERT_LT(share, 100U);
      ++count[share];
    }
  }
  for (const int each : count) {
    EXPECT_GT(each, 500);  // 655 on average
    EXPECT_LT(each, 820);
  }
}

TEST(RolloutTest, EnforcedBelowThePercent) {
  const auto client = IpAddress::Parse("2001:db8::1");  // number 55
  const struct {
    Mode mode;
    std::optional<unsigned> percent;
    std::optional<IpAddress> client;
    Mode stands;
  } rows[] = {
      {Mode::kEnforce, std::nullopt, client, Mode::kEnforce}, {Mode::kEnforce, 55, client, Mode::kObserve},
      {Mode::kEnforce, 56, client, Mode::kEnforce},           {Mode::kEnforce, 0, client, Mode::kObserve},
      {Mode::kEnforce, 1, std::nullopt, Mode::kEnforce},      {Mode::kEnforce, 0, std::nullopt, Mode::kObserve},
      {Mode::kObserve, 100, client, Mode::kObserve},          {Mode::kObserve, std::nullopt, client, Mode::kObserve},
  };
  for (const auto& row : rows) EXPECT_EQ(ModeFor(row.mode, row.percent, row.client), row.stands);
}

}  // namespace
}  // namespace heloguard
