// Tests: tests/unit/adapters/log/log_sink_test.cc.
#include "adapters/log/line_writer.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace heloguard {
namespace {

// How much of `text` was written: less than all of it with errno set. Waits for a descriptor that does not block.
std::size_t WriteAll(int fd, std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {
      pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      break;
    }
  }
  return done;
}

}  // namespace

void LineWriter::Write(int fd, std::string_view line, const std::string& name) {
  if (torn_ && WriteAll(fd, "\n") == 1) torn_ = false;
  const std::size_t written = torn_ ? 0 : WriteAll(fd, line);
  if (written == line.size()) return;
  const int error = errno;
  torn_ = torn_ || written > 0;
  spdlog::throw_spdlog_ex("cannot write to " + name, error);
}

void StderrSink::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  writer_.Write(STDERR_FILENO, {line.data(), line.size()}, "stderr");
}

}  // namespace heloguard
