// Addresses as the system's socket calls hand them out.
#pragma once

#include <sys/socket.h>

#include <optional>

#include "heloguard/ip_address.h"

namespace heloguard {

// The IPv4 or IPv6 address in `address`, unmapped; nullopt for any other family and for null. The size of the structure
// has to fit its family.
[[nodiscard]] std::optional<IpAddress> FromSocketAddress(const sockaddr* address);

}  // namespace heloguard
