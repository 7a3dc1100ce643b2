// One session's part in the limits (SessionAdmission): entered at connect, left at the end.
// Thread rule: serial calls.
#pragma once

#include <cstddef>
#include <optional>

#include "heloguard/ports.h"

namespace heloguard {

class SessionLoad {
 public:
  // Null: no limits.
  explicit SessionLoad(SessionAdmission* admission) : admission_(admission) {}
  ~SessionLoad() {
    if (entered_) admission_->Leave(client_);
  }
  SessionLoad(const SessionLoad&) = delete;
  SessionLoad& operator=(const SessionLoad&) = delete;

  // The client is there. A second time counts nothing.
  void Enter(const std::optional<IpAddress>& client) {
    if (admission_ == nullptr || entered_) return;
    client_ = client;
    entered_ = true;
    session_over_ = admission_->Enter(client_).has_value();
    message_over_ = session_over_;
  }
  // Whether a HELO that comes now may be looked up and judged by itself.
  [[nodiscard]] bool MayJudgeHelo() { return !session_over_ && !Over(Limit::kHelosPerSession, ++helos_); }
  // A message begins.
  void BeginMessage() { message_over_ = session_over_ || Over(Limit::kMessagesPerSession, ++messages_); }

  // Nothing of this session is looked up or judged.
  [[nodiscard]] bool session_over() const { return session_over_; }
  // Nor of the message under way.
  [[nodiscard]] bool message_over() const { return message_over_; }
  // REQUIRES: something is over a limit.
  [[nodiscard]] Outcome overload() const { return admission_->overload(); }

 private:
  [[nodiscard]] bool Over(Limit limit, std::size_t number) {
    return entered_ && admission_->Count(limit, number, client_).has_value();
  }

  SessionAdmission* const admission_;
  std::optional<IpAddress> client_;
  bool entered_ = false;
  bool session_over_ = false;
  bool message_over_ = false;
  std::size_t helos_ = 0;
  std::size_t messages_ = 0;
};

}  // namespace heloguard
