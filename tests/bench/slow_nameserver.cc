// Packets as in RFC 1035 section 4.1; a denial has a SOA, without which it would not be cached (RFC 2308 section 5).
#include "slow_nameserver.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "measure.h"

namespace heloguard::bench {
namespace {

constexpr std::size_t kHeader = 12;

std::string Octets(unsigned value, unsigned count) {
  std::string octets;
  for (unsigned i = count; i-- > 0;) octets += static_cast<char>((value >> (8 * i)) & 0xFFU);
  return octets;
}

// RFC 1035 section 3.3.14: pieces of 255 octets at most, each with its length in front.
std::string CharacterStrings(std::string_view text) {
  constexpr std::size_t kMaxPiece = 255;
  std::string data;
  do {
    const std::string_view piece = text.substr(0, kMaxPiece);
    data += Octets(static_cast<unsigned>(piece.size()), 1);
    data += piece;
    text.remove_prefix(piece.size());
  } while (!text.empty());
  return data;
}

std::string DataOf(const DnsRecord& record) {
  if (const auto* name = std::get_if<DomainName>(&record)) return name->ToWire();
  if (const auto* mx = std::get_if<MxRecord>(&record)) return Octets(mx->preference, 2) + mx->exchange.ToWire();
  if (const auto* txt = std::get_if<TxtRecord>(&record)) return CharacterStrings(txt->text);
  const auto bytes = std::get_if<IpAddress>(&record)->bytes();
  return {bytes.begin(), bytes.end()};
}

// Owner, type, class IN, TTL, data.
std::string Record(const std::string& owner, unsigned type, unsigned ttl, const std::string& data) {
  return owner + Octets(type, 2) + Octets(1, 2) + Octets(ttl, 4) + Octets(static_cast<unsigned>(data.size()), 2) + data;
}

std::string SoaOfTheRoot(unsigned ttl) {
  constexpr unsigned kSoa = 6;
  return Record(Octets(0, 1), kSoa, ttl, Octets(0, 2) + Octets(1, 4) + std::string(12, '\0') + Octets(ttl, 4));
}

// The answer to a query of one question, "" to anything else.
std::string AnswerTo(std::string_view query, const SlowNameserver::Zone& zone) {
  if (query.size() < kHeader) return "";
  const std::size_t end = query.find('\0', kHeader);
  if (end == std::string_view::npos || end + 5 > query.size()) return "";
  const auto name = DomainName::FromWire(query.substr(kHeader, end + 1 - kHeader));
  if (!name) return "";
  const unsigned type = static_cast<unsigned char>(query[end + 2]);
  const DnsAnswer answer = zone({*name, static_cast<RecordType>(type)});

  const unsigned flags = answer.status == DnsStatus::kNxDomain ? 0x8183 : 0x8180;  // a response, recursion there
  const auto records = static_cast<unsigned>(answer.data.size());
  std::string packet(query.substr(0, 2));
  packet += Octets(flags, 2) + Octets(1, 2) + Octets(records, 2) + Octets(records == 0 ? 1 : 0, 2) + Octets(0, 2);
  packet += query.substr(kHeader, end + 5 - kHeader);
  const std::string same_name = Octets(0xC000 + kHeader, 2);
  for (const DnsRecord& record : answer.data) packet += Record(same_name, type, answer.ttl, DataOf(record));
  if (records == 0) packet += SoaOfTheRoot(answer.ttl);
  return packet;
}

}  // namespace

SlowNameserver::SlowNameserver(Zone zone)
    : zone_(std::move(zone)), udp_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), stop_(eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (stop_.get() < 0 || bind(udp_.get(), generic, size) != 0 || getsockname(udp_.get(), generic, &size) != 0) {
    Fail("no nameserver on loopback");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

SlowNameserver::~SlowNameserver() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

void SlowNameserver::Serve() {
  Due due;
  std::array<pollfd, 2> fds{{{udp_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  while (fds[1].revents == 0) {
    SendWhatIsDue(&due);
    timespec wait{};
    if (!due.empty()) {
      const auto left = std::max(SteadyClock::duration::zero(), due.begin()->first - SteadyClock::now());
      const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
      wait = {nanoseconds / std::nano::den, nanoseconds % std::nano::den};
    }
    ppoll(fds.data(), fds.size(), due.empty() ? nullptr : &wait, nullptr);
    if (fds[0].revents != 0) Receive(&due);
  }
}

void SlowNameserver::Receive(Due* due) const {
  std::array<char, 1'500> buffer{};
  Reply reply{};
  socklen_t size = sizeof reply.peer;
  const ssize_t length =
      recvfrom(udp_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&reply.peer), &size);
  if (length < 0) return;
  reply.packet = AnswerTo({buffer.data(), static_cast<std::size_t>(length)}, zone_);
  if (reply.packet.empty()) return;
  due->emplace(SteadyClock::now() + std::chrono::milliseconds(round_trip_ms_), std::move(reply));
}

void SlowNameserver::SendWhatIsDue(Due* due) const {
  while (!due->empty() && due->begin()->first <= SteadyClock::now()) {
    const Reply reply = std::move(due->extract(due->begin()).mapped());
    sendto(udp_.get(), reply.packet.data(), reply.packet.size(), 0, reinterpret_cast<const sockaddr*>(&reply.peer),
           sizeof reply.peer);
  }
}

}  // namespace heloguard::bench
