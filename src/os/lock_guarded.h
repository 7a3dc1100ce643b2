// A value that can be reached only while its lock is held.
//
//   LockGuarded<std::vector<int>> numbers;
//   numbers.With([](std::vector<int>& n) { n.push_back(1); });
//
// Thread rule: any thread. At most one lock is held at a time anywhere in the program: `use` takes no other lock and
// calls nothing that might.
#pragma once

#include <type_traits>
#include <utility>

#include "os/mutex.h"

namespace heloguard {

template <class T>
class LockGuarded {
 public:
  LockGuarded() = default;
  explicit LockGuarded(T value) : value_(std::move(value)) {}

  // Calls `use` with the value and returns what it returns, by value: no reference leaves the lock.
  template <class Use>
  auto With(Use&& use) {
    static_assert(!std::is_reference_v<std::invoke_result_t<Use, T&>>, "a reference would outlive the lock");
    const MutexLock lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  template <class Use>
  auto With(Use&& use) const {
    static_assert(!std::is_reference_v<std::invoke_result_t<Use, const T&>>, "a reference would outlive the lock");
    const MutexLock lock(mutex_);
    return std::forward<Use>(use)(value_);
  }

 private:
  mutable Mutex mutex_;
  T value_ GUARDED_BY(mutex_){};
};

}  // namespace heloguard
