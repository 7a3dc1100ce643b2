// Counts entries of /proc/self, which a process may read of itself even where it makes no core dumps. 0 where there is
// no /proc. Tests: tests/unit/os/process_use_test.cc.
#include "os/process_use.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/resource.h>

#include <memory>

namespace heloguard {
namespace {

// Beside "." and "..".
std::size_t EntriesOf(const char* folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder), &closedir);
  std::size_t count = 0;
  while (open && readdir(open.get()) != nullptr) ++count;  // NOLINT(concurrency-mt-unsafe): a stream of our own
  return count > 2 ? count - 2 : 0;
}

std::optional<std::size_t> LimitOf(int resource) {
  rlimit limit{};
  if (getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) return std::nullopt;
  return limit.rlim_cur == RLIM_INFINITY ? std::nullopt : std::optional<std::size_t>(limit.rlim_cur);
}

}  // namespace

// Less the one that counting takes.
std::size_t OpenDescriptors() {
  const std::size_t entries = EntriesOf("/proc/self/fd");
  return entries > 0 ? entries - 1 : 0;
}

std::size_t RunningThreads() { return EntriesOf("/proc/self/task"); }
std::optional<std::size_t> DescriptorLimit() { return LimitOf(RLIMIT_NOFILE); }
std::optional<std::size_t> ThreadLimit() { return LimitOf(RLIMIT_NPROC); }

bool CanStartThread() {
  pthread_t thread{};
  if (pthread_create(
          &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr) != 0)
    return false;
  pthread_join(thread, nullptr);
  return true;
}

}  // namespace heloguard
