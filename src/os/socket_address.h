// Addresses as the system's socket calls hand them out and want them.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>

#include "heloguard/base/ip_address.h"

namespace heloguard {

// The IPv4 or IPv6 address in `address`, unmapped; nullopt for any other family and for null. The size of the structure
// has to fit its family.
[[nodiscard]] std::optional<IpAddress> FromSocketAddress(const sockaddr* address);

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  [[nodiscard]] const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&storage); }
};
[[nodiscard]] SocketAddress ToSocketAddress(const IpAddress& address, std::uint16_t port);
// The port in `address`; 0 for any family but IPv4 and IPv6.
[[nodiscard]] std::uint16_t PortOf(const SocketAddress& address);

}  // namespace heloguard
