// Decides what a socket setting means and whether it can be opened, and opens it. libmilter tells its caller only
// "failed" and syslog the reason, so whatever can be tested beforehand is tested here. Knows no protocol.
// Tests: tests/unit/os/listen_socket_test.cc, tests/wire/socket_test.py.
#include "os/listen_socket.h"

#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>
#include <vector>

#include "heloguard/base/escape.h"
#include "heloguard/base/ip_address.h"
#include "heloguard/base/port.h"
#include "os/process_use.h"

namespace heloguard {
namespace {

Error Misconfigured(std::string_view text, const std::string& what) {
  return {ErrorKind::kConfig, "socket \"" + EscapeBytes(text) + "\": " + what, {}};
}

Error Unavailable(const ListenAddress& at, const std::string& what, int error) {
  const std::string reason = error == 0 ? "" : ": " + std::generic_category().message(error);
  return {ErrorKind::kUnavailable, "socket " + EscapeBytes(at.text) + ": " + what + reason, {}};
}

// An address, or a name's first one of the family asked for.
std::optional<IpAddress> FindAddress(const std::string& host, int family) {
  if (const auto literal = IpAddress::Parse(host)) {
    return literal->is_v4() == (family == AF_INET) ? literal : std::nullopt;
  }
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, &freeaddrinfo);
  return FromSocketAddress(found->ai_addr);
}

Result<ListenAddress> ParseInet(std::string_view text, std::string_view rest, int family) {
  const std::size_t at = rest.find('@');
  const auto port = ParsePort(rest.substr(0, at));
  if (!port) return Misconfigured(text, "the port is a number from 1 to 65535");
  const IpAddress any = family == AF_INET ? IpAddress() : IpAddress::V6({});
  std::optional<IpAddress> address = any;
  if (at != std::string_view::npos) {
    std::string host(rest.substr(at + 1));
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (host.empty() || host.find('\0') != std::string::npos)
      return Misconfigured(text, "there is no host after the @");
    address = FindAddress(host, family);
    const std::string_view version = family == AF_INET ? "IPv4" : "IPv6";
    if (!address) return Misconfigured(text, EscapeBytes(host) + " has no " + std::string(version) + " address");
  }
  ListenAddress read;
  const std::string scheme = family == AF_INET ? "inet:" : "inet6:";
  read.text = scheme + std::to_string(*port);
  if (*address != any) read.text += "@[" + address->ToString() + "]";
  read.address = ToSocketAddress(*address, *port);
  return read;
}

Result<ListenAddress> ParseUnix(std::string_view text, std::string_view path) {
  sockaddr_un address{};
  if (path.empty() || path.front() != '/' || path.find('\0') != std::string_view::npos) {
    return Misconfigured(text, "the path has to start with /");
  }
  if (path.size() >= sizeof address.sun_path) {
    return Misconfigured(text, "the path is longer than " + std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  ListenAddress read;
  read.text = "unix:" + std::string(path);
  read.path = path;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  std::memcpy(&read.address.storage, &address, sizeof address);
  read.address.length = sizeof address;
  return read;
}

// Nobody listens on the socket file that is there. Without waiting: a server that does not accept may have a queue that
// is full (EAGAIN), and is there all the same.
Status RequireStale(const ListenAddress& at) {
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (probe.get() < 0) return Unavailable(at, "cannot open a socket", errno);
  if (connect(probe.get(), at.address.generic(), at.address.length) == 0 || errno == EAGAIN) {
    return Unavailable(at, "another process listens on it", 0);
  }
  return errno == ECONNREFUSED ? Status(Done{}) : Unavailable(at, "the path is there and cannot be tried", errno);
}

// In a folder that everybody may write to without the sticky bit, everybody may put a socket of theirs in our place.
Status CheckFolder(const ListenAddress& at) {
  const std::string folder = at.path.substr(0, std::max<std::size_t>(at.path.rfind('/'), 1));
  struct stat status {};
  if (stat(folder.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0) {
    return Misconfigured(at.text, "everybody may replace files in " + EscapeBytes(folder) +
                                      ": take away others' right to write (chmod o-w)");
  }
  if (faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return Unavailable(at, "cannot create a file in " + EscapeBytes(folder), errno);
  }
  return Done{};
}

// The path is free, or is made free.
Status PrepareUnix(const ListenAddress& at) {
  struct stat status {};
  if (lstat(at.path.c_str(), &status) != 0) {
    if (errno != ENOENT) return Unavailable(at, "cannot look at the path", errno);
    return CheckFolder(at);
  }
  if (!S_ISSOCK(status.st_mode)) return Misconfigured(at.text, "the path is there and is no socket");
  if (Status folder = CheckFolder(at); !folder.ok()) return folder;
  if (Status stale = RequireStale(at); !stale.ok()) return stale;
  if (unlink(at.path.c_str()) != 0) return Unavailable(at, "cannot remove the stale socket", errno);
  return Done{};
}

// SO_REUSEADDR lets a server start while connections of its predecessor linger. It means nothing to a unix socket.
bool Bind(int fd, const SocketAddress& address) {
  const int on = 1;
  return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
         bind(fd, address.generic(), address.length) == 0;
}

Status PrepareInet(const ListenAddress& at) {
  const Descriptor probe(::socket(at.address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (probe.get() < 0 || !Bind(probe.get(), at.address)) return Unavailable(at, "cannot bind", errno);
  return Done{};
}

// This process's descriptor that listens on a unix socket of this path, whether its file is there or not.
std::optional<int> FindListening(const ListenAddress& at) {
  const int end = static_cast<int>(DescriptorLimit().value_or(0));
  for (int fd = 0; fd < end; ++fd) {
    SocketAddress bound;
    bound.length = sizeof bound.storage;
    int listens = 0;
    socklen_t size = sizeof listens;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound.storage), &bound.length) != 0 ||
        bound.storage.ss_family != AF_UNIX || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0) {
      continue;
    }
    const auto* const address = reinterpret_cast<const sockaddr_un*>(&bound.storage);
    if (listens != 0 && at.path == address->sun_path) return fd;
  }
  return std::nullopt;
}

}  // namespace

Result<ListenAddress> ParseSocketText(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  const std::string_view rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (scheme == "inet") return ParseInet(text, rest, AF_INET);
  if (scheme == "inet6") return ParseInet(text, rest, AF_INET6);
  if (scheme == "unix" || scheme == "local") return ParseUnix(text, rest);
  return Misconfigured(text, "a socket is inet:PORT@HOST, inet6:PORT@HOST or unix:/PATH");
}

ListenAddress Reachable(const ListenAddress& at) {
  const auto address = FromSocketAddress(at.address.generic());
  const bool v6 = at.address.storage.ss_family == AF_INET6;
  if (!at.path.empty() || !address || *address != (v6 ? IpAddress::V6({}) : IpAddress())) return at;
  ListenAddress reachable = at;
  const IpAddress loopback = v6 ? *IpAddress::Parse("::1") : IpAddress::V4({127, 0, 0, 1});
  reachable.address = ToSocketAddress(loopback, PortOf(at.address));
  return reachable;
}

Status PrepareSocket(const ListenAddress& at) { return at.path.empty() ? PrepareInet(at) : PrepareUnix(at); }

Result<std::optional<gid_t>> FindGroup(const std::string& name) {
  if (name.empty()) return std::optional<gid_t>();
  group entry{};
  group* found = nullptr;
  std::vector<char> buffer(1024);
  int error = 0;
  while ((error = getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found)) == ERANGE) {
    buffer.resize(buffer.size() * 2);
  }
  if (found != nullptr) return std::optional(found->gr_gid);
  gid_t number = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (failed == std::errc{} && end == name.data() + name.size()) return std::optional(number);
  const std::string reason = error == 0 ? "" : " (" + std::generic_category().message(error) + ")";
  return Error{ErrorKind::kConfig, "socket_group: there is no group " + EscapeBytes(name) + reason, {}};
}

Status ApplySocketAccess(const ListenAddress& at, unsigned mode, std::optional<gid_t> group) {
  if (at.path.empty()) return Done{};
  if (group && lchown(at.path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
    return Unavailable(at, "cannot give it to group " + std::to_string(*group), errno);
  }
  if (chmod(at.path.c_str(), static_cast<mode_t>(mode)) != 0) return Unavailable(at, "cannot set its mode", errno);
  return Done{};
}

SocketFile::SocketFile(const ListenAddress& at) {
  struct stat status {};
  if (at.path.empty() || lstat(at.path.c_str(), &status) != 0) return;
  path_ = at.path;
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

SocketFile::~SocketFile() {
  if (!path_.empty() && IsInPlace()) unlink(path_.c_str());
}

bool SocketFile::IsInPlace() const {
  struct stat status {};
  if (path_.empty()) return true;
  return lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
}

FileModeMask::FileModeMask(unsigned mode) : before_(umask(static_cast<mode_t>(~mode & 0777U))) {}
FileModeMask::~FileModeMask() { umask(before_); }

// A unix socket refuses connections until listen(), so mode and group are set before, whatever the process's mask is.
Result<std::unique_ptr<ListenSocket>> ListenSocket::Open(const ListenAddress& at, const ListenOptions& options) {
  if (!at.path.empty()) {
    if (Status free = PrepareUnix(at); !free.ok()) return free.error();
  }
  const int fd = ::socket(at.address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Unavailable(at, "cannot open a socket", errno);
  std::unique_ptr<ListenSocket> opened(new ListenSocket(fd));
  if (!Bind(fd, at.address)) return Unavailable(at, "cannot bind", errno);
  opened->file_.emplace(at);
  if (Status access = ApplySocketAccess(at, options.mode, options.group); !access.ok()) return access.error();
  if (::listen(fd, options.backlog > 0 ? options.backlog : SOMAXCONN) != 0) {
    return Unavailable(at, "cannot listen", errno);
  }
  return opened;
}

// Under the number of the old one in one step, and blocking as that is: a server may be waiting on it meanwhile.
Status ListenSocket::Renew(const ListenAddress& at, const ListenOptions& options) {
  const std::optional<int> listening = FindListening(at);
  if (!listening) return Error{ErrorKind::kInternal, "socket " + EscapeBytes(at.text) + ": nobody listens on it", {}};
  auto opened = Open(at, options);
  if (!opened.ok()) return opened.error();
  const int flags = fcntl(*listening, F_GETFL);
  if (fcntl(opened.value()->fd(), F_SETFL, flags) != 0 || dup3(opened.value()->fd(), *listening, O_CLOEXEC) < 0) {
    return Unavailable(at, "cannot be put in the old one's place", errno);
  }
  opened.value()->file_->Leave();
  return Done{};
}

}  // namespace heloguard
