// Lines written to a file descriptor whole or not at all, as far as it lets us.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <mutex>
#include <string>
#include <string_view>

namespace heloguard {

// Thread rule: one at a time.
class LineWriter {
 public:
  // Writes `line`, its end included. What an earlier error cut short (a full disk) is ended first. Throws
  // spdlog::spdlog_ex with `name` in its text, which the logger tells on stderr, once a second at most.
  void Write(int fd, std::string_view line, const std::string& name);

 private:
  bool torn_ = false;
};

// Thread rule: as every sink with a mutex, any thread.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}  // nothing is kept back

  LineWriter writer_;
};

}  // namespace heloguard
