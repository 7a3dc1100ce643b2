// Runs the planner against the sources. Decides nothing about facts. No lock is held while a source is asked, for it
// may answer inside the call. Tests: tests/unit/engine/dns_gather_test.cc, tests/scenario/session_test.cc,
// tests/scenario/evidence_cache_test.cc.
#include "engine/dns_gather.h"

#include <algorithm>
#include <utility>

namespace heloguard {

DnsGather::DnsGather(Plan plan, const AnswerSources& sources, const Clock& clock)
    : plan_(std::move(plan)), sources_(sources), clock_(clock), created_(clock.Now()), last_answer_(created_) {}

std::shared_ptr<DnsGather> DnsGather::Create(Plan plan, const AnswerSources& sources, const Clock& clock) {
  return std::shared_ptr<DnsGather>(new DnsGather(std::move(plan), sources, clock));
}

void DnsGather::Begin(std::function<void()> finished) {
  std::vector<DnsQuestion> questions;
  {
    const MutexLock lock(mutex_);
    settle_ = std::move(finished);
    questions = PlanRound();
  }
  if (questions.empty()) return Finish();
  Ask(questions);
}

std::vector<DnsQuestion> DnsGather::PlanRound() {
  const LookupContext context{plan_.inputs, book_, plan_.limits};
  std::vector<DnsQuestion> questions = NextQuestionsOf(plan_.table, WithPrerequisites(plan_.wanted), context);
  for (const DnsQuestion& question : questions) book_.Set(question, DnsAnswer{});
  std::erase_if(questions, [this](const DnsQuestion& question) { return SourceOf(question) == nullptr; });
  outstanding_.insert(outstanding_.end(), questions.begin(), questions.end());
  return questions;
}

void DnsGather::Ask(const std::vector<DnsQuestion>& questions) {
  for (const DnsQuestion& question : questions) AskOne(question);
}

void DnsGather::AskOne(const DnsQuestion& question) {
  LookupAdmission* const admission = question.source == Source::kDns ? sources_.admission : nullptr;
  if (const auto why = admission == nullptr ? std::nullopt : admission->Admit(question, plan_.asker)) {
    DnsAnswer none;
    if (*why == HeldBack::kZone) none.status = DnsStatus::kServFail;
    held_back_ = held_back_ || *why != HeldBack::kZone;
    return OnAnswer(question, std::move(none));
  }
  SourceOf(question)->Ask(
      question, [self = shared_from_this(), question, admission, asked = clock_.Now()](DnsAnswer answer) {
        answer.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(self->clock_.Now() - asked);
        if (admission != nullptr) admission->Ended(question, self->plan_.asker, answer);
        self->OnAnswer(question, std::move(answer));
      });
}

// Of many questions of one type, as for the addresses of many names, the last answer alone leads on: to plan anew after
// each would cost the square of their number. Planning goes under one lock with striking off the answer, so that "all
// answered" never shows between two rounds.
void DnsGather::OnAnswer(const DnsQuestion& question, DnsAnswer answer) {
  std::vector<DnsQuestion> questions;
  {
    const MutexLock lock(mutex_);
    last_answer_ = clock_.Now();
    book_.Set(question, std::move(answer));
    changes_.fetch_add(1, std::memory_order_release);
    std::erase(outstanding_, question);
    const auto alike = [&](const DnsQuestion& other) {
      return other.type == question.type && other.source == question.source;
    };
    if (std::ranges::any_of(outstanding_, alike)) return;
    questions = PlanRound();
    if (questions.empty() && !outstanding_.empty()) return;
  }
  if (questions.empty()) return Finish();
  Ask(questions);
}

void DnsGather::Finish() {
  std::function<void()> settle;
  std::vector<std::function<void()>> waiting;
  {
    const MutexLock lock(mutex_);
    finished_ = true;
    changes_.fetch_add(1, std::memory_order_release);
    settle = std::exchange(settle_, nullptr);
    waiting.swap(waiting_);
  }
  if (settle) settle();
  for (const auto& tell : waiting) tell();
}

void DnsGather::WhenFinished(std::function<void()> finished) {
  {
    const MutexLock lock(mutex_);
    if (!finished_) {
      waiting_.push_back(std::move(finished));
      return;
    }
  }
  finished();
}

DnsAnswers DnsGather::Answers(std::optional<std::chrono::microseconds> timeout) const {
  const MutexLock lock(mutex_);
  if (outstanding_.empty()) return book_;
  DnsAnswers known;
  for (const auto& [question, answer] : book_.entries()) {
    if (std::ranges::find(outstanding_, question) == outstanding_.end() || answer.status != DnsStatus::kNotAsked) {
      known.Set(question, answer);
    } else if (timeout) {
      DnsAnswer none;
      none.status = DnsStatus::kTimeout;
      none.elapsed = *timeout;
      known.Set(question, std::move(none));
    }
  }
  return known;
}

std::size_t DnsGather::Asked() const {
  const MutexLock lock(mutex_);
  return book_.entries().size();
}

bool DnsGather::Finished() const {
  const MutexLock lock(mutex_);
  return finished_;
}

Clock::TimePoint DnsGather::LastAnswer() const {
  const MutexLock lock(mutex_);
  return last_answer_;
}

}  // namespace heloguard
