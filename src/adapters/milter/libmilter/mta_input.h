// What an MTA tells about a client, from libmilter's forms to ours. All of it is hostile bytes.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <optional>
#include <string_view>

#include "heloguard/base/ip_address.h"

namespace heloguard {

inline constexpr std::size_t kMaxMacroBytes = 255;  // of a macro's value looked at

// The first `cap` bytes of a C string; "" for null.
[[nodiscard]] std::string_view CappedText(const char* text, std::size_t cap);

// The client's address, unmapped: from libmilter's socket address, else from the macro {client_addr}, which MTAs write
// as "192.0.2.1", "2001:db8::1" or "IPv6:2001:db8::1". nullopt if neither holds one. `address` may be null.
[[nodiscard]] std::optional<IpAddress> ClientAddress(const sockaddr* address, std::string_view client_addr);

}  // namespace heloguard
