// Reads and writes lines on a socket that never blocks for longer than its limits say. Knows no SMTP but where a line
// ends (RFC 5321 section 2.3.8; a lone line feed ends one too, for some peers send nothing else).
// Tests: tests/unit/adapters/smtp/smtp_connection_test.cc.
#include "adapters/smtp/smtp_connection.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "os/socket_address.h"
#include "os/socket_wait.h"

namespace heloguard {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kPiece = 1'024;

Error CannotConnect(int problem) {
  return {ErrorKind::kUnavailable, "cannot connect: " + std::generic_category().message(problem), {}};
}

using NameCall = int (*)(int, sockaddr*, socklen_t*);

IpAddress AddressBy(NameCall call, int fd) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (call(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.length) != 0) return {};
  return FromSocketAddress(address.generic()).value_or(IpAddress());
}

}  // namespace

SmtpConnection::SmtpConnection(int fd, const SmtpLimits& limits)
    : socket_(fd), limits_(limits), deadline_(steady_clock::now() + limits.total) {
  // A socket that blocks after all would wait longer, and be none the less right.
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags >= 0) static_cast<void>(::fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}

Result<std::unique_ptr<SmtpConnection>> SmtpConnection::Connect(const ServerAddress& server, const SmtpLimits& limits) {
  const SocketAddress to = ToSocketAddress(server.address, server.port);
  const int fd = ::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return CannotConnect(errno);
  auto connection = std::make_unique<SmtpConnection>(fd, limits);
  const int problem = ConnectBy(fd, to.generic(), to.length, steady_clock::now() + limits.connect);
  if (problem != 0) return CannotConnect(problem);
  return connection;
}

SmtpConnection::TimePoint SmtpConnection::LineDeadline() const {
  return std::min(deadline_, steady_clock::now() + limits_.line);
}

SmtpConnection::Line SmtpConnection::Read() {
  const TimePoint deadline = LineDeadline();
  Line line{Line::End::kLine, ""};
  while (true) {
    const std::size_t feed = buffer_.find('\n');
    const std::size_t length = std::min(feed, buffer_.size());
    const std::size_t room = limits_.line_octets - line.text.size();
    if (length > room) line.end = Line::End::kTooLong;
    line.text.append(buffer_, 0, std::min(length, room));
    buffer_.erase(0, feed == std::string::npos ? buffer_.size() : feed + 1);
    if (feed != std::string::npos) break;
    if (received_ >= limits_.total_octets) return {Line::End::kTooMuch, ""};
    if (!WaitFor(socket_.get(), POLLIN, deadline)) return {Line::End::kTimeout, ""};
    std::array<char, kPiece> piece{};
    const ssize_t got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return {Line::End::kClosed, ""};
    received_ += static_cast<std::size_t>(got);
    buffer_.assign(piece.data(), static_cast<std::size_t>(got));
  }
  if (line.text.ends_with('\r')) line.text.pop_back();
  return line;
}

bool SmtpConnection::Write(std::string_view bytes) {
  const TimePoint deadline = LineDeadline();
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EINTR && (errno != EAGAIN || !WaitFor(socket_.get(), POLLOUT, deadline))) {
      return false;
    }
  }
  return true;
}

IpAddress SmtpConnection::local() const { return AddressBy(::getsockname, socket_.get()); }
IpAddress SmtpConnection::peer() const { return AddressBy(::getpeername, socket_.get()); }

std::string AddressLiteral(const IpAddress& address) {
  return (address.is_v4() ? "[" : "[IPv6:") + address.ToString() + "]";
}

}  // namespace heloguard
