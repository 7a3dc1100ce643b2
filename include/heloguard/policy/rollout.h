// Enforcing for a share of the clients: `percent` of a rule or a policy.
//
// A client's network has a number from 0 to 99; percent = N enforces for the numbers below N and observes for the rest.
// The number is the same on every machine and in every version, so raising N only ever adds clients.
//
// Thread rule: pure functions.
#pragma once

#include <optional>

#include "heloguard/base/ip_address.h"
#include "heloguard/policy/policy.h"

namespace heloguard {

// The number 0 to 99 of the client's /24 (IPv4, also if mapped into IPv6) or /64 (IPv6).
[[nodiscard]] unsigned ShareOf(const IpAddress& client);

// How a rule or a policy of this mode and percent stands for a client. `percent` nullopt: for all clients alike. A
// client without an address has the number 0. An observing mode stays observing.
[[nodiscard]] Mode ModeFor(Mode mode, std::optional<unsigned> percent, const std::optional<IpAddress>& client);

}  // namespace heloguard
