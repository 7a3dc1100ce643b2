// Joins the lines of mail logs to sessions.
//
// Postfix: by smtpd's process, from "connect from" to "disconnect from"; postscreen by the client's address and port.
// Sendmail: by process; its sessions have no end in the log and end when nothing more is heard of them. heloguard's own
// lines: by session. Each HELO name a client says in one connection, as far as the log shows it, is a session of its
// own here, since each is judged anew.
//
// From the first of heloguard's own lines on, the mail server's lines of the same host are left out: its own tell of
// the same sessions, and more. Open sessions are capped in number and age.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "logged_session.h"
#include "syslog_line.h"

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

  // heloguard's own lines, of a file that names no host, begin at that time.
  void OwnLinesFrom(LogTime time);
  void Take(const SyslogLine& line);
  // What is still open ends here.
  void Finish();

  // Of the mail server's, left out because heloguard's own lines tell of them.
  [[nodiscard]] std::uint64_t left_out() const;
  // Refusals heloguard's own lines only count, since they were many of one client.
  [[nodiscard]] std::uint64_t only_counted() const;
  // Ended early for want of room.
  [[nodiscard]] std::uint64_t crowded_out() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace heloguard
