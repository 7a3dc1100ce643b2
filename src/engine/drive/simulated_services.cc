// Scripted DNS on a hand-moved clock. No thread, no network, no waiting. Tests: tests/scenario/session_test.cc.
#include "engine/drive/simulated_services.h"

#include <algorithm>
#include <utility>

namespace heloguard {

// Steady time starts at an arbitrary point; 0 would make "long ago" hard to write.
SimulatedServices::SimulatedServices()
    : now_(std::chrono::hours(1)), today_(std::chrono::year{2026} / std::chrono::January / 1) {}

void SimulatedServices::Script(const DnsQuestion& question, DnsAnswer answer, std::chrono::milliseconds after) {
  script_[question] = {std::move(answer), after};
}

void SimulatedServices::Silence(const DnsQuestion& question) { script_[question] = {DnsAnswer{}, std::nullopt}; }

void SimulatedServices::Advance(std::chrono::milliseconds by) {
  const TimePoint limit = now_ + by;
  while (DeliverNext(limit)) {
  }
  now_ = limit;
}

void SimulatedServices::Ask(const DnsQuestion& question, Callback done) {
  asked_.push_back(question);
  const auto line = script_.find(question);
  if (line == script_.end()) {
    done(Unscripted(question));
  } else if (line->second.after) {
    due_.emplace(now_ + *line->second.after, Due{line->second.answer, std::move(done)});
  }
}

DnsAnswer SimulatedServices::Unscripted(const DnsQuestion& question) const {
  const bool exists = std::ranges::any_of(script_, [&](const auto& line) {
    return line.first.name == question.name && line.second.answer.status == DnsStatus::kAnswer;
  });
  DnsAnswer answer;
  answer.status = exists ? DnsStatus::kNoData : DnsStatus::kNxDomain;
  answer.dnssec = Dnssec::kInsecure;
  answer.ttl = 300;
  return answer;
}

bool SimulatedServices::DeliverNext(TimePoint limit) {
  if (due_.empty() || due_.begin()->first > limit) return false;
  auto node = due_.extract(due_.begin());
  now_ = std::max(now_, node.key());
  node.mapped().done(std::move(node.mapped().answer));
  return true;
}

bool SimulatedServices::WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable& /*changed*/,
                               TimePoint deadline, const std::function<bool()>& ready) {
  while (!ready()) {
    lock.unlock();
    const bool delivered = DeliverNext(deadline);
    lock.lock();
    if (!delivered) {
      now_ = std::max(now_, deadline);
      return ready();
    }
  }
  return true;
}

}  // namespace heloguard
