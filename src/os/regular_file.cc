// Opens with O_NONBLOCK and then looks what it was: looking first would leave time to put something else there.
// Tests: tests/unit/os/regular_file_test.cc.
#include "os/regular_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace heloguard {
namespace {

Error Failed(int error) {
  // Opening a socket, and a FIFO for writing that nobody reads, fails so.
  if (error == ENXIO) return {ErrorKind::kConfig, "it is a socket, FIFO or device, not a regular file", {}};
  const ErrorKind kind = error == ENOENT ? ErrorKind::kNoInput : ErrorKind::kConfig;
  return {kind, std::generic_category().message(error), {}};
}

const char* NameOf(mode_t mode) {
  if (S_ISDIR(mode)) return "directory";
  return S_ISFIFO(mode) ? "FIFO" : "device";
}

std::string SizeText(std::size_t bytes) {
  constexpr std::size_t kMiB = std::size_t{1} << 20U;
  return bytes % kMiB == 0 ? std::to_string(bytes / kMiB) + " MiB" : std::to_string(bytes) + " octets";
}

}  // namespace

Result<Descriptor> OpenRegularFile(const std::string& path, int flags, mode_t mode) {
  Descriptor file(::open(path.c_str(), flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, mode));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return Failed(errno);
  if (!S_ISREG(status.st_mode)) {
    return Error{ErrorKind::kConfig, std::string("it is a ") + NameOf(status.st_mode) + ", not a regular file", {}};
  }
  return file;
}

Result<std::string> ReadRegularFile(const std::string& path, std::size_t max_bytes) {
  const Result<Descriptor> file = OpenRegularFile(path);
  if (!file.ok()) return file.error();
  constexpr std::size_t kBlock = 65'536;
  std::string text;
  while (text.size() <= max_bytes) {
    const std::size_t had = text.size();
    text.resize(had + kBlock);
    const ssize_t got = ::read(file.value().get(), text.data() + had, kBlock);
    const int error = errno;
    text.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return text;
    if (got < 0 && error != EINTR) return Failed(error);
  }
  return Error{ErrorKind::kConfig, "it is larger than " + SizeText(max_bytes), {}};
}

}  // namespace heloguard
