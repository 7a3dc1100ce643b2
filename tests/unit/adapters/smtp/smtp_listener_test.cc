// The port on which one client is heard.
#include "adapters/smtp/smtp_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "socket_help.h"

namespace heloguard {
namespace {

using testing::Optional;
using testing::StartsWith;

constexpr std::chrono::minutes kLong{1};

class SmtpListening : public testing::Test {
 protected:
  void SetUp() override {
    auto listener = SmtpListener::Open({IpAddress::V4({127, 0, 0, 1}), 0});
    ASSERT_TRUE(listener.ok()) << listener.error().message;
    listener_ = std::move(listener).value();
    ASSERT_NE(listener_->port(), 0);
  }
  // Connects from `source` and gives the socket to `talk`; what was heard meanwhile.
  template <class Talk>
  Result<HeardHelo> Hear(const char* source, const SmtpLimits& limits, Talk talk) {
    auto heard = std::async(std::launch::async, [&] { return listener_->HearOne(kLong, limits); });
    const Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const SocketAddress from = ToSocketAddress(*IpAddress::Parse(source), 0);
    const SocketAddress to = ToSocketAddress(IpAddress::V4({127, 0, 0, 1}), listener_->port());
    EXPECT_EQ(::bind(client.get(), from.generic(), from.length), 0);
    EXPECT_EQ(::connect(client.get(), to.generic(), to.length), 0);
    talk(client.get());
    return heard.get();
  }
  std::unique_ptr<SmtpListener> listener_;
};

TEST_F(SmtpListening, HearsTheNameAndTheAddressOfItsClient) {
  std::string said;
  const auto heard = Hear("127.0.2.10", kPatient, [&](int fd) {
    EXPECT_THAT(ReceiveUntil(fd, "\n"), StartsWith("220 [127.0.0.1] "));
    // As a client that does not wait for the answers.
    Send(fd, "EHLO mail.goodcorp.com\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.net>\r\nDATA\r\nQUIT\r\n");
    said = ReceiveUntil(fd, "closes the connection\r\n");
  });
  ASSERT_TRUE(heard.ok());
  EXPECT_EQ(heard.value().client.ToString(), "127.0.2.10");
  EXPECT_THAT(heard.value().helo, Optional(std::string("mail.goodcorp.com")));
  EXPECT_THAT(said, testing::MatchesRegex("250 [^\n]*\n250 [^\n]*\n250 [^\n]*\n554 [^\n]*\n221 [^\n]*\n"));
}

TEST_F(SmtpListening, AClientMayLeaveWithoutAWord) {
  const auto heard = Hear("127.0.0.1", kPatient, [](int fd) {
    ReceiveUntil(fd, "\n");
    ::shutdown(fd, SHUT_WR);
  });
  ASSERT_TRUE(heard.ok());
  EXPECT_FALSE(heard.value().helo.has_value());
}

TEST_F(SmtpListening, AClientThatStaysIsLetGoAtTheLimit) {
  const auto heard = Hear("127.0.0.1", kHasty, [](int fd) {
    Send(fd, "HELO a.example\r\n");
    ReceiveUntil(fd, "until it closes");
  });
  ASSERT_TRUE(heard.ok());
  EXPECT_THAT(heard.value().helo, Optional(std::string("a.example")));
}

TEST_F(SmtpListening, AFloodIsCutOff) {
  const auto heard = Hear("127.0.0.1", kPatient, [](int fd) {
    const std::string flood(std::size_t{1} << 20U, 'x');
    // It may be cut off before all of it is sent.
    static_cast<void>(::send(fd, flood.data(), flood.size(), MSG_NOSIGNAL));
    ReceiveUntil(fd, "until it closes");
  });
  ASSERT_TRUE(heard.ok());
  EXPECT_FALSE(heard.value().helo.has_value());
}

TEST_F(SmtpListening, NobodyIsAnError) {
  const auto heard = listener_->HearOne(std::chrono::milliseconds(1), kPatient);
  ASSERT_FALSE(heard.ok());
  EXPECT_EQ(heard.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(heard.error().message, "nobody connected: Connection timed out");
}

TEST_F(SmtpListening, APortInUseIsAnError) {
  const auto second = SmtpListener::Open({IpAddress::V4({127, 0, 0, 1}), listener_->port()});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message,
            "cannot listen on 127.0.0.1 port " + std::to_string(listener_->port()) + ": Address already in use");
}

TEST(SmtpListeningV6, OnTheLoopbackOfIpVersion6) {
  const auto listener = SmtpListener::Open({*IpAddress::Parse("::1"), 0});
  ASSERT_TRUE(listener.ok()) << listener.error().message;
  auto heard = std::async(std::launch::async, [&] { return listener.value()->HearOne(kLong, kPatient); });
  const auto client = SmtpConnection::Connect({*IpAddress::Parse("::1"), listener.value()->port()}, kPatient);
  ASSERT_TRUE(client.ok());
  EXPECT_EQ(client.value()->Read().text.substr(0, 15), "220 [IPv6:::1] ");
  EXPECT_TRUE(client.value()->Write("HELO a.example\r\nQUIT\r\n"));
  const auto result = heard.get();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().client.ToString(), "::1");
}

}  // namespace
}  // namespace heloguard
