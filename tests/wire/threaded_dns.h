// Scripted DNS that answers from a thread of its own after a real time, or never: what a session of the daemon sees of
// a resolver, without one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "heloguard/ports.h"

namespace heloguard::testing {

// Thread rule: Script and Silence before the first Ask; Ask from any thread.
class ThreadedDns final : public Resolver {
 public:
  ThreadedDns();
  // Answers what is still open with kTimeout.
  ~ThreadedDns() override;
  ThreadedDns(const ThreadedDns&) = delete;
  ThreadedDns& operator=(const ThreadedDns&) = delete;

  void Script(const DnsQuestion& question, DnsAnswer answer, std::chrono::milliseconds after);
  // From now on questions without a script are never answered; before, they are NXDOMAIN at once.
  void Silence() { silent_ = true; }

  void Ask(const DnsQuestion& question, Callback done) override;

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Line {
    DnsAnswer answer;
    std::chrono::milliseconds after{0};
  };
  struct Due {
    DnsAnswer answer;
    Callback done;
  };
  void Run();

  std::map<DnsQuestion, Line> script_;
  bool silent_ = false;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::multimap<Instant, Due> due_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace heloguard::testing
