// Decides what a socket setting means and whether it can be opened. libmilter says only "failed" to its caller and the
// reason to syslog, so whatever can be checked beforehand is checked here. Knows nothing of libmilter's calls.
// Tests: tests/unit/adapters/milter/milter_socket_test.cc, tests/wire/.
#include "adapters/milter/milter_socket.h"

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

#include "adapters/milter/libmilter/mta_input.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/ip_address.h"
#include "os/descriptor.h"
#include "os/socket_address.h"

namespace heloguard {
namespace {

Error Misconfigured(std::string_view text, const std::string& what) {
  return {ErrorKind::kConfig, "milter socket \"" + EscapeBytes(text) + "\": " + what, {}};
}

Error Unavailable(const MilterSocket& socket, const std::string& what, int error) {
  const std::string reason = error == 0 ? "" : ": " + std::generic_category().message(error);
  return {ErrorKind::kUnavailable, "milter socket " + EscapeBytes(socket.text) + ": " + what + reason, {}};
}

const sockaddr* Generic(const MilterSocket& socket) { return reinterpret_cast<const sockaddr*>(&socket.address); }

void SetAddress(const IpAddress& address, std::uint16_t port, MilterSocket* socket) {
  const SocketAddress wanted = ToSocketAddress(address, port);
  socket->address = wanted.storage;
  socket->length = wanted.length;
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
  return ClientAddress(found->ai_addr, {});
}

Result<MilterSocket> ParseInet(std::string_view text, std::string_view rest, int family) {
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
  MilterSocket socket;
  const std::string scheme = family == AF_INET ? "inet:" : "inet6:";
  socket.text = scheme + std::to_string(*port);
  if (*address != any) socket.text += "@[" + address->ToString() + "]";
  SetAddress(*address, *port, &socket);
  return socket;
}

Result<MilterSocket> ParseUnix(std::string_view text, std::string_view path) {
  sockaddr_un address{};
  if (path.empty() || path.front() != '/' || path.find('\0') != std::string_view::npos) {
    return Misconfigured(text, "the path has to start with /");
  }
  if (path.size() >= sizeof address.sun_path) {
    return Misconfigured(text, "the path is longer than " + std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  MilterSocket socket;
  socket.text = "unix:" + std::string(path);
  socket.path = path;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  std::memcpy(&socket.address, &address, sizeof address);
  socket.length = sizeof address;
  return socket;
}

// The path is free, or is made free.
Status PrepareUnix(const MilterSocket& socket) {
  struct stat status {};
  if (lstat(socket.path.c_str(), &status) != 0) {
    if (errno != ENOENT) return Unavailable(socket, "cannot look at the path", errno);
  } else {
    if (!S_ISSOCK(status.st_mode)) return Misconfigured(socket.text, "the path is there and is no socket");
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(probe.get(), Generic(socket), socket.length) == 0) {
      return Unavailable(socket, "another process listens on it", 0);
    }
    if (errno != ECONNREFUSED) return Unavailable(socket, "the path is there and cannot be tried", errno);
    if (unlink(socket.path.c_str()) != 0) return Unavailable(socket, "cannot remove the stale socket", errno);
  }
  const std::string directory = socket.path.substr(0, std::max<std::size_t>(socket.path.rfind('/'), 1));
  if (faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return Unavailable(socket, "cannot create a file in " + EscapeBytes(directory), errno);
  }
  return Done{};
}

Status PrepareInet(const MilterSocket& socket) {
  const Descriptor probe(::socket(socket.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (probe.get() < 0 || setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(probe.get(), Generic(socket), socket.length) != 0) {
    return Unavailable(socket, "cannot bind", errno);
  }
  return Done{};
}

}  // namespace

Result<MilterSocket> ParseMilterSocket(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  const std::string_view rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (scheme == "inet") return ParseInet(text, rest, AF_INET);
  if (scheme == "inet6") return ParseInet(text, rest, AF_INET6);
  if (scheme == "unix" || scheme == "local") return ParseUnix(text, rest);
  return Misconfigured(text, "a socket is inet:PORT@HOST, inet6:PORT@HOST or unix:/PATH");
}

MilterSocket Reachable(const MilterSocket& socket) {
  const auto address = ClientAddress(Generic(socket), {});
  const bool v6 = socket.address.ss_family == AF_INET6;
  if (!socket.path.empty() || !address || *address != (v6 ? IpAddress::V6({}) : IpAddress())) return socket;
  MilterSocket reachable = socket;
  const IpAddress loopback = v6 ? *IpAddress::Parse("::1") : IpAddress::V4({127, 0, 0, 1});
  SetAddress(loopback, PortOf(SocketAddress{socket.address, 0}), &reachable);
  return reachable;
}

Status PrepareMilterSocket(const MilterSocket& socket) {
  return socket.path.empty() ? PrepareInet(socket) : PrepareUnix(socket);
}

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
  return Error{ErrorKind::kConfig, "milter socket_group: there is no group " + EscapeBytes(name) + reason, {}};
}

Status ApplySocketAccess(const MilterSocket& socket, unsigned mode, std::optional<gid_t> group) {
  if (socket.path.empty()) return Done{};
  if (group && lchown(socket.path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
    return Unavailable(socket, "cannot give it to group " + std::to_string(*group), errno);
  }
  if (chmod(socket.path.c_str(), static_cast<mode_t>(mode)) != 0)
    return Unavailable(socket, "cannot set its mode", errno);
  return Done{};
}

SocketFile::SocketFile(const MilterSocket& socket) {
  struct stat status {};
  if (socket.path.empty() || lstat(socket.path.c_str(), &status) != 0) return;
  path_ = socket.path;
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

SocketFile::~SocketFile() {
  struct stat status {};
  if (path_.empty() || lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) unlink(path_.c_str());
}

FileModeMask::FileModeMask(unsigned mode) : before_(umask(static_cast<mode_t>(~mode & 0777U))) {}
FileModeMask::~FileModeMask() { umask(before_); }

}  // namespace heloguard
