// Joins the lines of mail logs to sessions.
//
// Postfix's and Sendmail's belong together by process, for the most part (postfix_sessions.h, sendmail_sessions.h);
// heloguard's own by session. Each HELO name a client says in one connection, as far as the log shows it, is a session
// of its own here, since each is judged anew.
//
// Where heloguard's own lines are near, the mail server's sessions of the same host are left out: its own tell of the
// same sessions, and more (own_sessions.h). So lines are best given in the order of time, whichever file they are from.
// Open sessions are capped in number, size and age (open_sessions.h).
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "adapters/maillog/frames/syslog_line.h"
#include "heloguard/logged_session.h"

namespace heloguard {

// Whose lines to read.
enum class LogChoice : std::uint8_t { kAuto, kMta, kHeloguard };
template <>
inline constexpr std::array<std::string_view, 3> EnumNames<LogChoice>{"auto", "mta", "heloguard"};

// Thread rule: one thread.
class SessionJoiner {
 public:
  using Sink = std::function<void(const LoggedSession&)>;
  SessionJoiner(LogChoice choice, Sink sink);
  ~SessionJoiner();
  SessionJoiner(const SessionJoiner&) = delete;
  SessionJoiner& operator=(const SessionJoiner&) = delete;

  void Take(const SyslogLine& line);
  // What is still open ends here.
  void Finish();

  struct Counts {
    std::uint64_t left_out = 0;         // of the mail server's: heloguard's own lines tell of them
    std::uint64_t forwarded = 0;        // of the mail server's: from a content filter, not from a client
    std::uint64_t without_address = 0;  // of the mail server's: with a client that has none
    std::uint64_t only_counted = 0;     // refusals heloguard's own lines only count, since they were many of one client
    std::uint64_t crowded_out = 0;      // ended early for want of room
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace heloguard
