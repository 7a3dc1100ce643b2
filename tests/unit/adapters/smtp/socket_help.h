// Sockets on loopback for tests of the SMTP adapter.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "adapters/smtp/smtp_connection.h"
#include "os/socket_address.h"

namespace heloguard {

// Short where a test waits for them to pass, and long enough for a busy machine elsewhere.
inline constexpr SmtpLimits kPatient{};
inline constexpr SmtpLimits kHasty{.connect = std::chrono::milliseconds(200),
                                   .line = std::chrono::milliseconds(50),
                                   .total = std::chrono::milliseconds(200)};

inline void Send(int fd, std::string_view bytes) {
  ASSERT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
}

// What comes until `end` is its end, or the peer closes.
inline std::string ReceiveUntil(int fd, std::string_view end) {
  const timeval patience{.tv_sec = 20, .tv_usec = 0};  // a peer that hangs fails the test instead of holding it
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string text;
  char byte = 0;
  while (!text.ends_with(end) && ::recv(fd, &byte, 1, 0) == 1) text += byte;
  return text;
}

// A server that gives its first client to `talk`, in a thread of its own.
class FakeServer {
 public:
  explicit FakeServer(std::function<void(int fd)> talk) : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    SocketAddress at = ToSocketAddress(address_.address, 0);
    EXPECT_EQ(::bind(listening_.get(), at.generic(), at.length), 0);
    EXPECT_EQ(::listen(listening_.get(), 1), 0);
    EXPECT_EQ(::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&at.storage), &at.length), 0);
    address_.port = PortOf(at);
    thread_ = std::jthread([this, talk = std::move(talk)] {
      const Descriptor client(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (client.get() >= 0) talk(client.get());
    });
  }
  ~FakeServer() { ::shutdown(listening_.get(), SHUT_RDWR); }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  [[nodiscard]] const ServerAddress& address() const { return address_; }

 private:
  Descriptor listening_;
  ServerAddress address_{IpAddress::V4({127, 0, 0, 1}), 0};
  std::jthread thread_;  // last: joined before what it uses goes
};

}  // namespace heloguard
