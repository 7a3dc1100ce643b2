// Sessions that have begun in a log and not ended: found by key, given up by age and for want of room. Both kinds there
// are, the mail servers' and heloguard's, take less than four KB each, whatever clients say: with hostile ones alone
// 400 MB at the very most.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <unordered_map>
#include <utility>

#include "heloguard/logged_session.h"

namespace heloguard {

inline constexpr std::size_t kMaxOpenSessions = 50'000;  // of each kind
// Longer than any SMTP time limit (RFC 5321 section 4.5.3.2).
inline constexpr std::chrono::minutes kSessionIdle{30};

// `S` has a member `said` of type LoggedSession. Thread rule: one thread.
template <class S>
class OpenSessions {
 public:
  using End = std::function<void(S&&)>;
  // Sessions that hear nothing for kSessionIdle, and the oldest above kMaxOpenSessions, are ended: `end` gets each.
  explicit OpenSessions(End end) : end_(std::move(end)) {}

  // nullptr if there is none.
  [[nodiscard]] S* Find(std::uint64_t key) {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &found->second->second;
  }
  // A new session under `key`; one that was there is ended. Valid until the next call of any but Find.
  S& Begin(std::uint64_t key, LogTime now) {
    Finish(key);
    FinishIdle(now);
    if (order_.size() >= kMaxOpenSessions) {
      ++crowded_out_;
      Finish(order_.front().first);
    }
    order_.emplace_back(key, S{});
    index_[key] = std::prev(order_.end());
    S& session = order_.back().second;
    session.said.first = session.said.last = now;
    return session;
  }
  // The session under `key` hears something.
  void Touch(std::uint64_t key, LogTime now) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    order_.splice(order_.end(), order_, found->second);
    LoggedSession& said = found->second->second.said;
    said.last = std::max(said.last, now);
  }
  void Finish(std::uint64_t key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    S session = std::move(found->second->second);
    Forget(key);
    end_(std::move(session));
  }
  // Without telling.
  void Forget(std::uint64_t key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    order_.erase(found->second);
    index_.erase(found);
  }
  void FinishIdle(LogTime now) {
    while (!order_.empty() && order_.front().second.said.last + kSessionIdle < now) Finish(order_.front().first);
  }
  void FinishAll() {
    while (!order_.empty()) Finish(order_.front().first);
  }
  // Ended for want of room.
  [[nodiscard]] std::uint64_t crowded_out() const { return crowded_out_; }

 private:
  const End end_;
  std::list<std::pair<std::uint64_t, S>> order_;  // the one heard of last stands last
  std::unordered_map<std::uint64_t, typename std::list<std::pair<std::uint64_t, S>>::iterator> index_;
  std::uint64_t crowded_out_ = 0;
};

}  // namespace heloguard
