// Socket settings, and what is found in their way.
#include "adapters/milter/milter_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

namespace heloguard {
namespace {

const sockaddr* Generic(const MilterSocket& socket) { return reinterpret_cast<const sockaddr*>(&socket.address); }

TEST(ParseMilterSocket, Accepted) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"inet:8891@127.0.0.1", "inet:8891@[127.0.0.1]"},
      {"inet:8891@[127.0.0.1]", "inet:8891@[127.0.0.1]"},
      {"inet:8891@localhost", "inet:8891@[127.0.0.1]"},
      {"inet:8891", "inet:8891"},
      {"inet:8891@0.0.0.0", "inet:8891"},
      {"inet:65535@127.0.0.2", "inet:65535@[127.0.0.2]"},
      {"inet6:8891@::1", "inet6:8891@[::1]"},
      {"inet6:8891@[::1]", "inet6:8891@[::1]"},
      {"inet6:8891", "inet6:8891"},
      {"unix:/run/heloguard/milter.sock", "unix:/run/heloguard/milter.sock"},
      {"local:/run/milter.sock", "unix:/run/milter.sock"},
  };
  for (const auto& [text, want] : rows) {
    const auto socket = ParseMilterSocket(text);
    ASSERT_TRUE(socket.ok()) << text << ": " << socket.error().ToString();
    EXPECT_EQ(socket.value().text, want) << text;
  }
}

TEST(ParseMilterSocket, Refused) {
  using namespace std::string_literals;
  const std::pair<std::string, std::string> rows[] = {
      {"", "a socket is inet:PORT@HOST, inet6:PORT@HOST or unix:/PATH"},
      {"8891@127.0.0.1", "a socket is inet:PORT@HOST, inet6:PORT@HOST or unix:/PATH"},
      {"/run/milter.sock", "a socket is inet:PORT@HOST, inet6:PORT@HOST or unix:/PATH"},
      {"tcp:8891", "a socket is inet:PORT@HOST, inet6:PORT@HOST or unix:/PATH"},
      {"inet:", "the port is a number from 1 to 65535"},
      {"inet:0@127.0.0.1", "the port is a number from 1 to 65535"},
      {"inet:65536@127.0.0.1", "the port is a number from 1 to 65535"},
      {"inet:smtp@127.0.0.1", "the port is a number from 1 to 65535"},
      {"inet:8891@", "there is no host after the @"},
      {"inet:8891@[]", "[] has no IPv4 address"},
      {"inet:8891@a\0b"s, "there is no host after the @"},
      {"inet:8891@::1", "::1 has no IPv4 address"},
      {"inet6:8891@127.0.0.1", "127.0.0.1 has no IPv6 address"},
      {"unix:milter.sock", "the path has to start with /"},
      {"unix:", "the path has to start with /"},
      {"unix:/a\0b"s, "the path has to start with /"},
      {"unix:/" + std::string(107, 'a'), "the path is longer than 107 bytes"},
  };
  for (const auto& [text, want] : rows) {
    const auto socket = ParseMilterSocket(text);
    ASSERT_FALSE(socket.ok()) << text;
    EXPECT_EQ(socket.error().kind, ErrorKind::kConfig) << text;
    EXPECT_NE(socket.error().message.find(want), std::string::npos) << text << ": " << socket.error().message;
  }
}

TEST(Reachable, AllAddressesAreReachedThroughLoopback) {
  const MilterSocket v4 = Reachable(ParseMilterSocket("inet:8891").value());
  sockaddr_in got{};
  std::memcpy(&got, &v4.address, sizeof got);
  EXPECT_EQ(got.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
  EXPECT_EQ(ntohs(got.sin_port), 8891);
  const MilterSocket v6 = Reachable(ParseMilterSocket("inet6:8892").value());
  sockaddr_in6 got6{};
  std::memcpy(&got6, &v6.address, sizeof got6);
  EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&got6.sin6_addr));
  EXPECT_EQ(ntohs(got6.sin6_port), 8892);
  const MilterSocket one = Reachable(ParseMilterSocket("inet:8891@127.0.0.2").value());
  std::memcpy(&got, &one.address, sizeof got);
  EXPECT_EQ(got.sin_addr.s_addr, htonl(0x7F000002));
}

TEST(FindGroup, NamesAndNumbers) {
  EXPECT_EQ(FindGroup("").value(), std::nullopt);
  EXPECT_EQ(FindGroup("root").value(), std::optional<gid_t>(0));
  EXPECT_EQ(FindGroup("12345").value(), std::optional<gid_t>(12345));
  const auto missing = FindGroup("no such\ngroup");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, ErrorKind::kConfig);
  EXPECT_NE(missing.error().message.find("no such\\x0agroup"), std::string::npos) << missing.error().message;
}

// A directory of its own with one unix socket path in it.
class UnixSocket : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "heloguardXXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    socket_ = ParseMilterSocket("unix:" + directory_ + "/milter.sock").value();
  }
  void TearDown() override {
    if (listener_ >= 0) close(listener_);
    unlink(socket_.path.c_str());
    rmdir(directory_.c_str());
  }
  void Listen() {
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(bind(listener_, Generic(socket_), socket_.length), 0);
    ASSERT_EQ(listen(listener_, 1), 0);
  }
  [[nodiscard]] bool Exists() const { return access(socket_.path.c_str(), F_OK) == 0; }

  std::string directory_;
  MilterSocket socket_;
  int listener_ = -1;
};

TEST_F(UnixSocket, FreePathIsFine) { EXPECT_TRUE(PrepareMilterSocket(socket_).ok()); }

TEST_F(UnixSocket, StaleSocketIsRemoved) {
  Listen();
  close(listener_);
  listener_ = -1;
  ASSERT_TRUE(Exists());
  EXPECT_TRUE(PrepareMilterSocket(socket_).ok());
  EXPECT_FALSE(Exists());
}

TEST_F(UnixSocket, LiveSocketIsLeftAlone) {
  Listen();
  const Status status = PrepareMilterSocket(socket_);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(status.error().message.find("another process listens on it"), std::string::npos) << status.error().message;
  EXPECT_TRUE(Exists());
}

TEST_F(UnixSocket, OtherFilesAreLeftAlone) {
  std::ofstream(socket_.path) << "precious";
  const Status status = PrepareMilterSocket(socket_);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kConfig);
  EXPECT_TRUE(Exists());
}

TEST_F(UnixSocket, SymbolicLinksAreLeftAlone) {
  ASSERT_EQ(symlink("/dev/null", socket_.path.c_str()), 0);
  EXPECT_FALSE(PrepareMilterSocket(socket_).ok());
  EXPECT_TRUE(Exists());
}

TEST_F(UnixSocket, MissingDirectoryIsNamed) {
  const auto elsewhere = ParseMilterSocket("unix:" + directory_ + "/none/milter.sock").value();
  const Status status = PrepareMilterSocket(elsewhere);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(status.error().message.find("/none: No such file or directory"), std::string::npos)
      << status.error().message;
}

TEST_F(UnixSocket, ModeAndGroup) {
  const FileModeMask mask(0640);
  Listen();
  struct stat status {};
  ASSERT_EQ(lstat(socket_.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U & ~0640U, 0U) << "open to more than wanted before access is set";
  EXPECT_TRUE(ApplySocketAccess(socket_, 0666, getgid()).ok());
  ASSERT_EQ(lstat(socket_.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0666U);
  EXPECT_EQ(status.st_gid, getgid());
}

TEST_F(UnixSocket, FileIsRemovedInTheEnd) {
  Listen();
  { const SocketFile file(socket_); }
  EXPECT_FALSE(Exists());
}

TEST_F(UnixSocket, AnothersFileIsNot) {
  Listen();
  {
    const SocketFile file(socket_);
    ASSERT_EQ(unlink(socket_.path.c_str()), 0);
    std::ofstream(socket_.path) << "somebody else's";
  }
  EXPECT_TRUE(Exists());
}

TEST(InetSocket, PortInUse) {
  MilterSocket wanted = ParseMilterSocket("inet:1@127.0.0.1").value();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  wanted.length = sizeof wanted.address;
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&wanted.address), &wanted.length), 0);
  const Status status = PrepareMilterSocket(wanted);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(status.error().message.find("Address already in use"), std::string::npos) << status.error().message;
  close(listener);
}

}  // namespace
}  // namespace heloguard
