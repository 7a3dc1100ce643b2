// Accepts one connection and lets an SmtpDialogue answer it. Judges no name.
// Tests: tests/unit/adapters/smtp/smtp_listener_test.cc.
#include "adapters/smtp/smtp_listener.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "adapters/smtp/smtp_dialogue.h"
#include "os/socket_address.h"
#include "os/socket_wait.h"

namespace heloguard {
namespace {

Error Unavailable(const std::string& doing, int problem) {
  return {ErrorKind::kUnavailable, doing + ": " + std::generic_category().message(problem), {}};
}

std::optional<std::string> Hear(SmtpConnection* connection) {
  SmtpDialogue dialogue(AddressLiteral(connection->local()));
  if (!connection->Write(dialogue.Greeting())) return std::nullopt;
  while (!dialogue.over()) {
    const SmtpConnection::Line line = connection->Read();
    if (!line.read()) break;
    const bool too_long = line.end == SmtpConnection::Line::End::kTooLong;
    if (!connection->Write(too_long ? dialogue.AnswerTooLong() : dialogue.Answer(line.text))) break;
  }
  return dialogue.helo();
}

}  // namespace

Result<std::unique_ptr<SmtpListener>> SmtpListener::Open(const ServerAddress& address) {
  const std::string where = "cannot listen on " + address.address.ToString() + " port " + std::to_string(address.port);
  SocketAddress at = ToSocketAddress(address.address, address.port);
  const int fd = ::socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Unavailable(where, errno);
  std::unique_ptr<SmtpListener> listener(new SmtpListener(fd));
  const int on = 1;
  if (::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 || ::bind(fd, at.generic(), at.length) != 0 ||
      ::listen(fd, 1) != 0 || ::getsockname(fd, reinterpret_cast<sockaddr*>(&at.storage), &at.length) != 0) {
    return Unavailable(where, errno);
  }
  listener->port_ = PortOf(at);
  return listener;
}

Result<HeardHelo> SmtpListener::HearOne(std::chrono::milliseconds wait, const SmtpLimits& limits) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (WaitFor(socket_.get(), POLLIN, deadline)) {
    const int fd = ::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) continue;  // it left before we came
      return Unavailable("cannot accept a connection", errno);
    }
    SmtpConnection connection(fd, limits);
    const IpAddress client = connection.peer();
    return HeardHelo{client, Hear(&connection)};
  }
  return Unavailable("nobody connected", ETIMEDOUT);
}

}  // namespace heloguard
