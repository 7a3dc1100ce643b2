// The pump: one thread with a libevent loop, the context that answers, and looks at the resolver's health.
//
// Thread rule: Start once, before anything else; Ask and Look from any thread; callbacks run on the pump. Destruction,
// on any other thread, stops the pump; callbacks not yet called are then called with kNotAsked and kNoAnswer.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "adapters/unbound/canary_look.h"
#include "adapters/unbound/unbound_context.h"
#include "adapters/unbound/unbound_options.h"
#include "heloguard/base/result.h"
#include "heloguard/ports.h"
#include "os/descriptor.h"
#include "os/mutex.h"

struct event;
struct event_base;

namespace heloguard {

class UnboundPump {
 public:
  UnboundPump(UnboundOptions plan, EventSink* sink);
  ~UnboundPump();
  UnboundPump(const UnboundPump&) = delete;
  UnboundPump& operator=(const UnboundPump&) = delete;

  // Errors: those of UnboundContext::Make, kUnavailable without a loop or a thread.
  [[nodiscard]] Status Start();
  void Ask(const DnsQuestion& question, Resolver::Callback done);
  void Look(Canary::Callback done);
  [[nodiscard]] std::size_t max_in_flight() const { return plan_.max_in_flight; }
  [[nodiscard]] const std::string& description() const { return plan_.description; }

 private:
  using SteadyClock = std::chrono::steady_clock;
  struct Question {
    DnsQuestion question;
    Resolver::Callback done;
    SteadyClock::time_point asked;
  };
  struct LoopDeleter {
    void operator()(event_base* loop) const;
  };
  struct EventDeleter {
    void operator()(event* e) const;
  };
  // Whether the way to the servers passes DNSSEC records.
  enum class Path : std::uint8_t {
    kUntold,   // no look has told yet
    kBare,     // it did not at the first look that told: the context in use does not validate
    kSettled,  // it did once: answers are validated from then on, whatever comes
  };

  Status OpenLoop();
  Status StartThread();
  void Run();
  void TakeQueues();
  void Submit(std::uint64_t id);
  void Complete(std::uint64_t id, const RawAnswer& raw);
  void Deliver(const Question& question, DnsAnswer answer);
  void AlarmOfCrowd(SteadyClock::time_point now);
  void AbandonAll();
  [[nodiscard]] DnsAnswer Judge(const DnsQuestion& question, const RawAnswer& raw) const;
  [[nodiscard]] Dnssec StateOf(const DnsQuestion& question, int security) const;

  void StartLook();
  void EndLook(CanaryReport report);
  void Learn(ResolverState state);
  [[nodiscard]] bool Replace(bool validate);

  template <class Function>
  void Guarded(Function work) noexcept;
  static void OnWake(int fd, short what, void* self) noexcept;

  const UnboundOptions plan_;
  EventSink* const sink_;

  // Of the pump, once it runs. Contexts and events use the loop, so they are declared behind it and go first.
  std::unique_ptr<event_base, LoopDeleter> loop_;
  Descriptor wake_;
  std::unique_ptr<event, EventDeleter> wake_event_;
  std::unordered_map<std::uint64_t, Question> pending_;  // what the context is asked
  std::uint64_t next_id_ = 0;
  Path path_ = Path::kUntold;
  std::unique_ptr<UnboundContext> context_;
  std::vector<Canary::Callback> watchers_;  // of the look under way
  std::unique_ptr<CanaryLook> look_;

  // Shared.
  std::atomic<std::size_t> in_flight_{0};
  std::atomic<std::int64_t> crowd_alarm_{0};  // when it was told last that there are too many, in seconds
  Mutex mutex_;
  std::deque<Question> queue_ GUARDED_BY(mutex_);
  std::vector<Canary::Callback> look_queue_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace heloguard
