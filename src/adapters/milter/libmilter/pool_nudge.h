// Keeps libmilter's worker pool serving while callbacks wait inside us. Why and how: pool_nudge.cc.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "heloguard/ports.h"
#include "os/socket_address.h"

namespace heloguard {

// How many connections to make, asked once a period: one, and one more for each wait that began since the last time, as
// long as the credit lasts. The credit is refilled by one a period, so that in the long run there are at most two
// hundred connections a second: a TCP port is not free for a minute after its connection.
class NudgeBudget {
 public:
  // `begun`: how many waits have begun so far, ever.
  [[nodiscard]] int Take(unsigned begun, std::chrono::steady_clock::time_point now);

 private:
  unsigned begun_ = 0;
  int credit_ = 0;
  std::chrono::steady_clock::time_point refilled_{};
};

// Connects to the milter's own socket again and again while anybody waits. Thread rule: Begin, End from any thread;
// Start and Stop by one.
class PoolNudge {
 public:
  // `own`: where the milter is reached from this host.
  explicit PoolNudge(const SocketAddress& own) : own_(own) {}
  ~PoolNudge() { Stop(); }
  PoolNudge(const PoolNudge&) = delete;
  PoolNudge& operator=(const PoolNudge&) = delete;

  void Start();
  // Ends the thread within a few milliseconds. Harmless if it was never started.
  void Stop();

  // No thread could be started lately: nobody should wait, since libmilter answers nobody it has no thread for.
  [[nodiscard]] bool ShortOfThreads() const noexcept;

  // A callback starts and ends to wait.
  void Begin() noexcept;
  void End() noexcept;

 private:
  void Run();
  // One connection, closed at once without a word. libmilter opens a context for it and calls xxfi_close at most.
  void Nudge() const;

  SocketAddress own_;
  std::atomic<int> waiting_{0};
  std::atomic<unsigned> begun_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<std::chrono::steady_clock::time_point> short_until_{};
  std::thread thread_;
};

// A clock that reports waits to the nudge: every wait for a session is made through it. A wait is over at once, as at
// its deadline, while threads are short.
class NudgingClock final : public WaitableClock {
 public:
  NudgingClock(WaitableClock* clock, PoolNudge* nudge) : clock_(clock), nudge_(nudge) {}
  [[nodiscard]] TimePoint Now() const override { return clock_->Now(); }
  [[nodiscard]] std::chrono::sys_days Today() const override { return clock_->Today(); }
  bool WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable& changed, TimePoint deadline,
                 const std::function<bool()>& ready) override;

 private:
  WaitableClock* clock_;
  PoolNudge* nudge_;
};

}  // namespace heloguard
