// When a limit is told of.
#include "app/serve/upkeep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heloguard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(LimitWatch, TellsOnceFromEightyPercentOn) {
  std::size_t used = 79;
  LimitWatch watch({{"descriptors", "LimitNOFILE", [&used] { return used; }, 100}});
  EXPECT_THAT(watch.Look(), IsEmpty());
  used = 80;
  EXPECT_THAT(watch.Look(), ElementsAre("80 of 100 descriptors are in use (LimitNOFILE)"));
  used = 99;
  EXPECT_THAT(watch.Look(), IsEmpty());
  used = 75;
  EXPECT_THAT(watch.Look(), IsEmpty());
  used = 90;
  EXPECT_THAT(watch.Look(), IsEmpty()) << "it was never well below";
  used = 69;
  EXPECT_THAT(watch.Look(), IsEmpty());
  used = 100;
  EXPECT_THAT(watch.Look(), ElementsAre("100 of 100 descriptors are in use (LimitNOFILE)"));
}

TEST(LimitWatch, WhatHasNoLimitIsNotCounted) {
  LimitWatch watch({{"threads", "TasksMax",
                     []() -> std::size_t {
                       ADD_FAILURE();
                       return 0;
                     },
                     std::nullopt},
                    {"sessions", "limits.sessions", [] { return std::size_t{9}; }, 10}});
  EXPECT_THAT(watch.Look(), ElementsAre("9 of 10 sessions are in use (limits.sessions)"));
}

}  // namespace
}  // namespace heloguard
