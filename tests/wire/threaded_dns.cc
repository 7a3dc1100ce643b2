// One thread, one queue ordered by time.
#include "threaded_dns.h"

#include <utility>

namespace heloguard::testing {
namespace {

constexpr auto kNever = std::chrono::steady_clock::time_point::max();

}  // namespace

ThreadedDns::ThreadedDns() : thread_([this] { Run(); }) {}

ThreadedDns::~ThreadedDns() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  for (auto due = due_.begin(); due != due_.end(); due = due_.begin()) {
    auto node = due_.extract(due);
    DnsAnswer answer;
    answer.status = DnsStatus::kTimeout;
    node.mapped().done(std::move(answer));  // may ask on: that is answered here as well
  }
}

void ThreadedDns::Script(const DnsQuestion& question, DnsAnswer answer, std::chrono::milliseconds after) {
  script_[question] = {std::move(answer), after};
}

void ThreadedDns::Ask(const DnsQuestion& question, Callback done) {
  const auto line = script_.find(question);
  Instant when = silent_ ? kNever : std::chrono::steady_clock::now();
  DnsAnswer answer;
  answer.status = DnsStatus::kNxDomain;
  answer.dnssec = Dnssec::kInsecure;
  if (line != script_.end()) {
    when = std::chrono::steady_clock::now() + line->second.after;
    answer = line->second.answer;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    due_.emplace(when, Due{std::move(answer), std::move(done)});
  }
  changed_.notify_all();
}

void ThreadedDns::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    const auto first = due_.begin();
    if (first == due_.end() || first->first == kNever) {
      changed_.wait(lock);
    } else if (first->first > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, first->first);
    } else {
      auto node = due_.extract(first);
      lock.unlock();
      node.mapped().done(std::move(node.mapped().answer));
      lock.lock();
    }
  }
}

}  // namespace heloguard::testing
