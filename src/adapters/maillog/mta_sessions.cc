// Keeps the mail servers' open sessions. Knows no line format. Tests:
// tests/unit/adapters/maillog/session_joiner_test.cc.
#include "adapters/maillog/mta_sessions.h"

#include <utility>

namespace heloguard {

std::uint64_t SessionHash(std::string_view text, std::uint64_t seed) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
  return (std::hash<std::string_view>{}(text) ^ (seed * kGolden)) * kGolden;
}

MtaSessions::MtaSessions(End end)
    : open_([this, end = std::move(end)](MtaSession&& session) {
        DropQueue(&session);
        end(&session);
      }) {}

MtaSession* MtaSessions::Begin(const SessionAt& at) {
  MtaSession& session = open_.Begin(at.key, at.time);
  session.key = at.key;
  session.host = at.host;
  return &session;
}

MtaSession* MtaSessions::WithHelo(const SaidHelo& helo, const SessionAt& at, MtaSession* session) {
  if (session->SetHelo(helo)) return session;
  MtaSession next;
  next.key = at.key;
  next.host = at.host;
  next.begun = session->begun;
  next.forwarded = session->forwarded;
  next.said = session->said;
  next.said.helo_known = HeloKnowledge::kNotLogged;
  next.said.first = next.said.last = at.time;
  next.said.from.clear();
  next.said.to.clear();
  static_cast<void>(next.SetHelo(helo));
  open_.Finish(at.key);
  MtaSession* begun = Begin(at);
  *begun = std::move(next);
  return begun;
}

void MtaSessions::SetQueue(std::string_view id, const SessionAt& at, MtaSession* session) {
  DropQueue(session);
  if (id.empty()) return;
  session->queue = SessionHash(id, at.host);
  senders_[session->queue] = at.key;
}

const std::uint64_t* MtaSessions::Sender(std::string_view id, std::uint64_t host) const {
  const auto found = senders_.find(SessionHash(id, host));
  return found == senders_.end() ? nullptr : &found->second;
}

void MtaSessions::Forget(std::uint64_t key) {
  if (MtaSession* session = open_.Find(key)) DropQueue(session);
  open_.Forget(key);
}

// A queue id that has come back is the session's that had it last.
void MtaSessions::DropQueue(MtaSession* session) {
  if (session->queue == 0) return;
  const auto found = senders_.find(session->queue);
  if (found != senders_.end() && found->second == session->key) senders_.erase(found);
  session->queue = 0;
}

}  // namespace heloguard
