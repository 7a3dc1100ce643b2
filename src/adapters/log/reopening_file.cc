// The file behind the name, checked before every line: logrotate needs no signal.
// Tests: tests/unit/adapters/log/log_sink_test.cc.
#include "adapters/log/reopening_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "heloguard/base/escape.h"
#include "os/regular_file.h"

namespace heloguard {
namespace {

// The mode is for a new file: other users of the machine have no business in addresses of mail.
Result<Descriptor> OpenForAppend(const std::string& path) {
  return OpenRegularFile(path, O_WRONLY | O_APPEND | O_CREAT, 0640);
}

}  // namespace

Result<std::shared_ptr<ReopeningFile>> ReopeningFile::Open(const std::string& path) {
  Result<Descriptor> file = OpenForAppend(path);
  if (file.ok()) return std::make_shared<ReopeningFile>(path, std::move(file).value());
  const std::string what = "log.file: cannot open " + EscapeBytes(path) + ": " + file.error().message;
  return Error{ErrorKind::kUnavailable, what, {}};
}

bool ReopeningFile::NameIsOurs() const {
  struct stat named {};
  struct stat open {};
  return ::stat(path_.c_str(), &named) == 0 && ::fstat(file_.get(), &open) == 0 && named.st_ino == open.st_ino &&
         named.st_dev == open.st_dev;
}

void ReopeningFile::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  if (!NameIsOurs()) {
    Result<Descriptor> renewed = OpenForAppend(path_);
    if (renewed.ok()) {
      file_ = std::move(renewed).value();
      writer_ = {};
    }
  }
  writer_.Write(file_.get(), {line.data(), line.size()}, path_);
}

}  // namespace heloguard
