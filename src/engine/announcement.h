// Tells whoever drives a session, once, that everything its pending event waits for is there; unless it is withdrawn.
//
//   auto announcement = std::make_shared<Announcement>(ready, 2);
//   ...two gathers call Arrived when they are finished...
//   if (!announcement->Arm()) ...it was all there already: nothing is announced...
//
// Thread rule: Arrived from any thread; Arm and Withdraw by the session's thread, Arm once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

namespace heloguard {

class Announcement {
 public:
  // `ready` may be null. `awaited`: how often Arrived will be called.
  Announcement(std::function<void()> ready, int awaited) : ready_(std::move(ready)), missing_(awaited + 1) {}

  void Arrived() {
    if (missing_.fetch_sub(1) == 1) Announce();
  }
  // From now on the last arrival announces. False if all have arrived: then nothing is announced.
  [[nodiscard]] bool Arm() { return missing_.fetch_sub(1) != 1; }
  // Nothing is announced any more when it returns. An announcement under way is let end, which is short (session.h).
  void Withdraw() {
    State expected = State::kOpen;
    if (state_.compare_exchange_strong(expected, State::kOver)) return;
    state_.wait(State::kAnnouncing);
  }

 private:
  enum class State : std::uint8_t { kOpen, kAnnouncing, kOver };

  void Announce() {
    State expected = State::kOpen;
    if (!state_.compare_exchange_strong(expected, State::kAnnouncing)) return;
    if (ready_) ready_();
    state_ = State::kOver;
    state_.notify_all();
  }

  const std::function<void()> ready_;
  std::atomic<int> missing_;
  std::atomic<State> state_{State::kOpen};
};

}  // namespace heloguard
