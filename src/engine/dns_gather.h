// The lookups of one client or of one HELO name: asks what the planner wants, round after round, as answers come in.
//
// A gather outlives its session if answers are still out: nothing is cancelled. Once abandoned it plans no more rounds.
// Thread rule: any thread; answers arrive on the resolver's.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "heloguard/lookup.h"
#include "heloguard/ports.h"

namespace heloguard {

class DnsGather : public std::enable_shared_from_this<DnsGather> {
 public:
  struct Plan {
    LookupSet wanted;
    LookupInputs inputs;
    LookupLimits limits;
    std::chrono::milliseconds deadline{0};  // from the first question
  };

  // Asks the first round. `resolver` null: every question counts as not asked. The resolver and the clock outlive it.
  static std::shared_ptr<DnsGather> Start(Plan plan, Resolver* resolver, const Clock& clock);

  // Waits until all is answered or the deadline has passed, on `clock` (the one it was started with).
  void Wait(Clock& clock);
  // What is known. A question still out is missing before the deadline and kTimeout after it.
  [[nodiscard]] DnsAnswers Answers() const;
  // How many questions were asked so far.
  [[nodiscard]] std::size_t Asked() const;
  // From the first question to the last answer so far, or to the deadline.
  [[nodiscard]] std::chrono::microseconds Elapsed() const;
  // The session has no use for more rounds.
  void Abandon();

 private:
  DnsGather(Plan plan, Resolver* resolver, const Clock& clock);
  void NextRound();
  void OnAnswer(const DnsQuestion& question, DnsAnswer answer);

  const Plan plan_;
  Resolver* const resolver_;
  const Clock& clock_;
  const Clock::TimePoint started_;
  const Clock::TimePoint deadline_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_. Questions that are out stand in the book as not asked, so that the planner does not repeat them.
  DnsAnswers book_;
  std::vector<DnsQuestion> outstanding_;
  Clock::TimePoint last_answer_;
  bool abandoned_ = false;
};

}  // namespace heloguard
