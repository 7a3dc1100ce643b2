// Between sockaddr and IpAddress. What is handed out is a pointer to a union of all address types as a pointer to the
// smallest; copying is the way to read it without breaking aliasing rules.
// Tests: tests/unit/os/socket_address_test.cc, tests/unit/adapters/milter/libmilter/mta_input_test.cc.
#include "os/socket_address.h"

#include <netinet/in.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace heloguard {

std::optional<IpAddress> FromSocketAddress(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return IpAddress::V4(octets);
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
    return IpAddress::V6(octets).Unmapped();
  }
  return std::nullopt;
}

SocketAddress ToSocketAddress(const IpAddress& address, std::uint16_t port) {
  SocketAddress socket;
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address.bytes().data(), sizeof v4.sin_addr);
    std::memcpy(&socket.storage, &v4, sizeof v4);
    socket.length = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
    std::memcpy(&socket.storage, &v6, sizeof v6);
    socket.length = sizeof v6;
  }
  return socket;
}

std::uint16_t PortOf(const SocketAddress& address) {
  if (address.storage.ss_family != AF_INET && address.storage.ss_family != AF_INET6) return 0;
  sockaddr_in v4{};  // the port stands at the same place in both
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  std::memcpy(&v4, &address.storage, sizeof v4);
  return ntohs(v4.sin_port);
}

}  // namespace heloguard
