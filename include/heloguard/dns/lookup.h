// The table of lookups, and the planner: which DNS questions a session needs. The planner is called again with the
// grown book of answers until it has nothing left to ask. It does no I/O and keeps no state.
//
// A row says what of a session its answers hang on (its key), how many questions it may ask, and which ones it asks.
// Sessions, the evidence cache and the caps read the table: a new lookup is a value in LookupId and a row in lookup.cc.
//
// Reverse DNS takes two rounds at most: PTR, then the forward lookups of all names side by side, in the client's own
// address family only. The HELO name's lookups are one round, beside them. SPF of the HELO name takes as many rounds as
// its record has terms to look up (spf.h), and hangs on both.
//
// Thread rule: pure functions; the table is immutable.
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
static_assert(EnumNames<LookupId>.size() <= LookupSet::kCapacity);

// What of a session a lookup's answers hang on: they serve every session that agrees in it. In the order in which the
// keys have a claim on a session's cap (ShareOf): the last one takes what the others leave. No row hangs on the MAIL
// domain yet.
enum class LookupKey : std::uint8_t { kClient, kHelo, kMailDomain, kClientAndHelo };
template <>
inline constexpr std::array<std::string_view, 4> EnumNames<LookupKey>{"client", "helo", "mail-domain",
                                                                       "client-and-helo"};

// What is known of a session. A row whose key has a part that is missing asks nothing.
struct LookupInputs {
  std::optional<IpAddress> client{};        // unmapped
  std::optional<DomainName> helo{};         // the HELO name, if it is a domain name
  std::optional<DomainName> mail_domain{};  // of the envelope sender
  friend bool operator==(const LookupInputs&, const LookupInputs&) = default;
};

struct LookupLimits {
  std::size_t max_ptr_names = 10;  // PTR names whose addresses are looked up (RFC 7208 section 5.5 has the same ten)
  std::size_t max_lookups = 40;    // questions one book may hold
};

// What a row's questions are made of.
struct LookupContext {
  const LookupInputs& inputs;
  const DnsAnswers& book;
  const LookupLimits& limits;
};

struct LookupSpec {
  LookupId id;
  LookupKey key;
  Source source;            // who is asked
  LookupSet prerequisites;  // rows of the same key whose answers its questions are made of
  // The most questions it ever asks of one book.
  std::size_t (*max_questions)(const LookupLimits& limits);
  // All it has to ask as far as `book` tells, whether asked already or not; the planner fills in the source. Reads no
  // inputs but its key's.
  std::vector<DnsQuestion> (*questions)(const LookupContext& context);
};

// The whole table, indexed by LookupId.
[[nodiscard]] std::span<const LookupSpec> LookupTable();
// The rows that hang on `key`; empty if there are none.
[[nodiscard]] LookupSet LookupsKeyedBy(LookupKey key);
// `wanted` and whatever its rows need first (forward lookups need the PTR).
[[nodiscard]] LookupSet WithPrerequisites(LookupSet wanted);

// `all` without what the rows of `wanted` do not hang on: two sessions that agree in the rest get the same answers.
[[nodiscard]] LookupInputs InputsFor(LookupSet wanted, const LookupInputs& all);
// The most questions the rows of `wanted` ask together, SPF's by the limits of RFC 7208 section 4.6.4.
[[nodiscard]] std::size_t MaxQuestions(LookupSet wanted, const LookupLimits& limits);
// What lookups of `key` may ask of a session's cap, `session`. Each key gets what its rows may ask, in the order of
// LookupKey, and leaves the next ones but the last what theirs may ask; one question at least while any is left.
[[nodiscard]] LookupLimits ShareOf(LookupKey key, const LookupLimits& session);

// The questions that can be asked now: wanted, possible with what `book` knows, and not in `book` yet (an entry with
// any status counts as asked). Empty when nothing is left, or nothing can be asked before an outstanding answer is in.
// Questions over max_lookups are left out.
[[nodiscard]] std::vector<DnsQuestion> NextQuestions(LookupSet wanted, const LookupInputs& inputs,
                                                     const DnsAnswers& book, const LookupLimits& limits);
// The same by the rows of `table`; of their prerequisites only those in `wanted`.
[[nodiscard]] std::vector<DnsQuestion> NextQuestionsOf(std::span<const LookupSpec> table, LookupSet wanted,
                                                       const LookupContext& context);

// The record type that holds addresses of the family of `address`.
[[nodiscard]] RecordType AddressTypeFor(const IpAddress& address);

}  // namespace heloguard
