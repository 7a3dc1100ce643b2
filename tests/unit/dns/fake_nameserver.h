// A nameserver for one test: UDP on a free port of 127.0.0.1, answering by the first word of the name asked for.
//
//   good...    A 192.0.2.1; the same for whatever name is not listed here
//   gone...    NXDOMAIN with a SOA
//   silent...  nothing, ever
//   garbage... eleven octets of no meaning
//   many...    300 A records over TCP, a truncated answer over UDP
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <string_view>
#include <thread>

namespace heloguard::testing {

class FakeNameserver {
 public:
  FakeNameserver() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    do {  // one port that is free for both
      if (udp_ >= 0) close(udp_);
      if (tcp_ >= 0) close(tcp_);
      address.sin_port = 0;
      udp_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      tcp_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      bind(udp_, generic, size);
      getsockname(udp_, generic, &size);
    } while (bind(tcp_, generic, size) != 0);
    listen(tcp_, 16);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~FakeNameserver() {
    eventfd_write(stop_, 1);
    thread_.join();
    close(udp_);
    close(tcp_);
    close(stop_);
  }
  FakeNameserver(const FakeNameserver&) = delete;
  FakeNameserver& operator=(const FakeNameserver&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int questions() const { return questions_; }

 private:
  void Serve() {
    pollfd fds[3] = {{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}, {stop_, POLLIN, 0}};
    while (poll(fds, 3, -1) > 0 && fds[2].revents == 0) {
      if (fds[0].revents != 0) ServeUdp();
      if (fds[1].revents != 0) ServeTcp();
    }
  }
  void ServeUdp() {
    char buffer[1500];
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    auto* generic = reinterpret_cast<sockaddr*>(&peer);
    const ssize_t length = recvfrom(udp_, buffer, sizeof buffer, 0, generic, &size);
    if (length < 17) return;
    const std::string answer = AnswerTo(std::string_view(buffer, static_cast<std::size_t>(length)), false);
    if (!answer.empty()) sendto(udp_, answer.data(), answer.size(), 0, generic, size);
  }
  void ServeTcp() {
    const int client = accept(tcp_, nullptr, nullptr);
    char buffer[1500];
    const ssize_t length = recv(client, buffer, sizeof buffer, 0);
    if (length > 19) {
      const std::string answer = AnswerTo(std::string_view(buffer + 2, static_cast<std::size_t>(length - 2)), true);
      std::string framed{static_cast<char>(answer.size() >> 8U), static_cast<char>(answer.size() & 0xFFU)};
      framed += answer;
      send(client, framed.data(), framed.size(), MSG_NOSIGNAL);
    }
    close(client);
  }

  std::string AnswerTo(std::string_view query, bool tcp) {
    ++questions_;
    const std::string_view name = query.substr(13);
    if (name.starts_with("silent")) return "";
    if (name.starts_with("garbage")) return "no message!";
    const std::size_t end = query.find('\0', 12) + 5;
    const bool many = name.starts_with("many");
    const std::string question(query.substr(12, end - 12));
    if (name.starts_with("gone")) {
      return Head(query, "\x81\x83", 0, 1) + question + std::string("\0\0\x06\0\x01\0\0\0\x3C\0\x16\0\0", 13) +
             std::string(19, '\0') + "\x3C";
    }
    if (many && !tcp) return Head(query, "\x83\x80", 0, 0) + question;
    const unsigned records = many ? 300 : 1;
    std::string answer = Head(query, "\x81\x80", records, 0) + question;
    for (unsigned i = 0; i < records; ++i) {
      answer += std::string("\xC0\x0C\0\x01\0\x01\0\0\0\x3C\0\x04\xC0\0", 14);
      answer += {static_cast<char>(2 + i / 256), static_cast<char>(1 + i % 256)};
    }
    return answer;
  }
  static std::string Head(std::string_view query, std::string_view flags, unsigned answers, unsigned authorities) {
    std::string head(query.substr(0, 2));
    head += flags;
    head += std::string("\0\x01", 2);
    head += {static_cast<char>(answers >> 8U),
             static_cast<char>(answers & 0xFFU),
             '\0',
             static_cast<char>(authorities),
             '\0',
             '\0'};
    return head;
  }

  int udp_ = -1;
  int tcp_ = -1;
  int stop_ = eventfd(0, EFD_CLOEXEC);
  std::uint16_t port_ = 0;
  std::atomic<int> questions_{0};
  std::thread thread_;
};

}  // namespace heloguard::testing
