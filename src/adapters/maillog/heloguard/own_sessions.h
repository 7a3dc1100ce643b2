// heloguard's own lines as sessions, and which sessions of the mail server they tell of.
#pragma once

#include <functional>
#include <map>

#include "adapters/maillog/frames/syslog_line.h"
#include "adapters/maillog/open_sessions.h"
#include "heloguard/logged_session.h"

namespace heloguard {

// Thread rule: one thread.
class OwnSessions {
 public:
  using Sink = std::function<void(const LoggedSession&)>;
  explicit OwnSessions(Sink sink);
  OwnSessions(const OwnSessions&) = delete;
  OwnSessions& operator=(const OwnSessions&) = delete;
  ~OwnSessions() = default;

  // `host` is that of the line: SessionHash(line.host, 0).
  void Take(const SyslogLine& line, std::uint64_t host);
  void FinishAll() { open_.FinishAll(); }

  // Whether a mail server's session of that host that ended then is told of here: own lines of that host, or of a file
  // that names none, were there by then, the last of them no more than kReach before.
  [[nodiscard]] bool Tell(std::uint64_t host, LogTime last) const;
  static constexpr std::chrono::hours kReach{1};

  // Refusals the lines only count, since they were many of one client.
  [[nodiscard]] std::uint64_t only_counted() const { return only_counted_; }
  [[nodiscard]] std::uint64_t crowded_out() const { return open_.crowded_out(); }

 private:
  struct OwnSession {
    LoggedSession said;
  };
  // Lines with gaps no longer than kReach.
  struct Span {
    LogTime first, last;
  };
  void Note(std::uint64_t host, LogTime time);

  OpenSessions<OwnSession> open_;
  std::map<std::uint64_t, Span> spans_;  // by host, the last of each; capped
  std::uint64_t only_counted_ = 0;
};

}  // namespace heloguard
