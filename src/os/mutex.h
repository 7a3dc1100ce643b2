// A mutex that clang can follow (thread_annotations.h), its lock, and a condition to wait for under it. For data that a
// thread waits for; other shared data belongs into a LockGuarded.
//
//   Mutex mutex_;
//   ConditionVariable changed_;
//   bool ready_ GUARDED_BY(mutex_) = false;
//
//   MutexLock lock(mutex_);
//   while (!ready_) changed_.Wait(lock);
//
// Thread rule: any thread. At most one lock is held at a time anywhere in the program; nothing is called under it that
// might take another.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "os/thread_annotations.h"

namespace heloguard {

class CAPABILITY("mutex") Mutex {
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds the mutex until destroyed, but for the time between Unlock and Lock.
class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  ~MutexLock() RELEASE() = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void Unlock() RELEASE() { lock_.unlock(); }
  // REQUIRES: Unlock was called.
  void Lock() ACQUIRE() { lock_.lock(); }

 private:
  friend class ConditionVariable;
  std::unique_lock<std::mutex> lock_;
};

// Waits give the mutex back meanwhile and hold it again when they return. They may return without reason: call them in
// a loop that tests what is waited for.
class ConditionVariable {
 public:
  void Wait(MutexLock& lock) { changed_.wait(lock.lock_); }
  // False once the time has come.
  bool WaitUntil(MutexLock& lock, std::chrono::steady_clock::time_point deadline) {
    return changed_.wait_until(lock.lock_, deadline) == std::cv_status::no_timeout;
  }
  void WakeAll() { changed_.notify_all(); }

 private:
  std::condition_variable changed_;
};

}  // namespace heloguard
