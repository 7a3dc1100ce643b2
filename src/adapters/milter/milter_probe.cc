// One negotiation of the milter protocol from the mail server's side. A connection alone would prove nothing: the
// kernel takes those for a process that hangs as well. Tests: tests/unit/milter/milter_probe_test.cc.
#include "milter_probe.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace heloguard {
namespace {

using Clock = std::chrono::steady_clock;

// SMFIC_OPTNEG: length, command, protocol version 6, every action, every protocol flag there is in that version.
constexpr std::array<unsigned char, 17> kOffer{0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 0x01, 0xff, 0, 0x1f, 0xff, 0xff};
constexpr std::size_t kCommandAt = 4;

class Connection {
 public:
  Connection(const MilterSocket& socket, Clock::time_point deadline)
      : fd_(::socket(socket.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), deadline_(deadline) {
    if (fd_ < 0) return;
    open_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&socket.address), socket.length) == 0;
    if (open_ || errno != EINPROGRESS || !Ready(POLLOUT)) return;
    int problem = 0;
    socklen_t length = sizeof problem;
    open_ = ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &problem, &length) == 0 && problem == 0;
  }
  ~Connection() {
    if (fd_ >= 0) ::close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // So few octets fit any socket's buffer at once.
  [[nodiscard]] bool Offer() const {
    return open_ && ::send(fd_, kOffer.data(), kOffer.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(kOffer.size());
  }

  // Whether the answer is one to an offer.
  [[nodiscard]] bool Accepted() const {
    std::array<unsigned char, kCommandAt + 1> head{};
    std::size_t got = 0;
    while (got < head.size()) {
      if (!Ready(POLLIN)) return false;
      const ssize_t more = ::recv(fd_, head.data() + got, head.size() - got, 0);
      if (more <= 0) return false;
      got += static_cast<std::size_t>(more);
    }
    return head[kCommandAt] == 'O';
  }

 private:
  [[nodiscard]] bool Ready(short event) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    pollfd waiting{.fd = fd_, .events = event, .revents = 0};
    return ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) == 1;
  }

  const int fd_;
  const Clock::time_point deadline_;
  bool open_ = false;
};

}  // namespace

bool IsServed(const MilterSocket& socket, std::chrono::milliseconds patience) {
  const Connection connection(Reachable(socket), Clock::now() + patience);
  return connection.Offer() && connection.Accepted();
}

}  // namespace heloguard
