// Session ids: their form, order and uniqueness.
#include "engine/session_id.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "os/lock_guarded.h"

namespace heloguard {
namespace {

using std::chrono::seconds;
using Time = std::chrono::system_clock::time_point;

TEST(SessionIds, AreSixteenLowerCaseLettersAndDigits) {
  SessionIds ids(0xffffffffU);
  for (const Time time : {Time{}, Time{seconds(-5)}, Time{seconds(1'700'000'000)}, Time{seconds(9'000'000'000)}}) {
    const std::string id = ids.Next(time);
    EXPECT_EQ(id.size(), 16U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz"), std::string::npos) << id;
  }
}

TEST(SessionIds, HaveTimeProcessAndCount) {
  SessionIds ids(36);
  EXPECT_EQ(ids.Next(Time{seconds(35)}), "000000z001000000");
  EXPECT_EQ(ids.Next(Time{seconds(36)}), "0000010001000001");
}

TEST(SessionIds, SortByTimeAndDifferFromAnotherProcess) {
  SessionIds ids(1);
  SessionIds others(2);
  const std::string early = ids.Next(Time{seconds(1'000)});
  EXPECT_LT(early, ids.Next(Time{seconds(1'001)}));
  EXPECT_NE(early, others.Next(Time{seconds(1'000)}));
}

TEST(SessionIds, AreUniqueAcrossThreads) {
  SessionIds ids(7);
  LockGuarded<std::set<std::string>> all;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) {
        const std::string id = ids.Next(Time{seconds(1'000)});
        all.With([&](std::set<std::string>& known) { known.insert(id); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(all.With([](const std::set<std::string>& known) { return known.size(); }), 2'000U);
}

}  // namespace
}  // namespace heloguard
