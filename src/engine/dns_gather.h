// The lookups about one client or one HELO name: asks what the planner wants, round after round, as answers come in.
// Sessions that need the same evidence share one (evidence_cache.h); each waits for it as long as its own deadline
// says.
//
// Nothing is cancelled: a gather goes on to its end without any session, so that late answers are there for the next.
// Thread rule: any thread; answers arrive on the resolver's.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "heloguard/dns/lookup.h"
#include "heloguard/ports.h"

namespace heloguard {

class DnsGather : public std::enable_shared_from_this<DnsGather> {
 public:
  struct Plan {
    LookupSet wanted;
    LookupInputs inputs;
    LookupLimits limits;
  };

  // Asks nothing yet. `resolver` null: every question counts as not asked. Resolver and clock outlive the gather.
  static std::shared_ptr<DnsGather> Create(Plan plan, Resolver* resolver, const Clock& clock);
  // Asks the first round. `finished`, if any, is called once, when nothing is left to ask and all is answered: on the
  // resolver's thread, or inside this call. Call once.
  void Begin(std::function<void()> finished);

  // Waits on `clock`, the one it was created with, until all is answered or `deadline`.
  void Wait(Clock& clock, Clock::TimePoint deadline);
  // What is known. A question still out is missing; with `timeout`, it is kTimeout after that long.
  [[nodiscard]] DnsAnswers Answers(std::optional<std::chrono::microseconds> timeout) const;
  // How many questions it has so far.
  [[nodiscard]] std::size_t Asked() const;
  [[nodiscard]] bool Finished() const;
  // The last answer so far, or when it was created.
  [[nodiscard]] Clock::TimePoint LastAnswer() const;
  [[nodiscard]] Clock::TimePoint created() const { return created_; }

 private:
  DnsGather(Plan plan, Resolver* resolver, const Clock& clock);
  // The questions of the next round, which are out from now on. Under mutex_.
  std::vector<DnsQuestion> PlanRound();
  void Ask(const std::vector<DnsQuestion>& questions);
  void OnAnswer(const DnsQuestion& question, DnsAnswer answer);
  void Finish();

  const Plan plan_;
  Resolver* const resolver_;
  const Clock& clock_;
  const Clock::TimePoint created_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_. Questions that are out stand in the book as not asked, so that the planner does not repeat them.
  DnsAnswers book_;
  std::vector<DnsQuestion> outstanding_;
  Clock::TimePoint last_answer_;
  bool finished_ = false;
  std::function<void()> tell_finished_;
};

}  // namespace heloguard
