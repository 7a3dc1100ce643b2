// One negotiation of the milter protocol from the mail server's side. A connection alone would prove nothing: the
// kernel takes those for a process that hangs as well. Tests: tests/unit/adapters/milter/milter_probe_test.cc.
#include "adapters/milter/milter_probe.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "os/descriptor.h"
#include "os/socket_wait.h"

namespace heloguard {
namespace {

using Clock = std::chrono::steady_clock;

// SMFIC_OPTNEG: length, command, protocol version 6, every action, every protocol flag there is in that version.
constexpr std::array<unsigned char, 17> kOffer{0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 0x01, 0xff, 0, 0x1f, 0xff, 0xff};
constexpr std::size_t kCommandAt = 4;

// So few octets fit any socket's buffer at once.
bool Offer(int fd) {
  return ::send(fd, kOffer.data(), kOffer.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(kOffer.size());
}

// Whether the answer is one to an offer.
bool Accepted(int fd, Clock::time_point deadline) {
  std::array<unsigned char, kCommandAt + 1> head{};
  std::size_t got = 0;
  while (got < head.size()) {
    if (!WaitFor(fd, POLLIN, deadline)) return false;
    const ssize_t more = ::recv(fd, head.data() + got, head.size() - got, 0);
    if (more <= 0) return false;
    got += static_cast<std::size_t>(more);
  }
  return head[kCommandAt] == 'O';
}

}  // namespace

bool IsServed(const ListenAddress& socket, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  const SocketAddress to = Reachable(socket).address;
  const Descriptor fd(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0 || ConnectBy(fd.get(), to.generic(), to.length, deadline) != 0) return false;
  return Offer(fd.get()) && Accepted(fd.get(), deadline);
}

}  // namespace heloguard
