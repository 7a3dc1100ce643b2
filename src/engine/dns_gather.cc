// Runs the planner against a resolver. Decides nothing about facts. No lock is held while the resolver is asked, for it
// may answer inside the call. Tests: tests/scenario/session_test.cc.
#include "dns_gather.h"

#include <algorithm>

namespace heloguard {

DnsGather::DnsGather(Plan plan, Resolver* resolver, const Clock& clock)
    : plan_(std::move(plan)),
      resolver_(resolver),
      clock_(clock),
      started_(clock.Now()),
      deadline_(started_ + plan_.deadline),
      last_answer_(started_) {}

std::shared_ptr<DnsGather> DnsGather::Start(Plan plan, Resolver* resolver, const Clock& clock) {
  std::shared_ptr<DnsGather> gather(new DnsGather(std::move(plan), resolver, clock));
  gather->NextRound();
  return gather;
}

void DnsGather::NextRound() {
  std::vector<DnsQuestion> questions;
  {
    const std::lock_guard lock(mutex_);
    if (abandoned_ || (resolver_ != nullptr && clock_.Now() >= deadline_)) return;
    questions = NextQuestions(plan_.wanted, plan_.inputs, book_, plan_.limits);
    for (const DnsQuestion& question : questions) {
      book_.Set(question, DnsAnswer{});
      if (resolver_ != nullptr) outstanding_.push_back(question);
    }
  }
  if (resolver_ == nullptr) return;
  for (const DnsQuestion& question : questions) {
    resolver_->Ask(question, [self = shared_from_this(), question, asked = clock_.Now()](DnsAnswer answer) {
      answer.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(self->clock_.Now() - asked);
      self->OnAnswer(question, std::move(answer));
    });
  }
}

void DnsGather::OnAnswer(const DnsQuestion& question, DnsAnswer answer) {
  {
    const std::lock_guard lock(mutex_);
    last_answer_ = clock_.Now();
    book_.Set(question, std::move(answer));
  }
  // The next round is out before this question is struck off, so that `done` never shows between two rounds.
  NextRound();
  {
    const std::lock_guard lock(mutex_);
    std::erase(outstanding_, question);
  }
  changed_.notify_all();
}

void DnsGather::Wait(Clock& clock) {
  std::unique_lock lock(mutex_);
  clock.WaitUntil(lock, changed_, deadline_, [this] { return outstanding_.empty(); });
}

DnsAnswers DnsGather::Answers() const {
  const std::lock_guard lock(mutex_);
  const bool late = clock_.Now() >= deadline_;
  DnsAnswers known;
  for (const auto& [question, answer] : book_.entries()) {
    const bool out = std::ranges::find(outstanding_, question) != outstanding_.end();
    if (!out || answer.status != DnsStatus::kNotAsked) {
      known.Set(question, answer);
    } else if (late) {
      DnsAnswer timeout;
      timeout.status = DnsStatus::kTimeout;
      timeout.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(plan_.deadline);
      known.Set(question, std::move(timeout));
    }
  }
  return known;
}

std::chrono::microseconds DnsGather::Elapsed() const {
  const std::lock_guard lock(mutex_);
  const auto end = outstanding_.empty() ? last_answer_ : std::min(clock_.Now(), deadline_);
  return std::chrono::duration_cast<std::chrono::microseconds>(end - started_);
}

std::size_t DnsGather::Asked() const {
  const std::lock_guard lock(mutex_);
  return book_.entries().size();
}

void DnsGather::Abandon() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
}

}  // namespace heloguard
