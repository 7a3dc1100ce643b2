// The metrics over HTTP, asked by a plain socket.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include "adapters/metrics/metrics.h"

namespace heloguard {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

int Connect(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};  // a server that hangs fails the test instead of holding it
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return fd;
}

// Everything the server says to `request` until it closes.
std::string Ask(std::uint16_t port, const std::string& request) {
  const int fd = Connect(port);
  EXPECT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
  std::string response;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) {
    response.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return response;
}

std::string Line(const std::string& method_and_path) {
  return method_and_path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
}

class ServedMetrics : public testing::Test {
 protected:
  ServedMetrics() { listening_ = metrics_.Listen("127.0.0.1:0").ok(); }
  Metrics metrics_{"9.9.9"};
  bool listening_ = false;
};

TEST(MetricsServerTest, HealthFollowsTheSocket) {
  std::atomic<bool> serving = false;
  MetricsProbes probes;
  probes.serving = [&serving] { return serving.load(); };
  probes.log_dropped = [] { return std::size_t{7}; };
  Metrics metrics("1", probes);
  ASSERT_TRUE(metrics.Listen("127.0.0.1:0").ok());
  EXPECT_THAT(Ask(metrics.port(), Line("GET /healthz")), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(metrics.Text(), HasSubstr("\nheloguard_serving 0\n"));
  serving = true;
  EXPECT_THAT(Ask(metrics.port(), Line("GET /healthz")), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(metrics.Text(), HasSubstr("\nheloguard_serving 1\n"));
  EXPECT_THAT(metrics.Text(), HasSubstr("\nheloguard_log_dropped_total 7\n"));  // however often it is asked
}

// Until the other side has closed.
std::string Rest(int fd) {
  std::string rest;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0;)
    rest.append(buffer, static_cast<std::size_t>(got));
  ::close(fd);
  return rest;
}

TEST(MetricsServerTest, ConnectionsBeyondTheLimitAreClosedAndCounted) {
  Metrics metrics("1");
  ASSERT_TRUE(metrics.Listen("127.0.0.1:0", {.connections = 5}).ok());
  std::vector<int> slow;
  for (int i = 0; i < 5; ++i) {
    slow.push_back(Connect(metrics.port()));
    ASSERT_EQ(::send(slow.back(), "GET /metr", 9, MSG_NOSIGNAL), 9);
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Rest(Connect(metrics.port())), "") << i;
  EXPECT_THAT(metrics.Text(), HasSubstr("\nheloguard_metrics_rejected_total 20\n"));
  for (const int fd : slow) {
    const std::string end = "ics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    ASSERT_EQ(::send(fd, end.data(), end.size(), MSG_NOSIGNAL), static_cast<ssize_t>(end.size()));
    EXPECT_THAT(Rest(fd), StartsWith("HTTP/1.1 200 OK")) << "those that were there are served";
  }
  EXPECT_THAT(Ask(metrics.port(), Line("GET /healthz")), StartsWith("HTTP/1.1 200 "));
}

// An octet now and then keeps the library's idle time from running out.
TEST(MetricsServerTest, AConnectionWithoutARequestIsClosedHoweverBusyItIs) {
  Metrics metrics("1");
  ASSERT_TRUE(metrics.Listen("127.0.0.1:0", {.connections = 5, .request = std::chrono::seconds(1)}).ok());
  const int fd = Connect(metrics.port());
  const timeval tick{.tv_sec = 0, .tv_usec = 100'000};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick);
  ssize_t got = -1;
  for (int i = 0; i < 150 && got < 0; ++i) {
    if (::send(fd, "G", 1, MSG_NOSIGNAL) != 1) break;
    char octet = 0;
    got = ::recv(fd, &octet, 1, 0);
    if (got < 0 && errno != EAGAIN) break;
  }
  EXPECT_TRUE(got == 0 || errno == ECONNRESET || errno == EPIPE) << got << " " << errno;
  ::close(fd);
}

TEST(MetricsServerTest, AScraperThatKeepsItsConnectionIsServedAnewEachTime) {
  Metrics metrics("1");
  ASSERT_TRUE(metrics.Listen("127.0.0.1:0", {.connections = 1, .request = std::chrono::seconds(1)}).ok());
  const int fd = Connect(metrics.port());
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1'500);
  while (std::chrono::steady_clock::now() < end) {
    ASSERT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
    char buffer[4096];
    ASSERT_GT(::recv(fd, buffer, sizeof buffer, 0), 0);
  }
  ::close(fd);
}

TEST_F(ServedMetrics, AnswersTwoPathsAndTwoMethods) {
  ASSERT_TRUE(listening_);
  ASSERT_NE(metrics_.port(), 0);
  const struct {
    std::string request, first_line, contains;
  } kRows[] = {
      {Line("GET /metrics"), "HTTP/1.1 200 OK\r\n", "heloguard_build_info{version=\"9.9.9\"} 1\n"},
      {Line("GET /metrics?debug=1"), "HTTP/1.1 200 OK\r\n", "heloguard_sessions_total 0\n"},
      {Line("GET /healthz"), "HTTP/1.1 200 OK\r\n", "\r\n\r\nok\n"},
      {Line("HEAD /healthz"), "HTTP/1.1 200 OK\r\n", "Content-Length: 3\r\n"},
      {Line("GET /"), "HTTP/1.1 404 Not Found\r\n", "/metrics"},
      {Line("GET /metrics/"), "HTTP/1.1 404 Not Found\r\n", ""},
      {Line("GET /metrics%00"), "HTTP/1.1 404 Not Found\r\n", ""},
      {Line("GET /../etc/passwd"), "HTTP/1.1 404 Not Found\r\n", ""},
      {Line("HEAD /x"), "HTTP/1.1 404 Not Found\r\n", ""},
      {Line("POST /metrics"), "HTTP/1.1 405 Method Not Allowed\r\n", "Allow: GET, HEAD\r\n"},
      {Line("DELETE /metrics"), "HTTP/1.1 405 Method Not Allowed\r\n", "Allow: GET, HEAD\r\n"},
      {Line("OPTIONS /nowhere"), "HTTP/1.1 405 Method Not Allowed\r\n", ""},
      {Line("PATCH /healthz"), "HTTP/1.1 405 Method Not Allowed\r\n", ""},
  };
  for (const auto& row : kRows) {
    const std::string response = Ask(metrics_.port(), row.request);
    EXPECT_THAT(response, StartsWith(row.first_line)) << row.request;
    EXPECT_THAT(response, HasSubstr(row.contains)) << row.request;
  }
}

TEST_F(ServedMetrics, AHeadHasNoBody) {
  ASSERT_TRUE(listening_);
  EXPECT_TRUE(Ask(metrics_.port(), Line("HEAD /metrics")).ends_with("\r\n\r\n"));
}

TEST_F(ServedMetrics, ShowsWhatIsCountedMeanwhile) {
  ASSERT_TRUE(listening_);
  metrics_.SessionOpened();
  EXPECT_THAT(Ask(metrics_.port(), Line("GET /metrics")), HasSubstr("\nheloguard_sessions_total 1\n"));
}

TEST_F(ServedMetrics, GarbageAndExcessAreSurvived) {
  ASSERT_TRUE(listening_);
  for (const std::string& request :
       {std::string("\r\n\r\n\r\n"), std::string("\0\1\2\3\r\n\r\n", 8), std::string("GET\r\n\r\n"),
        "GET /metrics HTTP/1.1\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n",
        "POST /metrics HTTP/1.1\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n" + std::string(4'000, 'b')}) {
    const int fd = Connect(metrics_.port());
    // The server may close before all is sent.
    [[maybe_unused]] const ssize_t sent = ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    ::shutdown(fd, SHUT_WR);
    char byte = 0;
    while (::recv(fd, &byte, 1, 0) > 0) {
    }
    ::close(fd);
  }
  EXPECT_THAT(Ask(metrics_.port(), Line("GET /healthz")), HasSubstr("ok\n"));
}

TEST_F(ServedMetrics, EndsWithConnectionsOpen) {
  ASSERT_TRUE(listening_);
  std::vector<int> idle;
  for (int i = 0; i < 5; ++i) idle.push_back(Connect(metrics_.port()));
  EXPECT_THAT(Ask(metrics_.port(), Line("GET /healthz")), HasSubstr("ok\n"));
  // The destructor must not wait for them; the test's timeout would tell.
  {
    Metrics other("1");
    ASSERT_TRUE(other.Listen("127.0.0.1:0").ok());
    idle.push_back(Connect(other.port()));
  }
  for (const int fd : idle) ::close(fd);
}

TEST_F(ServedMetrics, ATakenPortIsUnavailable) {
  ASSERT_TRUE(listening_);
  Metrics second("1");
  const Status status = second.Listen("127.0.0.1:" + std::to_string(metrics_.port()));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(status.error().message, StartsWith("metrics.listen: cannot listen on 127.0.0.1 port "));
  EXPECT_THAT(status.error().message, HasSubstr("Address already in use"));
  EXPECT_EQ(second.port(), 0);
}

TEST(MetricsListen, AMalformedAddressIsAMatterOfConfiguration) {
  for (const std::string text : {"", "9911", "localhost:9911", "127.0.0.1:70000"}) {
    Metrics metrics("1");
    const Status status = metrics.Listen(text);
    ASSERT_FALSE(status.ok()) << text;
    EXPECT_EQ(status.error().kind, ErrorKind::kConfig);
    EXPECT_THAT(status.error().message, StartsWith("metrics.listen: "));
  }
}

TEST(MetricsListen, TakesIpv6) {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = in6addr_loopback;
  const bool has_ipv6 = ::bind(fd, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) == 0;
  ::close(fd);
  if (!has_ipv6) GTEST_SKIP() << "this machine has no IPv6 loopback";
  Metrics metrics("1");
  EXPECT_TRUE(metrics.Listen("[::1]:0").ok());
  EXPECT_NE(metrics.port(), 0);
}

}  // namespace
}  // namespace heloguard
