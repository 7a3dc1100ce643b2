// The lookups about one client or one HELO name: asks what the planner wants, round after round, as answers come in.
// Each question goes to its source; all of a round are out at the same time, and one book takes the answers.
// Sessions that need the same evidence share one (evidence_cache.h); each gives it as long as its own deadline says.
//
// Nothing is cancelled: a gather goes on to its end without any session, so that late answers are there for the next.
// Thread rule: any thread; answers arrive on the sources'.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "heloguard/dns/lookup.h"
#include "heloguard/ports.h"
#include "os/mutex.h"

namespace heloguard {

// Who answers, by Source. Null: its questions count as not asked.
struct AnswerSources {
  std::array<AnswerSource*, EnumNames<Source>.size()> by_source{};
  LookupAdmission* admission = nullptr;  // null: whatever is to be asked is asked
};

class DnsGather : public std::enable_shared_from_this<DnsGather> {
 public:
  struct Plan {
    LookupSet wanted;
    LookupInputs inputs;
    LookupLimits limits;
    std::span<const LookupSpec> table = LookupTable();
    std::optional<IpAddress> asker = {};  // the client whose session asks first, and whose share this takes
  };

  // Asks nothing yet. Sources and clock outlive the gather.
  static std::shared_ptr<DnsGather> Create(Plan plan, const AnswerSources& sources, const Clock& clock);
  // Asks the first round. `finished`, if any, is called once, when nothing is left to ask and all is answered: on the
  // last source's thread, or inside this call. Call once.
  void Begin(std::function<void()> finished);

  // Calls `finished` once, when nothing is left to ask and all is answered: on a source's thread, or inside this
  // call if it is so already. It must not block.
  void WhenFinished(std::function<void()> finished);
  // What is known. A question still out is missing; with `timeout`, it is kTimeout after that long.
  [[nodiscard]] DnsAnswers Answers(std::optional<std::chrono::microseconds> timeout) const;
  // How many questions it has so far.
  [[nodiscard]] std::size_t Asked() const;
  [[nodiscard]] bool Finished() const;
  // Whether some of it was not asked for whose session it was: then it is no evidence for others.
  [[nodiscard]] bool HeldBack() const { return held_back_.load(std::memory_order_relaxed); }
  // Grows with each answer, and when it is finished: what was read from it at the same count is still true.
  [[nodiscard]] std::uint64_t Changes() const { return changes_.load(std::memory_order_acquire); }
  // The last answer so far, or when it was created.
  [[nodiscard]] Clock::TimePoint LastAnswer() const;
  [[nodiscard]] Clock::TimePoint created() const { return created_; }

 private:
  DnsGather(Plan plan, const AnswerSources& sources, const Clock& clock);
  // The questions of the next round, which are out from now on, less those that nobody answers.
  std::vector<DnsQuestion> PlanRound() REQUIRES_LOCK(mutex_);
  [[nodiscard]] AnswerSource* SourceOf(const DnsQuestion& question) const {
    return sources_.by_source[static_cast<std::size_t>(question.source)];
  }
  void Ask(const std::vector<DnsQuestion>& questions);
  void AskOne(const DnsQuestion& question);
  void OnAnswer(const DnsQuestion& question, DnsAnswer answer);
  void Finish();

  const Plan plan_;
  const AnswerSources sources_;
  const Clock& clock_;
  const Clock::TimePoint created_;

  mutable Mutex mutex_;
  // Questions that are out stand in the book as not asked, so that the planner does not repeat them.
  DnsAnswers book_ GUARDED_BY(mutex_);
  std::vector<DnsQuestion> outstanding_ GUARDED_BY(mutex_);
  Clock::TimePoint last_answer_ GUARDED_BY(mutex_);
  bool finished_ GUARDED_BY(mutex_) = false;
  std::function<void()> settle_ GUARDED_BY(mutex_);                // before all others: they find the evidence kept
  std::vector<std::function<void()>> waiting_ GUARDED_BY(mutex_);  // to be told when it is finished
  std::atomic<std::uint64_t> changes_{0};
  std::atomic<bool> held_back_{false};
};

}  // namespace heloguard
