// Tests: tests/unit/app/serve/upkeep_test.cc, tests/cli/upkeep_test.py.
#include "app/serve/upkeep.h"

#include <chrono>

namespace heloguard {
namespace {

constexpr std::chrono::seconds kEvery{5};
constexpr std::size_t kHigh = 80;  // percent
constexpr std::size_t kLow = 70;

}  // namespace

std::vector<std::string> LimitWatch::Look() {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    const Limited& watched = watched_[i];
    if (!watched.limit) continue;
    const std::size_t used = watched.used();
    if (used * 100 < *watched.limit * kLow) told_[i] = false;
    if (used * 100 < *watched.limit * kHigh || told_[i]) continue;
    told_[i] = true;
    lines.push_back(std::to_string(used) + " of " + std::to_string(*watched.limit) + " " + std::string(watched.what) +
                    " are in use (" + std::string(watched.setting) + ")");
  }
  return lines;
}

Upkeep::~Upkeep() {
  {
    const MutexLock lock(mutex_);
    ending_ = true;
    changed_.WakeAll();
  }
  thread_.join();
}

void Upkeep::Run() {
  MutexLock lock(mutex_);
  while (!ending_) {
    const auto next = std::chrono::steady_clock::now() + kEvery;
    while (!ending_ && changed_.WaitUntil(lock, next)) {
    }
    if (!ending_) look_();
  }
}

}  // namespace heloguard
