// A log file that is opened anew by itself when somebody moved or deleted it.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <memory>
#include <mutex>
#include <string>

#include "adapters/log/line_writer.h"
#include "heloguard/base/result.h"
#include "os/descriptor.h"

namespace heloguard {

// A sink for spdlog, whose own files keep writing to where the name once was. Every line is one append; before each the
// name is compared with the open file. Where the name cannot be opened anew, lines go on into the old file.
// Thread rule: as every sink with a mutex, any thread.
class ReopeningFile final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // Errors: kUnavailable, for what is no regular file too.
  [[nodiscard]] static Result<std::shared_ptr<ReopeningFile>> Open(const std::string& path);

  ReopeningFile(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}  // nothing is kept back
  [[nodiscard]] bool NameIsOurs() const;

  std::string path_;
  Descriptor file_;
  LineWriter writer_;
};

}  // namespace heloguard
