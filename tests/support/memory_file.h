// Log files out of memory, and what the logs of these tests need.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/maillog/frames/log_file.h"
#include "heloguard/logged_session.h"

namespace heloguard::testing {

// Gives out at most `step` bytes at a time, so that every border falls somewhere else.
class Memory final : public ByteSource {
 public:
  explicit Memory(std::string bytes, std::size_t step = 1U << 20U) : bytes_(std::move(bytes)), step_(step) {}
  std::size_t Read(std::span<char> into) override {
    const std::size_t size = std::min({into.size(), bytes_.size() - at_, step_});
    std::copy_n(bytes_.data() + at_, size, into.data());
    at_ += size;
    return size;
  }

 private:
  const std::string bytes_;
  const std::size_t step_;
  std::size_t at_ = 0;
};

inline LogTime At(int year, unsigned month, unsigned day, int seconds = 0) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day)) +
         std::chrono::seconds(seconds);
}

inline LogFile FileOf(std::string bytes, std::size_t step = 1U << 20U) {
  return LogFile("test.log", std::make_unique<Memory>(std::move(bytes), step), At(2026, 11, 22));
}

}  // namespace heloguard::testing
