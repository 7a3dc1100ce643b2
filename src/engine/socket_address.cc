// From sockaddr to IpAddress. What is handed out is a pointer to a union of all address types as a pointer to the
// smallest; copying is the way to read it without breaking aliasing rules. Tests: tests/unit/milter/mta_input_test.cc.
#include "socket_address.h"

#include <netinet/in.h>

#include <array>
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

}  // namespace heloguard
