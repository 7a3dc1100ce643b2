#include "heloguard/base/quantity.h"

#include <gtest/gtest.h>

#include <utility>

namespace heloguard {
namespace {

using std::chrono::milliseconds;

TEST(ParseDuration, TakesNumbersWithAUnit) {
  const struct {
    std::string_view text;
    std::optional<milliseconds> expected;
  } kRows[] = {
      {"4s", milliseconds(4'000)},
      {"300ms", milliseconds(300)},
      {"10m", milliseconds(600'000)},
      {"1h", milliseconds(3'600'000)},
      {"0s", milliseconds(0)},
      {"007s", milliseconds(7'000)},
      {"", std::nullopt},
      {"4", std::nullopt},
      {"s", std::nullopt},
      {"4 s", std::nullopt},
      {" 4s", std::nullopt},
      {"4s ", std::nullopt},
      {"-4s", std::nullopt},
      {"+4s", std::nullopt},
      {"1.5s", std::nullopt},
      {"4S", std::nullopt},
      {"4d", std::nullopt},
      {"4sec", std::nullopt},
      {"99999999999999999999s", std::nullopt},
      {"18446744073709551615h", std::nullopt},
      {"9007199254740993ms", std::nullopt},
  };
  for (const auto& row : kRows) EXPECT_EQ(ParseDuration(row.text), row.expected) << row.text;
  EXPECT_EQ(ParseDuration(std::string_view("4\0s", 3)), std::nullopt);
}

TEST(ParseSize, TakesNumbersWithOrWithoutAUnit) {
  const struct {
    std::string_view text;
    std::optional<std::size_t> expected;
  } kRows[] = {
      {"64MiB", 64U << 20U},
      {"512KiB", 512U << 10U},
      {"2GiB", 2UL << 30U},
      {"4096", 4096},
      {"0", 0},
      {"", std::nullopt},
      {"MiB", std::nullopt},
      {"64MB", std::nullopt},
      {"64 MiB", std::nullopt},
      {"64mib", std::nullopt},
      {"-1", std::nullopt},
      {"99999999999GiB", std::nullopt},
  };
  for (const auto& row : kRows) EXPECT_EQ(ParseSize(row.text), row.expected) << row.text;
}

TEST(DurationText, IsTakenBackAndShort) {
  const std::pair<int, std::string_view> rows[] = {{0, "0s"},         {1, "1ms"},        {1'000, "1s"},
                                                   {1'500, "1500ms"}, {60'000, "1m"},    {90'000, "90s"},
                                                   {3'600'000, "1h"}, {5'400'000, "90m"}};
  for (const auto& [count, text] : rows) {
    EXPECT_EQ(DurationText(milliseconds(count)), text);
    EXPECT_EQ(ParseDuration(text), milliseconds(count)) << text;
  }
}

TEST(SizeText, IsTakenBackAndShort) {
  const std::pair<std::size_t, std::string_view> rows[] = {{0, "0"},
                                                           {1, "1"},
                                                           {1'000, "1000"},
                                                           {1'024, "1KiB"},
                                                           {1'536, "1536"},
                                                           {64U << 20U, "64MiB"},
                                                           {2UL << 30U, "2GiB"}};
  for (const auto& [size, text] : rows) {
    EXPECT_EQ(SizeText(size), text);
    EXPECT_EQ(ParseSize(text), size) << text;
  }
}

TEST(ScoreText, HasSixDigitsAtMost) {
  const std::pair<double, std::string_view> rows[] = {{0, "0"},           {-0.0, "0"},        {5, "5"},
                                                      {-1.5, "-1.5"},     {0.1 + 0.2, "0.3"}, {100, "100"},
                                                      {12.345, "12.345"}, {1e6, "1e+06"}};
  for (const auto& [score, text] : rows) EXPECT_EQ(ScoreText(score), text);
}

}  // namespace
}  // namespace heloguard
