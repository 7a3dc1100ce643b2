// Names for sessions, as they stand in replies and log lines.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace heloguard {

// Hands out ids of 16 characters [0-9a-z]: seven for the second, four for the process, five that count. Ids sort by
// time, and two are equal only if one process hands out more than 60 million in one second, or if two processes of one
// second drew the same of 1.6 million salts. They are unique, not secret. Thread rule: any thread.
class SessionIds {
 public:
  // `salt`: any number that differs from process to process.
  explicit SessionIds(std::uint32_t salt) : salt_(salt) {}

  [[nodiscard]] std::string Next(std::chrono::system_clock::time_point now);

 private:
  std::uint32_t salt_;
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace heloguard
