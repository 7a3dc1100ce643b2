// The time stamps of log lines.
//
// Traditional ones ("Nov 22 11:00:00", with a fraction or without) name neither year nor zone: the zone is taken to be
// this host's, the year to be the latest in which the line is not younger than its file. So a file is taken to hold no
// more than a year, in whatever order. ISO 8601 and RFC 3339 ones ("2026-11-22T11:00:00.123+01:00") are complete;
// without a zone they are taken as this host's time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace heloguard {

// One file's time stamps. Thread rule: one thread.
class LogClock {
 public:
  // When the file was last changed. No traditional time stamp is taken to be more than a day later.
  explicit LogClock(std::chrono::sys_seconds changed) : changed_(changed), latest_(changed + std::chrono::days(1)) {}

  // Reads the time stamp at the front of `line` and takes it off, with the blank behind it. nullopt, and `line` as it
  // was, if there is none.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> Read(std::string_view* line);

 private:
  struct Civil {
    unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  };
  std::optional<std::chrono::sys_seconds> ReadTraditional(std::string_view* line);
  std::optional<std::chrono::sys_seconds> ReadIso(std::string_view* line);
  [[nodiscard]] std::chrono::sys_seconds Latest(const Civil& at);
  // Of this host's zone; remembered for the hour, since asking is slow.
  [[nodiscard]] std::chrono::sys_seconds FromLocal(int year, const Civil& at);

  const std::chrono::sys_seconds changed_, latest_;
  // Of the line before.
  int year_ = 0;
  unsigned month_ = 0, day_ = 0;
  std::int64_t hour_key_ = -1;
  std::chrono::sys_seconds hour_start_{};
};

}  // namespace heloguard
