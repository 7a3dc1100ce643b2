// The time stamps of log lines.
//
// Traditional ones ("Nov 22 11:00:00") name neither year nor zone: the zone is taken to be this host's, the year is
// found from the day the file was last changed, and rolls over where December becomes January. ISO 8601 and RFC 3339
// ones ("2026-11-22T11:00:00.123+01:00") are complete; without a zone they are taken as this host's time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace heloguard {

// One file's time stamps, in the order of its lines. Thread rule: one thread.
class LogClock {
 public:
  // No line is younger than `changed`, give or take a day.
  explicit LogClock(std::chrono::sys_seconds changed) : changed_(changed) {}

  // Reads the time stamp at the front of `line` and takes it off, with the blank behind it. nullopt, and `line` as it
  // was, if there is none.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> Read(std::string_view* line);

 private:
  struct Civil {
    unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  };
  std::optional<std::chrono::sys_seconds> ReadTraditional(std::string_view* line);
  std::optional<std::chrono::sys_seconds> ReadIso(std::string_view* line);
  [[nodiscard]] int LastYear() const;  // in which the file was changed
  [[nodiscard]] int YearOf(const Civil& at);
  // Of this host's zone; remembered for the hour, since asking is slow.
  [[nodiscard]] std::chrono::sys_seconds FromLocal(int year, const Civil& at);

  std::chrono::sys_seconds changed_;
  int year_ = 0;  // of the line before; 0: none yet
  unsigned last_month_ = 0;
  std::int64_t hour_key_ = -1;
  std::chrono::sys_seconds hour_start_{};
};

}  // namespace heloguard
