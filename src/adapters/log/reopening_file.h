// A log file that is opened anew by itself when somebody moved or deleted it.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <memory>
#include <mutex>
#include <string>

#include "heloguard/base/result.h"

namespace heloguard {

// An open file descriptor, closed at the end.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool ok() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// A sink for spdlog, whose own files keep writing to where the name once was. Every line is one append; before each the
// name is compared with the open file. Where the name cannot be opened anew, lines go on into the old file.
// Thread rule: as every sink with a mutex, any thread.
class ReopeningFile final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // Errors: kUnavailable.
  [[nodiscard]] static Result<std::shared_ptr<ReopeningFile>> Open(const std::string& path);

  ReopeningFile(std::string path, FileDescriptor file) : path_(std::move(path)), file_(std::move(file)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}  // nothing is kept back
  [[nodiscard]] bool NameIsOurs() const;

  std::string path_;
  FileDescriptor file_;
};

}  // namespace heloguard
