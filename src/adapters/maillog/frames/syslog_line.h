// The frame of a log line: when, where, which program, and what it says.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "adapters/maillog/frames/log_time.h"

namespace heloguard {

// Views into the line. Hostile bytes.
struct SyslogLine {
  std::chrono::sys_seconds time{};
  std::string_view host;     // "" if the line names none
  std::string_view program;  // "postfix/smtpd", "sm-mta", "heloguard"
  std::uint32_t pid = 0;     // 0 if the line names none
  std::string_view message;
};

// Reads the forms of the traditional syslog and of RFC 5424, both with or without <PRI>, and the lines heloguard writes
// itself to a file or to stderr. "message repeated 3 times: [ text]" is read as the text, once. nullopt for anything
// else.
[[nodiscard]] std::optional<SyslogLine> ParseSyslogLine(std::string_view line, LogClock* clock);

// Takes the text up to the next blank off the front of `rest`, and the blank.
std::string_view TakeWord(std::string_view* rest);

}  // namespace heloguard
