// Reads and writes the files the [dns] settings name. Knows nothing of what they hold.
// Tests: tests/unit/adapters/unbound/unbound_options_test.cc, tests/unit/adapters/unbound/trust_anchor_test.cc.
#include "adapters/unbound/setting_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "heloguard/base/escape.h"
#include "os/descriptor.h"
#include "os/regular_file.h"

namespace heloguard {
namespace {

Error FileError(std::string_view setting, std::string_view verb, const std::string& path, int error) {
  return SettingError(setting, "cannot " + std::string(verb) + " " + EscapeBytes(path) + ": " +
                                   std::strerror(error != 0 ? error : EIO));
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Everything down to the disk; false with errno set.
bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return fchmod(fd, 0644) == 0 && fsync(fd) == 0;
}

}  // namespace

Error SettingError(std::string_view setting, std::string_view what) {
  return {ErrorKind::kConfig, "dns." + std::string(setting) + ": " + std::string(what), {}};
}

Result<std::string> ReadSettingFile(std::string_view setting, const std::string& path) {
  constexpr std::size_t kMaxFile = 1U << 20U;
  auto text = ReadRegularFile(path, kMaxFile);
  if (text.ok()) return text;
  return SettingError(setting, "cannot read " + EscapeBytes(path) + ": " + text.error().message);
}

Status WriteSettingFile(std::string_view setting, const std::string& path, std::string_view text) {
  std::string beside = path + ".XXXXXX";
  const Descriptor file(mkostemp(beside.data(), O_CLOEXEC));
  if (file.get() < 0) return FileError(setting, "write", path, errno);
  if (WriteAll(file.get(), text) && std::rename(beside.c_str(), path.c_str()) == 0) return Done{};
  const int error = errno;
  unlink(beside.c_str());
  return FileError(setting, "write", path, error);
}

Status RequireWritableFolder(std::string_view setting, const std::string& path) {
  const std::string folder = FolderOf(path);
  if (faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return Done{};
  return FileError(setting, "write into", folder, errno);
}

}  // namespace heloguard
