// What the process has, counted while more is taken and given back.
#include "os/process_use.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <atomic>
#include <thread>
#include <vector>

#include "os/descriptor.h"

namespace heloguard {
namespace {

TEST(ProcessUse, DescriptorsAreCounted) {
  const std::size_t before = OpenDescriptors();
  ASSERT_GE(before, 3U);
  std::vector<Descriptor> more;
  for (unsigned i = 0; i < 10; ++i) more.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(OpenDescriptors(), before + 10);
  more.clear();
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_GT(*DescriptorLimit(), before);
}

TEST(ProcessUse, ThreadsAreCounted) {
  const std::size_t before = RunningThreads();
  ASSERT_GE(before, 1U);
  std::atomic<bool> end{false};
  std::thread more([&end] { end.wait(false); });
  EXPECT_EQ(RunningThreads(), before + 1);
  end = true;
  end.notify_all();
  more.join();
  EXPECT_TRUE(CanStartThread());
}

// As the daemon is.
TEST(ProcessUse, OneThatDumpsNoCoreMayStillCount) {
  ASSERT_EQ(::prctl(PR_SET_DUMPABLE, 0), 0);
  EXPECT_GE(OpenDescriptors(), 3U);
  EXPECT_GE(RunningThreads(), 1U);
  ASSERT_EQ(::prctl(PR_SET_DUMPABLE, 1), 0);
}

}  // namespace
}  // namespace heloguard
