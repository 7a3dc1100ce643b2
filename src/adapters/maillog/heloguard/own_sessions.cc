// Adds up heloguard's lines about one session and one HELO. The grammar is in decision_line_reader.cc.
// Tests: tests/unit/adapters/maillog/heloguard/own_sessions_test.cc,
// tests/unit/adapters/maillog/session_joiner_test.cc.
#include "adapters/maillog/heloguard/own_sessions.h"

#include <algorithm>
#include <utility>

#include "adapters/maillog/heloguard/decision_line_reader.h"
#include "adapters/maillog/mta_sessions.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxHosts = 1'000;

// Another message of the session, or another recipient: the most refusing counts.
void Merge(const LoggedSession& more, LoggedSession* said) {
  if (!more.recipient_exempt && (said->recipient_exempt || *more.was > *said->was)) {
    said->from = more.from;
    said->to = more.to;
  }
  said->was = std::max(*said->was, *more.was);
  said->recipient_exempt &= more.recipient_exempt;
  said->reached = std::max(said->reached, more.reached);
  if (more.authenticated) said->authenticated = more.authenticated;
  const bool more_refused = more.mta == MtaOutcome::kRefused || said->mta == MtaOutcome::kNoMail;
  if (more_refused || (more.mta == MtaOutcome::kDeferred && said->mta != MtaOutcome::kRefused)) said->mta = more.mta;
}

}  // namespace

OwnSessions::OwnSessions(Sink sink) : open_([sink = std::move(sink)](OwnSession&& session) { sink(session.said); }) {}

void OwnSessions::Take(const SyslogLine& line, std::uint64_t host) {
  auto parsed = ParseOwnLine(line.message);
  if (!parsed) return;
  only_counted_ += parsed->repeated;
  Note(host, line.time);
  if (parsed->session.empty()) return;
  const std::uint64_t key = SessionHash(parsed->session, host);
  LoggedSession said = std::move(parsed->said);
  OwnSession* session = open_.Find(key);
  const bool same = session != nullptr && session->said.helo_known == said.helo_known &&
                    session->said.helo == said.helo && session->said.client == said.client;
  if (!same) {
    said.first = said.last = line.time;
    open_.Begin(key, line.time).said = std::move(said);
    return;
  }
  open_.Touch(key, line.time);
  Merge(said, &session->said);
}

void OwnSessions::Note(std::uint64_t host, LogTime time) {
  auto found = spans_.find(host);
  if (found == spans_.end()) {
    if (spans_.size() >= kMaxHosts) return;
    found = spans_.emplace(host, Span{time, time}).first;
  }
  Span& span = found->second;
  if (time > span.last + kReach) span = {time, time};
  span.first = std::min(span.first, time);
  span.last = std::max(span.last, time);
}

bool OwnSessions::Tell(std::uint64_t host, LogTime last) const {
  for (const std::uint64_t whose : {host, SessionHash({}, 0)}) {
    const auto found = spans_.find(whose);
    if (found == spans_.end()) continue;
    if (last >= found->second.first && last <= found->second.last + kReach) return true;
  }
  return false;
}

}  // namespace heloguard
