// Lines over a socket, from a peer that keeps to nothing.
#include "adapters/smtp/smtp_connection.h"

#include <gtest/gtest.h>

#include "socket_help.h"

namespace heloguard {
namespace {

using End = SmtpConnection::Line::End;

class SmtpLines : public testing::Test {
 protected:
  void Open(const SmtpLimits& limits) {
    int pair[2] = {-1, -1};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    peer_ = pair[1];
    connection_ = std::make_unique<SmtpConnection>(pair[0], limits);
  }
  void TearDown() override { Hang(); }
  void Hang() {
    if (peer_ >= 0) ::close(std::exchange(peer_, -1));
  }
  std::unique_ptr<SmtpConnection> connection_;
  int peer_ = -1;
};

TEST_F(SmtpLines, EndAtALineFeedWithOrWithoutACarriageReturn) {
  Open(kPatient);
  Send(peer_, std::string("one\r\ntwo\n\r\nth\0ree\rx\r\n", 22));
  for (const std::string& text :
       {std::string("one"), std::string("two"), std::string(), std::string("th\0ree\rx", 8)}) {
    const auto line = connection_->Read();
    EXPECT_EQ(line.end, End::kLine);
    EXPECT_EQ(line.text, text);
  }
}

TEST_F(SmtpLines, MayComeInPieces) {
  Open(kPatient);
  Send(peer_, "on");
  std::jthread late([this] { Send(peer_, "e\r\ntwo\r\n"); });
  EXPECT_EQ(connection_->Read().text, "one");
  EXPECT_EQ(connection_->Read().text, "two");
}

TEST_F(SmtpLines, ALongOneIsCutAndTheNextIsWhole) {
  SmtpLimits limits = kPatient;
  limits.line_octets = 10;
  Open(limits);
  Send(peer_, std::string(5'000, 'x') + "\r\nnext\r\n" + std::string(9, 'y') + "\r\n" + std::string(10, 'z') + "\n");
  const auto line = connection_->Read();
  EXPECT_EQ(line.end, End::kTooLong);
  EXPECT_EQ(line.text, std::string(10, 'x'));
  EXPECT_EQ(connection_->Read().text, "next");
  EXPECT_EQ(connection_->Read().text, std::string(9, 'y'));
  EXPECT_EQ(connection_->Read().end, End::kLine);
}

TEST_F(SmtpLines, TheSumOfAllIsBounded) {
  SmtpLimits limits = kPatient;
  limits.total_octets = 4'096;
  Open(limits);
  Send(peer_, std::string(20'000, 'x'));
  EXPECT_EQ(connection_->Read().end, End::kTooMuch);
}

TEST_F(SmtpLines, APeerThatLeavesEndsThem) {
  Open(kPatient);
  Send(peer_, "half a line");
  Hang();
  const auto line = connection_->Read();
  EXPECT_EQ(line.end, End::kClosed);
  EXPECT_EQ(line.text, "");
  EXPECT_FALSE(connection_->Write("x"));
}

TEST_F(SmtpLines, APeerThatKeepsQuietEndsThem) {
  Open(kHasty);
  Send(peer_, "half a line");
  EXPECT_EQ(connection_->Read().end, End::kTimeout);
}

// Every octet comes before the limit of a line has passed since the one before; the line does not.
TEST_F(SmtpLines, APeerThatDripsEndsThem) {
  Open(kHasty);
  std::jthread dripping([this](const std::stop_token& stop) {
    while (!stop.stop_requested() && ::send(peer_, "x", 1, MSG_NOSIGNAL) == 1) {
      std::this_thread::yield();
    }
  });
  const auto end = connection_->Read().end;
  EXPECT_TRUE(end == End::kTimeout || end == End::kTooMuch);
}

TEST_F(SmtpLines, APeerThatDoesNotReadIsNotWrittenToForEver) {
  Open(kHasty);
  EXPECT_FALSE(connection_->Write(std::string(std::size_t{8} << 20U, 'x')));
}

TEST(SmtpConnect, TellsBothEnds) {
  const FakeServer server([](int fd) { ReceiveUntil(fd, "\n"); });
  const auto connection = SmtpConnection::Connect(server.address(), kPatient);
  ASSERT_TRUE(connection.ok());
  EXPECT_EQ(connection.value()->peer().ToString(), "127.0.0.1");
  EXPECT_EQ(AddressLiteral(connection.value()->local()), "[127.0.0.1]");
  EXPECT_EQ(AddressLiteral(*IpAddress::Parse("2001:db8::1")), "[IPv6:2001:db8::1]");
}

TEST(SmtpConnect, RefusedIsAnError) {
  ServerAddress nobody;
  {
    nobody = FakeServer([](int) {}).address();
  }
  const auto connection = SmtpConnection::Connect(nobody, kPatient);
  ASSERT_FALSE(connection.ok());
  EXPECT_EQ(connection.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(connection.error().message, "cannot connect: Connection refused");
}

}  // namespace
}  // namespace heloguard
