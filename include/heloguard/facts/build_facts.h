// From inputs and DNS answers to facts: pure, total, the same for the daemon, `check`, `test` and `replay`.
//
// Thread rule: pure functions over values.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "heloguard/facts/fact.h"

namespace heloguard {

// RFC 8601 section 3, "iprev": no PTR is permerror; names that lead elsewhere or nowhere are fail.
enum class RdnsStatus : std::uint8_t { kPass, kFail, kPermerror, kTemperror };
template <>
inline constexpr std::array<std::string_view, 4> EnumNames<RdnsStatus>{"pass", "fail", "permerror", "temperror"};

enum class LiteralMatch : std::uint8_t { kMatch, kMismatch };
template <>
inline constexpr std::array<std::string_view, 2> EnumNames<LiteralMatch>{"match", "mismatch"};

enum class HeloAddress : std::uint8_t { kMatch, kMismatch, kNxDomain, kNoData, kTemperror, kBogus };
template <>
inline constexpr std::array<std::string_view, 6> EnumNames<HeloAddress>{"match",  "mismatch",  "nxdomain",
                                                                        "nodata", "temperror", "bogus"};

enum class HeloMx : std::uint8_t { kPresent, kNull, kNone, kTemperror };
template <>
inline constexpr std::array<std::string_view, 4> EnumNames<HeloMx>{"present", "null", "none", "temperror"};

// How two names agree: equal, of one organisational domain, or neither.
enum class Agreement : std::uint8_t { kSame, kSameDomain, kDifferent };
template <>
inline constexpr std::array<std::string_view, 3> EnumNames<Agreement>{"same", "same-domain", "different"};

// Who we are: for helo.traits "ours".
struct OwnIdentity {
  std::vector<DomainName> names;     // exactly these
  std::vector<DomainName> suffixes;  // everything below these (settings with a leading dot)
  std::vector<IpAddress> addresses;  // of this host's interfaces, unmapped
};

// Reverse DNS told by hand (`check --rdns`, batch, replay) instead of looked up.
struct SuppliedRdns {
  std::optional<DomainName> name;    // nullopt: no name is known
  std::optional<RdnsStatus> status;  // nullopt: whether the name is verified is unknown
  std::optional<Dnssec> dnssec = {};  // of the links from the address to the name and back; nullopt: unknown
};

// Everything known about a session that is not DNS. What has not happened yet is nullopt.
struct SessionInputs {
  std::optional<IpAddress> client;    // unmapped; nullopt: a client without an address
  bool client_known = false;          // false before connect
  std::optional<std::uint16_t> port;  // macro {daemon_port}
  std::optional<bool> tls;            // known from HELO on
  std::optional<bool> authenticated;  // known from MAIL on
  std::optional<Helo> helo;           // nullopt before HELO; at MAIL a session without any has kind missing
  std::optional<bool> helo_changed = false;  // nullopt: nobody knows whether another name was said before
  std::string mta_name;                    // macro j, "" if not sent
  std::shared_ptr<const OwnIdentity> own;  // never null
  std::optional<SuppliedRdns> rdns;
};

// What the answers say about the client's reverse DNS, worked out once for the facts that need it.
struct RdnsEvidence {
  enum class Known : std::uint8_t { kUnknown, kNotApplicable, kKnown };
  Known ptr_state = Known::kUnknown;  // whether ptr_names is settled
  std::vector<DomainName> ptr_names;  // all, verified or not; sorted
  std::vector<DomainName> verified;   // those whose addresses hold the client's; sorted
  bool all_settled = false;           // every PTR name's forward lookup gave an answer that says something
  std::optional<RdnsStatus> status;   // nullopt: unknown
  std::optional<Dnssec> dnssec;       // nullopt: unknown

  // The name to show people: the first verified one, else the first of any; null if none is known.
  [[nodiscard]] const DomainName* ShownName() const;
};
// True if it is settled that the client has none. Told by hand, a pass may come without the name.
[[nodiscard]] bool HasNoVerifiedName(const RdnsEvidence& rdns);
[[nodiscard]] RdnsEvidence AssessRdns(const SessionInputs& inputs, const DnsAnswers& answers);

// What the compute functions see.
struct FactContext {
  const SessionInputs& inputs;
  const DnsAnswers& answers;
  const RdnsEvidence& rdns;
};

class Facts {
 public:
  [[nodiscard]] const Fact& operator[](FactId id) const { return facts_[static_cast<std::size_t>(id)]; }
  void Set(FactId id, Fact fact) { facts_[static_cast<std::size_t>(id)] = std::move(fact); }
  friend bool operator==(const Facts&, const Facts&) = default;

 private:
  std::array<Fact, kFactCount> facts_;  // all unknown at first
};

// Computes the facts in `wanted`; the others stay unknown. Facts that hang on an unasked lookup are unknown.
[[nodiscard]] Facts BuildFacts(FactSet wanted, const FactContext& context);
[[nodiscard]] Facts BuildFacts(FactSet wanted, const SessionInputs& inputs, const DnsAnswers& answers);

// A value as the policy language writes it: "fqdn", "192.0.2.1", "true"; for sets and names the words, escaped.
// REQUIRES: fact.has_value().
[[nodiscard]] std::vector<std::string> ValueTexts(const FactSpec& spec, const Fact& fact);

}  // namespace heloguard
