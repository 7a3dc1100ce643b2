// The real clock.
#pragma once

#include "heloguard/ports.h"

namespace heloguard {

// Thread rule: any thread.
class SystemClock final : public WaitableClock {
 public:
  [[nodiscard]] TimePoint Now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] std::chrono::sys_days Today() const override {
    return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  }
  bool WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable& changed, TimePoint deadline,
                 const std::function<bool()>& ready) override {
    return changed.wait_until(lock, deadline, ready);
  }
};

}  // namespace heloguard
