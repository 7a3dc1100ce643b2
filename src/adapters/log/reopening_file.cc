// The file behind the name, checked before every line: logrotate needs no signal.
// Tests: tests/unit/adapters/log/log_sink_test.cc.
#include "adapters/log/reopening_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

FileDescriptor OpenForAppend(const std::string& path) {
  // The mode is for a new file: other users of the machine have no business in addresses of mail.
  return FileDescriptor(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640));
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Result<std::shared_ptr<ReopeningFile>> ReopeningFile::Open(const std::string& path) {
  FileDescriptor file = OpenForAppend(path);
  if (!file.ok()) {
    const std::string reason = std::generic_category().message(errno);
    return Error{ErrorKind::kUnavailable, "log.file: cannot open " + EscapeBytes(path) + ": " + reason, {}};
  }
  return std::make_shared<ReopeningFile>(path, std::move(file));
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
    FileDescriptor renewed = OpenForAppend(path_);
    if (renewed.ok()) file_ = std::move(renewed);
  }
  const char* rest = line.data();
  std::size_t left = line.size();
  while (left > 0) {
    const ssize_t written = ::write(file_.get(), rest, left);
    if (written < 0 && errno == EINTR) continue;
    // spdlog catches this in the logger and says so on stderr, once a second at most.
    if (written < 0) spdlog::throw_spdlog_ex("cannot write to " + path_, errno);
    rest += written;
    left -= static_cast<std::size_t>(written);
  }
}

}  // namespace heloguard
