// Time stamps: their forms, zones, and the year that is not written.
#include "adapters/maillog/frames/log_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "memory_file.h"

namespace heloguard {
namespace {

using testing::At;

class LogClockTest : public ::testing::Test {
 protected:
  LogClockTest() { Zone("UTC"); }
  static void Zone(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }
  // The time, and what is left of the line.
  static std::pair<std::optional<std::chrono::sys_seconds>, std::string> Read(std::string_view line, LogClock* clock) {
    const auto time = clock->Read(&line);
    return {time, std::string(line)};
  }
  std::optional<std::chrono::sys_seconds> ReadNew(std::string_view line) {
    LogClock clock(At(2026, 11, 22));
    return clock.Read(&line);
  }
};

TEST_F(LogClockTest, ReadsBothForms) {
  LogClock clock(At(2026, 11, 22, 50'000));
  const auto noon = At(2026, 11, 22, 12 * 3600);
  EXPECT_EQ(Read("Nov 22 12:00:00 mx a", &clock), std::pair(std::optional(noon), std::string("mx a")));
  EXPECT_EQ(Read("2026-11-22T12:00:00Z mx a", &clock), std::pair(std::optional(noon), std::string("mx a")));
  EXPECT_EQ(Read("2026-11-22T13:00:00.123456+01:00 mx a", &clock), std::pair(std::optional(noon), std::string("mx a")));
  EXPECT_EQ(Read("2026-11-22T07:00:00-0500 mx", &clock), std::pair(std::optional(noon), std::string("mx")));
  EXPECT_EQ(Read("2026-11-22 12:00:00 mx", &clock), std::pair(std::optional(noon), std::string("mx")));
  EXPECT_EQ(Read("Nov 22 12:00:00.123456 mx", &clock), std::pair(std::optional(noon), std::string("mx")));
  EXPECT_EQ(Read("Nov  2 00:00:01 mx", &clock).first, At(2026, 11, 2, 1));
  EXPECT_EQ(Read("Nov 02 00:00:01 mx", &clock).first, At(2026, 11, 2, 1));
}

TEST_F(LogClockTest, TheYearIsThatOfTheFileOrTheOneBefore) {
  EXPECT_EQ(ReadNew("Nov 22 00:00:00 x"), At(2026, 11, 22));
  EXPECT_EQ(ReadNew("Nov 24 00:00:00 x"), At(2025, 11, 24));
  EXPECT_EQ(ReadNew("Jan  1 00:00:00 x"), At(2026, 1, 1));
  EXPECT_EQ(ReadNew("Dec 31 00:00:00 x"), At(2025, 12, 31));
  EXPECT_EQ(ReadNew("Feb 29 00:00:00 x"), At(2024, 2, 29));
}

TEST_F(LogClockTest, TheYearRollsOver) {
  LogClock clock(At(2026, 1, 2));
  EXPECT_EQ(Read("Dec 31 23:59:59 x", &clock).first, At(2025, 12, 31, 86'399));
  EXPECT_EQ(Read("Jan  1 00:00:00 x", &clock).first, At(2026, 1, 1));
  EXPECT_EQ(Read("Dec 31 23:59:58 x", &clock).first, At(2025, 12, 31, 86'398)) << "a line that is late";
  EXPECT_EQ(Read("Jan  1 00:00:01 x", &clock).first, At(2026, 1, 1, 1));
}

// Logs that were put together in the wrong order, say.
TEST_F(LogClockTest, NothingIsYoungerThanItsFile) {
  LogClock clock(At(2026, 11, 22));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Read("Sep 10 00:00:00 x", &clock).first, At(2026, 9, 10));
    EXPECT_EQ(Read("Dec 10 00:00:00 x", &clock).first, At(2025, 12, 10));
    EXPECT_EQ(Read("Mar 10 00:00:00 x", &clock).first, At(2026, 3, 10));
    EXPECT_EQ(Read("Nov 21 00:00:00 x", &clock).first, At(2026, 11, 21));
    EXPECT_EQ(Read("Jan 10 00:00:00 x", &clock).first, At(2026, 1, 10));
  }
  EXPECT_EQ(Read("Nov 23 00:00:00 x", &clock).first, At(2026, 11, 23)) << "give or take a day";
  EXPECT_EQ(Read("Nov 23 00:00:01 x", &clock).first, At(2025, 11, 23, 1));
}

TEST_F(LogClockTest, LocalTimeIsThisHosts) {
  Zone("Europe/Berlin");
  EXPECT_EQ(ReadNew("Nov 22 01:00:00 x"), At(2026, 11, 22));
  EXPECT_EQ(ReadNew("Jul 22 02:00:00 x"), At(2026, 7, 22)) << "summer";
  EXPECT_EQ(ReadNew("2026-07-22T02:00:00 x"), At(2026, 7, 22));
  Zone("UTC");
}

TEST_F(LogClockTest, NothingElseIsATime) {
  for (const char* line : {"",
                           "x",
                           "Nov",
                           "Nov 22",
                           "Nov 22 12:00",
                           "Nov 22 12:00:00",
                           "Nov 22 12:00:00.5",
                           "Nov 22 12:00:00x x",
                           "Nov 31 12:00:00 x",
                           "Nov  0 12:00:00 x",
                           "Nov 22 24:00:00 x",
                           "Nov 22 12:60:00 x",
                           "nov 22 12:00:00 x",
                           "Now 22 12:00:00 x",
                           "2026-11-22",
                           "2026-13-22T12:00:00Z x",
                           "2026-02-30T12:00:00Z x",
                           "2026-11-22T12:00:00Zx",
                           "2026-11-22T12:00:00+25:00 x",
                           "2026-11-22T12:00:00+0 x",
                           "2026/11/22T12:00:00Z x",
                           "20261122T120000Z x"}) {
    LogClock clock(At(2026, 11, 22));
    std::string_view rest = line;
    EXPECT_EQ(clock.Read(&rest), std::nullopt) << line;
    EXPECT_EQ(rest, line);
  }
}

}  // namespace
}  // namespace heloguard
