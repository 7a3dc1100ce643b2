// Looks after our own resolver at regular times, on a thread of its own.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "heloguard/ports.h"

namespace heloguard {

// Runs the canary `interval` after each look has come back, a third of it while the last was bad.
// Thread rule: made and destroyed on one thread; `told` is called on the resolver's.
class HealthWatch {
 public:
  // `canary` outlives the watch; what `told` refers to outlives the canary. What comes after the watch is not told.
  // `well`: how the last look was.
  HealthWatch(std::chrono::milliseconds interval, bool well, Canary* canary,
              std::function<void(const CanaryReport&)> told);
  ~HealthWatch();
  HealthWatch(const HealthWatch&) = delete;
  HealthWatch& operator=(const HealthWatch&) = delete;

  // Looks now rather than when the interval is over, but not within a second of the last look. Any thread.
  void LookAtOnce();

 private:
  struct State;
  void Run();

  const std::chrono::milliseconds interval_;
  Canary* const canary_;
  const std::function<void(const CanaryReport&)> told_;
  const std::shared_ptr<State> state_;  // shared with a look that is still out
  std::thread thread_;
};

}  // namespace heloguard
