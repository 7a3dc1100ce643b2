// Lines of a log, fed to a joiner, and the sessions that come out.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/maillog/session_joiner.h"
#include "memory_file.h"

namespace heloguard::testing {

// All lines of host mx and of one second, where nothing else is said.
class Joined {
 public:
  explicit Joined(LogChoice choice = LogChoice::kAuto)
      : joiner_(choice, [this](const LoggedSession& session) { sessions.push_back(session); }),
        clock_(At(2026, 11, 22)) {}

  Joined& Smtpd(const std::string& message, unsigned pid = 1) { return Line("mx postfix/smtpd", pid, message); }
  Joined& Sendmail(const std::string& message, unsigned pid = 1) { return Line("mx sm-mta", pid, message); }
  Joined& Own(const std::string& message) { return Line("mx heloguard", 9, message); }
  Joined& Line(const std::string& program, unsigned pid, const std::string& message) {
    return Raw("Nov 21 11:00:00 " + program + "[" + std::to_string(pid) + "]: " + message);
  }
  Joined& Raw(const std::string& line) {
    const auto parsed = ParseSyslogLine(line, &clock_);
    EXPECT_TRUE(parsed.has_value()) << line;
    joiner_.Take(*parsed);
    return *this;
  }
  Joined& Finish() {
    joiner_.Finish();
    return *this;
  }
  SessionJoiner& joiner() { return joiner_; }

  // REQUIRES: one session.
  const LoggedSession& Only() {
    Finish();
    EXPECT_EQ(sessions.size(), 1U);
    if (sessions.empty()) sessions.emplace_back();
    return sessions.front();
  }
  std::vector<MtaOutcome> Outcomes() {
    Finish();
    std::vector<MtaOutcome> outcomes;
    for (const LoggedSession& session : sessions) outcomes.push_back(session.mta);
    return outcomes;
  }

  std::vector<LoggedSession> sessions;

 private:
  SessionJoiner joiner_;
  LogClock clock_;
};

}  // namespace heloguard::testing
