// Looks every few seconds at what the daemon has and may lose: its limits, and the sockets clients find it by.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "os/mutex.h"

namespace heloguard {

// Something of which there is only so much.
struct Limited {
  std::string_view what;     // "descriptors"
  std::string_view setting;  // where more is to be had
  std::function<std::size_t()> used;
  std::optional<std::size_t> limit;  // nullopt: none
};

// Tells of each from 80 % of its limit on: once, and again after it was below 70 %. Thread rule: one thread.
class LimitWatch {
 public:
  explicit LimitWatch(std::vector<Limited> watched) : watched_(std::move(watched)), told_(watched_.size()) {}
  // What there is to tell now, a line each.
  [[nodiscard]] std::vector<std::string> Look();

 private:
  const std::vector<Limited> watched_;
  std::vector<bool> told_;
};

// Thread rule: made and destroyed on one thread; `look` is called on a thread of its own.
class Upkeep {
 public:
  explicit Upkeep(std::function<void()> look) : look_(std::move(look)), thread_([this] { Run(); }) {}
  ~Upkeep();
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

 private:
  void Run();

  const std::function<void()> look_;
  Mutex mutex_;
  ConditionVariable changed_;
  bool ending_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace heloguard
