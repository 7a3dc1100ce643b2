// The mail servers' sessions that are open, and which message of which session a queue id means.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "adapters/maillog/mta_session.h"
#include "adapters/maillog/open_sessions.h"

namespace heloguard {

// Which session of which host a line is about.
struct SessionAt {
  std::uint64_t key = 0, host = 0;
  LogTime time{};
};

// What tells sessions of one host, or of one kind, from those of another.
[[nodiscard]] std::uint64_t SessionHash(std::string_view text, std::uint64_t seed);

// Holds no more queue ids than sessions. Thread rule: one thread.
class MtaSessions {
 public:
  using End = std::function<void(MtaSession*)>;
  explicit MtaSessions(End end);
  ~MtaSessions() = default;
  MtaSessions(const MtaSessions&) = delete;
  MtaSessions& operator=(const MtaSessions&) = delete;

  // nullptr if there is none. What these three return is valid until the session ends.
  [[nodiscard]] MtaSession* Find(std::uint64_t key) { return open_.Find(key); }
  MtaSession* Begin(const SessionAt& at);
  // The session of that HELO: the one at hand, or a new one of the same client.
  MtaSession* WithHelo(const SaidHelo& helo, const SessionAt& at, MtaSession* session);

  // It hears something.
  void Touch(const SessionAt& at) { open_.Touch(at.key, at.time); }
  // From now on the session sends the message of that queue id; "": of one that is not known.
  void SetQueue(std::string_view id, const SessionAt& at, MtaSession* session);
  // Who sends it: the session's key; nullptr if that is not known.
  [[nodiscard]] const std::uint64_t* Sender(std::string_view id, std::uint64_t host) const;

  void Finish(std::uint64_t key) { open_.Finish(key); }
  // Without telling.
  void Forget(std::uint64_t key);
  // Those of which nothing was heard for long.
  void FinishIdle(LogTime now) { open_.FinishIdle(now); }
  void FinishAll() { open_.FinishAll(); }
  // Ended for want of room.
  [[nodiscard]] std::uint64_t crowded_out() const { return open_.crowded_out(); }

 private:
  void DropQueue(MtaSession* session);

  OpenSessions<MtaSession> open_;
  std::unordered_map<std::uint64_t, std::uint64_t> senders_;  // queue ids, with their hosts, to keys
};

}  // namespace heloguard
