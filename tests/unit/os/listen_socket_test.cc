// Socket settings, what is found in their way, and sockets opened by them.
#include "os/listen_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

namespace heloguard {
namespace {

TEST(ParseSocketText, Accepted) {
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
    const auto socket = ParseSocketText(text);
    ASSERT_TRUE(socket.ok()) << text << ": " << socket.error().ToString();
    EXPECT_EQ(socket.value().text, want) << text;
  }
}

TEST(ParseSocketText, Refused) {
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
    const auto socket = ParseSocketText(text);
    ASSERT_FALSE(socket.ok()) << text;
    EXPECT_EQ(socket.error().kind, ErrorKind::kConfig) << text;
    EXPECT_NE(socket.error().message.find(want), std::string::npos) << text << ": " << socket.error().message;
  }
}

TEST(Reachable, AllAddressesAreReachedThroughLoopback) {
  const ListenAddress v4 = Reachable(ParseSocketText("inet:8891").value());
  sockaddr_in got{};
  std::memcpy(&got, &v4.address.storage, sizeof got);
  EXPECT_EQ(got.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
  EXPECT_EQ(ntohs(got.sin_port), 8891);
  const ListenAddress v6 = Reachable(ParseSocketText("inet6:8892").value());
  sockaddr_in6 got6{};
  std::memcpy(&got6, &v6.address.storage, sizeof got6);
  EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&got6.sin6_addr));
  EXPECT_EQ(ntohs(got6.sin6_port), 8892);
  const ListenAddress one = Reachable(ParseSocketText("inet:8891@127.0.0.2").value());
  std::memcpy(&got, &one.address.storage, sizeof got);
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
    socket_ = ParseSocketText("unix:" + directory_ + "/milter.sock").value();
  }
  void TearDown() override {
    if (listener_ >= 0) close(listener_);
    unlink(socket_.path.c_str());
    rmdir(directory_.c_str());
  }
  void Listen() {
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(bind(listener_, socket_.address.generic(), socket_.address.length), 0);
    ASSERT_EQ(listen(listener_, 1), 0);
  }
  [[nodiscard]] bool Exists() const { return access(socket_.path.c_str(), F_OK) == 0; }

  std::string directory_;
  ListenAddress socket_;
  int listener_ = -1;
};

TEST_F(UnixSocket, FreePathIsFine) { EXPECT_TRUE(PrepareSocket(socket_).ok()); }

TEST_F(UnixSocket, StaleSocketIsRemoved) {
  Listen();
  close(listener_);
  listener_ = -1;
  ASSERT_TRUE(Exists());
  EXPECT_TRUE(PrepareSocket(socket_).ok());
  EXPECT_FALSE(Exists());
}

TEST_F(UnixSocket, LiveSocketIsLeftAlone) {
  Listen();
  const Status status = PrepareSocket(socket_);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(status.error().message.find("another process listens on it"), std::string::npos) << status.error().message;
  EXPECT_TRUE(Exists());
}

// Connecting to it would wait until it accepts.
TEST_F(UnixSocket, OneThatDoesNotAcceptIsAliveToo) {
  Listen();
  std::vector<std::unique_ptr<Descriptor>> waiting;
  int connected = 0;
  while (connected == 0) {
    waiting.push_back(std::make_unique<Descriptor>(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)));
    connected = connect(waiting.back()->get(), socket_.address.generic(), socket_.address.length);
    ASSERT_LT(waiting.size(), 100U);
  }
  ASSERT_EQ(errno, EAGAIN);
  const Status status = PrepareSocket(socket_);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("another process listens on it"), std::string::npos) << status.error().message;
  EXPECT_TRUE(Exists());
}

TEST_F(UnixSocket, AFolderOfEverybodysIsRefusedButASticky) {
  ASSERT_EQ(chmod(directory_.c_str(), 0777), 0);
  const Status status = PrepareSocket(socket_);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kConfig);
  EXPECT_NE(status.error().message.find("everybody may replace files in " + directory_), std::string::npos)
      << status.error().message;
  ASSERT_EQ(chmod(directory_.c_str(), 01777), 0);
  EXPECT_TRUE(PrepareSocket(socket_).ok());
}

TEST_F(UnixSocket, OtherFilesAreLeftAlone) {
  std::ofstream(socket_.path) << "precious";
  const Status status = PrepareSocket(socket_);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kConfig);
  EXPECT_TRUE(Exists());
}

TEST_F(UnixSocket, SymbolicLinksAreLeftAlone) {
  ASSERT_EQ(symlink("/dev/null", socket_.path.c_str()), 0);
  EXPECT_FALSE(PrepareSocket(socket_).ok());
  EXPECT_TRUE(Exists());
}

TEST_F(UnixSocket, MissingDirectoryIsNamed) {
  const auto elsewhere = ParseSocketText("unix:" + directory_ + "/none/milter.sock").value();
  const Status status = PrepareSocket(elsewhere);
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

class ListenSocketTest : public UnixSocket {
 protected:
  [[nodiscard]] int Connect() const {
    const Descriptor client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return connect(client.get(), socket_.address.generic(), socket_.address.length) == 0 ? 0 : errno;
  }
  [[nodiscard]] struct stat File() const {
    struct stat status {};
    EXPECT_EQ(lstat(socket_.path.c_str(), &status), 0);
    return status;
  }
};

TEST_F(ListenSocketTest, ListensAndRemovesItsFile) {
  {
    const auto opened = ListenSocket::Open(socket_, {.mode = 0620, .group = getgid(), .backlog = 5});
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    EXPECT_EQ(Connect(), 0);
    EXPECT_EQ(File().st_mode & 0777U, 0620U);
    EXPECT_EQ(File().st_gid, getgid());
    const int fd = opened.value()->fd();
    EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_NE(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    const Descriptor first(accept4(fd, nullptr, nullptr, SOCK_CLOEXEC));
    EXPECT_GE(first.get(), 0);
    EXPECT_EQ(accept4(fd, nullptr, nullptr, SOCK_CLOEXEC), -1) << "nobody else is there, and nothing waits";
  }
  EXPECT_FALSE(Exists());
}

TEST_F(ListenSocketTest, ModeIsThatAskedForWhateverTheMask) {
  const FileModeMask mask(0600);
  const auto opened = ListenSocket::Open(socket_, {.mode = 0666});
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  EXPECT_EQ(File().st_mode & 0777U, 0666U);
}

TEST_F(ListenSocketTest, ReplacesAStaleSocketAndNoLiveOne) {
  Listen();
  const auto refused = ListenSocket::Open(socket_, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("another process listens on it"), std::string::npos);
  close(listener_);
  listener_ = -1;
  EXPECT_TRUE(ListenSocket::Open(socket_, {}).ok());
}

// What could not be finished leaves no file behind, and never listened.
TEST_F(ListenSocketTest, NothingStaysOfOneThatFailed) {
  if (geteuid() == 0) GTEST_SKIP() << "root may give its files to any group";
  const auto refused = ListenSocket::Open(socket_, {.group = 0});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_FALSE(Exists());
}

TEST(InetSocket, PortInUse) {
  ListenAddress wanted = ParseSocketText("inet:1@127.0.0.1").value();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  wanted.address.length = sizeof wanted.address.storage;
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&wanted.address.storage), &wanted.address.length), 0);
  const Status status = PrepareSocket(wanted);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(status.error().message.find("Address already in use"), std::string::npos) << status.error().message;
  const auto refused = ListenSocket::Open(wanted, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "socket inet:1@[127.0.0.1]: cannot bind: Address already in use");
  close(listener);
  // Connections of its predecessor may linger; a successor opens the port all the same.
  EXPECT_TRUE(ListenSocket::Open(wanted, {}).ok());
}

}  // namespace
}  // namespace heloguard
