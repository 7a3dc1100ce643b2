// Sockets that are served and sockets that only look like it.
#include "adapters/milter/milter_probe.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

namespace heloguard {
namespace {

using namespace std::chrono_literals;

// Listens on a loopback port; says `answer` to whoever sends something, or takes nobody at all.
class Listener {
 public:
  explicit Listener(std::optional<std::string> answer) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd_, 5), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = ntohs(address.sin_port);
    if (answer) server_ = std::thread([this, text = *answer] { Serve(text); });
  }
  ~Listener() {
    if (server_.joinable()) server_.join();
    ::close(fd_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] ListenAddress socket() const {
    return ParseSocketText("inet:" + std::to_string(port_) + "@127.0.0.1").value();
  }

 private:
  void Serve(const std::string& answer) const {
    const int client = ::accept(fd_, nullptr, nullptr);
    char offer[64];
    EXPECT_EQ(::recv(client, offer, sizeof offer, 0), 17);
    EXPECT_EQ(std::string(offer + 3, 2), "\x0dO");
    // By halves, as a network may.
    const std::size_t half = answer.size() / 2;
    ::send(client, answer.data(), half, MSG_NOSIGNAL);
    ::send(client, answer.data() + half, answer.size() - half, MSG_NOSIGNAL);
    ::close(client);
  }

  int fd_;
  std::uint16_t port_ = 0;
  std::thread server_;
};

const std::string kAccepted("\0\0\0\x0dO\0\0\0\6\0\0\0\0\0\0\0\0", 17);

TEST(MilterProbeTest, OneThatNegotiatesIsServed) { EXPECT_TRUE(IsServed(Listener(kAccepted).socket(), 20s)); }

TEST(MilterProbeTest, OneThatSaysSomethingElseIsNot) {
  EXPECT_FALSE(IsServed(Listener("220 mail.example.com ESMTP").socket(), 20s));
  EXPECT_FALSE(IsServed(Listener("ok").socket(), 20s));
  EXPECT_FALSE(IsServed(Listener("").socket(), 20s));
}

TEST(MilterProbeTest, OneThatHangsIsNot) {
  const Listener hangs(std::nullopt);
  EXPECT_FALSE(IsServed(hangs.socket(), 50ms));
}

TEST(MilterProbeTest, NobodyThere) {
  ListenAddress gone;
  {
    const Listener listener(std::nullopt);
    gone = listener.socket();
  }
  EXPECT_FALSE(IsServed(gone, 20s));
  EXPECT_FALSE(IsServed(ParseSocketText("unix:/nonexistent/heloguard.sock").value(), 20s));
}

}  // namespace
}  // namespace heloguard
