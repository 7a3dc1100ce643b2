// Which DNS questions a session needs: a pure planner, called again with the grown book of answers until it has
// nothing left to ask. It does no I/O and keeps no state.
//
// Reverse DNS takes two rounds at most: PTR, then the forward lookups of all names side by side, in the client's own
// address family only. The HELO name's lookups are one round, beside them. SPF of the HELO name takes as many rounds as
// its record has terms to look up (spf.h), and hangs on both.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "heloguard/dns/dns.h"

namespace heloguard {

// One row of the lookup table (lookup.cc). A fact names the rows it needs.
enum class LookupId : std::uint8_t { kReversePtr, kReverseForward, kHeloAddress, kHeloMx, kSpf };
using LookupSet = EnumSet<LookupId>;
template <>
inline constexpr std::array<std::string_view, 5> EnumNames<LookupId>{"reverse-ptr", "reverse-forward", "helo-address",
                                                                      "helo-mx", "spf"};

struct LookupInputs {
  std::optional<IpAddress> client;  // unmapped; nullopt: no reverse lookups
  std::optional<DomainName> helo;   // nullopt: no HELO lookups
};

struct LookupLimits {
  std::size_t max_ptr_names = 10;  // PTR names whose addresses are looked up (RFC 7208 section 5.5 has the same ten)
  std::size_t max_lookups = 40;    // questions one book may hold
};

// The lookups that hang on the client's address, those that hang on the HELO name, and those that hang on both.
inline constexpr LookupSet kClientLookups{LookupId::kReversePtr, LookupId::kReverseForward};
inline constexpr LookupSet kHeloLookups{LookupId::kHeloAddress, LookupId::kHeloMx};
inline constexpr LookupSet kSpfLookups{LookupId::kSpf};
// A HELO name asks no more than this, SPF apart: A, AAAA, MX.
inline constexpr std::size_t kMostHeloQuestions = 3;

// `wanted` and whatever its rows need first (forward lookups need the PTR).
[[nodiscard]] LookupSet WithPrerequisites(LookupSet wanted);

// The questions that can be asked now: wanted, possible with what `book` knows, and not in `book` yet (an entry with
// any status counts as asked). Empty when nothing is left, or nothing can be asked before an outstanding answer is in.
// Questions over max_lookups are left out.
[[nodiscard]] std::vector<DnsQuestion> NextQuestions(LookupSet wanted, const LookupInputs& inputs,
                                                     const DnsAnswers& book, const LookupLimits& limits);

// The record type that holds addresses of the family of `address`.
[[nodiscard]] RecordType AddressTypeFor(const IpAddress& address);

}  // namespace heloguard
