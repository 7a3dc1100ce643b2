// DNS for a replay: many clients at once, at a rate a shared resolver bears.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "engine/dns_gather.h"
#include "heloguard/logged_session.h"

namespace heloguard {

// Thread rule: one thread; answers arrive on the resolver's.
class ReplayDns {
 public:
  struct Limits {
    LookupLimits lookups;
    std::chrono::milliseconds deadline{4'000};  // of each client
    double questions_a_second = 100;
  };
  // Resolver and clock outlive this and every gather.
  ReplayDns(Resolver* resolver, WaitableClock* clock, const Limits& limits);

  // Starts to look up what `wanted` needs. Waits first where the questions asked so far are ahead of the rate; what was
  // not asked in a pause is saved up for a second only.
  [[nodiscard]] std::shared_ptr<DnsGather> Start(const LoggedSession& session, LookupSet wanted);
  // Waits until all is answered, or the deadline; what is missing then is a time-out.
  [[nodiscard]] DnsAnswers Finish(DnsGather* gather) const;

 private:
  class Counted final : public Resolver {
   public:
    explicit Counted(Resolver* resolver) : resolver_(resolver) {}
    void Ask(const DnsQuestion& question, Callback done) override {
      ++asked;
      resolver_->Ask(question, std::move(done));
    }
    std::atomic<std::uint64_t> asked{0};

   private:
    Resolver* resolver_;
  };

  void AwaitTurn();

  Counted counted_;
  WaitableClock* clock_;
  const Limits limits_;
  std::uint64_t charged_ = 0;  // questions that are in due_
  Clock::TimePoint due_;       // when the next client may begin
};

}  // namespace heloguard
