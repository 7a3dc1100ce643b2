// One thread waits until another rings, or a deadline: how a thread drives a session that announces itself.
//
// Thread rule: Ring from any thread, WaitUntil from one at a time.
#pragma once

#include <condition_variable>
#include <mutex>

#include "heloguard/ports.h"

namespace heloguard {

class Doorbell {
 public:
  void Ring() {
    const std::lock_guard lock(mutex_);
    rung_ = true;
    changed_.notify_one();
  }
  // Waits on `clock` until somebody rings or `deadline`. Returns whether it rang, since the last wait; a ring is taken
  // down by the wait that sees it.
  bool WaitUntil(WaitableClock* clock, Clock::TimePoint deadline) {
    std::unique_lock lock(mutex_);
    const bool rang = clock->WaitUntil(lock, changed_, deadline, [this] { return rung_; });
    rung_ = false;
    return rang;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};

}  // namespace heloguard
