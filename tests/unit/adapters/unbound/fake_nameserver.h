// A nameserver for one test: UDP and TCP on a free port of 127.0.0.1, answering by the first word of the name asked
// for. It never sends DNSSEC signatures, whatever it is asked.
//
//   good...       A 192.0.2.1, SOA and DNSKEY; the same for whatever name is not listed here
//   gone...       NXDOMAIN with a SOA
//   empty...      NODATA with a SOA
//   silent...     nothing, ever
//   refused...    REFUSED
//   servfail...   SERVFAIL
//   garbage...    eleven octets of no meaning
//   many...       300 A records over TCP, a truncated answer over UDP
//   huge...       2,040 A records, nearly 32 KiB, likewise: libunbound follows 2,048 compression pointers, no more
//   cut...        a truncated answer over UDP, and TCP hangs up
//   wrongid...    the right answer under another id
//   wrongname...  the answer to another question
//   other...      an A record of another name
//   loop...       an A record whose owner is a compression pointer to itself
//   ring...       a CNAME to itself
//   chain...      a CNAME to the same name with one letter more
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
  struct Query {
    std::string_view packet;
    std::string question;  // name, type, class
    unsigned type = 0;
  };
  using Maker = std::string (*)(const Query&);
  struct Row {
    std::string_view word;
    Maker udp;
    Maker tcp;
  };

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
    const std::string answer = AnswerTo(std::string_view(buffer, static_cast<std::size_t>(length)), &Row::udp);
    if (!answer.empty()) sendto(udp_, answer.data(), answer.size(), 0, generic, size);
  }
  void ServeTcp() {
    const int client = accept(tcp_, nullptr, nullptr);
    char buffer[1500];
    const ssize_t length = recv(client, buffer, sizeof buffer, 0);
    if (length > 19) {
      const std::string answer =
          AnswerTo(std::string_view(buffer + 2, static_cast<std::size_t>(length - 2)), &Row::tcp);
      std::string framed = U16(static_cast<unsigned>(answer.size()));
      framed += answer;
      if (!answer.empty()) send(client, framed.data(), framed.size(), MSG_NOSIGNAL);
    }
    close(client);
  }

  std::string AnswerTo(std::string_view packet, Maker Row::*way) {
    ++questions_;
    const std::size_t end = packet.find('\0', 12) + 5;
    const auto type = static_cast<unsigned char>(packet[end - 3]);
    const Query query{packet, std::string(packet.substr(12, end - 12)), type};
    static constexpr Row kRows[] = {
        {"gone", Gone, Gone},
        {"empty", Empty, Empty},
        {"silent", Nothing, Nothing},
        {"refused", Refused, Refused},
        {"servfail", Fail, Fail},
        {"garbage", Garbage, Garbage},
        {"many", Cut, Addresses<300>},
        {"huge", Cut, Addresses<2'040>},
        {"cut", Cut, Nothing},
        {"wrongid", WrongId, WrongId},
        {"wrongname", WrongName, WrongName},
        {"other", Other, Other},
        {"loop", Loop, Loop},
        {"ring", Ring, Ring},
        {"chain", Chain, Chain},
        {"", Good, Good},
    };
    for (const Row& row : kRows) {
      if (packet.substr(13).starts_with(row.word)) return (row.*way)(query);
    }
    return "";
  }

  static std::string U16(unsigned value) { return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)}; }
  static std::string Zeros(std::size_t count) { return std::string(count, '\0'); }
  // Id, flags, counts, question.
  static std::string Head(const Query& query, unsigned flags, unsigned answers = 0, unsigned authorities = 0) {
    return std::string(query.packet.substr(0, 2)) + U16(flags) + U16(1) + U16(answers) + U16(authorities) + U16(0) +
           query.question;
  }
  // A record with a TTL of 60, of the name asked for unless another owner is given.
  static std::string Record(unsigned type, const std::string& data, const std::string& owner = "\xC0\x0C") {
    return owner + U16(type) + U16(1) + U16(0) + U16(60) + U16(static_cast<unsigned>(data.size())) + data;
  }
  static std::string Soa() { return Record(6, Zeros(2 + 16 + 2) + U16(60)); }  // two names, four numbers, MINIMUM

  static std::string Nothing(const Query&) { return ""; }
  static std::string Garbage(const Query&) { return "no message!"; }
  static std::string Gone(const Query& query) { return Head(query, 0x8183, 0, 1) + Soa(); }
  static std::string Empty(const Query& query) { return Head(query, 0x8180, 0, 1) + Soa(); }
  static std::string Refused(const Query& query) { return Head(query, 0x8185); }
  static std::string Fail(const Query& query) { return Head(query, 0x8182); }
  static std::string Cut(const Query& query) { return Head(query, 0x8380); }
  static std::string Good(const Query& query) {
    if (query.type == 6) return Head(query, 0x8180, 1) + Soa();
    if (query.type == 48) return Head(query, 0x8180, 1) + Record(48, "\x01\x01\x03\x0D" + std::string(64, 'k'));
    return Addresses<1>(query);
  }
  template <unsigned kCount>
  static std::string Addresses(const Query& query) {
    std::string answer = Head(query, 0x8180, kCount);
    for (unsigned i = 0; i < kCount; ++i) answer += Record(1, "\xC0" + Zeros(1) + U16((2 << 8U) + 1 + i));
    return answer;
  }
  static std::string WrongId(const Query& query) {
    std::string answer = Addresses<1>(query);
    answer[0] = static_cast<char>(answer[0] ^ 1);
    return answer;
  }
  static std::string WrongName(const Query& query) {
    std::string answer = Addresses<1>(query);
    answer[13] = 'x';
    return answer;
  }
  static std::string Other(const Query& query) {
    return Head(query, 0x8180, 1) + Record(1, std::string("\xC0\0\2\1", 4), std::string("\5other\0", 7));
  }
  static std::string Loop(const Query& query) {
    const std::string head = Head(query, 0x8180, 1);
    return head + Record(1, std::string("\xC0\0\2\1", 4), U16(0xC000U + static_cast<unsigned>(head.size())));
  }
  static std::string Ring(const Query& query) { return Head(query, 0x8180, 1) + Record(5, "\xC0\x0C"); }
  static std::string Chain(const Query& query) {
    const auto length = static_cast<unsigned char>(query.question[0]);
    std::string target(1, static_cast<char>(length + 1));
    target += query.question.substr(1, length) + "x" + U16(0xC00DU + length);
    return Head(query, 0x8180, 1) + Record(5, target);
  }

  int udp_ = -1;
  int tcp_ = -1;
  int stop_ = eventfd(0, EFD_CLOEXEC);
  std::uint16_t port_ = 0;
  std::atomic<int> questions_{0};
  std::thread thread_;
};

}  // namespace heloguard::testing
