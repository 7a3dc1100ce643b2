// Facts: what can be known about a session, as one table.
//
// A row is the name in the policy language, the documentation, the validation and the code that computes it, all at
// once. Adding a fact is one compute function and one row in src/core/facts/; no dispatcher is edited.
//
// A fact is in one of four states (CONTRACT: "Three-valued"):
//   known           it has a value
//   transient       its value is temperror or bogus, or it is names of which more may yet turn up: a condition that
//                   the value meets holds, any other is unknown
//   unknown         not looked up, or not yet: every condition on it is unknown
//   not applicable  it has no meaning here (helo.address of a literal): every condition on it is false
//
// Thread rule: values; the table is immutable.
#pragma once

#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "heloguard/dns/dns.h"
#include "heloguard/dns/lookup.h"
#include "heloguard/facts/helo.h"

namespace heloguard {

// The points of an SMTP session at which something becomes known or a reply can be given, in their order.
enum class Stage : std::uint8_t { kConnect, kHelo, kMail, kRcpt, kEom };
template <>
inline constexpr std::array<std::string_view, 5> EnumNames<Stage>{"connect", "helo", "mail", "rcpt", "eom"};

enum class FactId : std::uint8_t {
  kClientAddress, kClientPort, kClientTls, kClientAuthenticated,
  kHeloName, kHeloKind, kHeloFlaws, kHeloTraits, kHeloLiteral, kHeloChanged,
  kHeloAddress, kHeloDnssec, kHeloMx, kHeloRdns, kHeloPtr,
  kRdnsStatus, kRdnsName, kRdnsPtr, kRdnsTraits, kRdnsDnssec,
  kSpfHelo,
};
inline constexpr std::size_t kFactCount = 21;
using FactSet = EnumSet<FactId>;
static_assert(kFactCount < FactSet::kCapacity);  // kAllFacts shifts by it

// The shape of a fact's value, and so of the values a condition may name.
enum class FactType : std::uint8_t {
  kAddress,  // an IP address; conditions name CIDR blocks or lists
  kPort,     // 1 to 65535; conditions name ports
  kBool,     // true or false
  kEnum,     // one word of `values`
  kSet,      // any number of words of `values`; a condition holds if one of its words is among them
  kNames,    // zero or more host names; conditions name RE2 patterns or lists; one name that matches suffices
};
template <>
inline constexpr std::array<std::string_view, 6> EnumNames<FactType>{"address", "port", "bool", "enum", "set", "names"};

enum class FactState : std::uint8_t { kUnknown, kNotApplicable, kKnown, kTransient };

class Fact {
 public:
  Fact() = default;  // unknown
  static Fact Unknown() { return {}; }
  static Fact NotApplicable() { return Fact(FactState::kNotApplicable, std::monostate{}); }
  static Fact Address(const IpAddress& a) { return Fact(FactState::kKnown, a); }
  static Fact Port(std::uint16_t p) { return Fact(FactState::kKnown, std::uint32_t{p}); }
  // Bool, enum and set values are bits over the row's `values`: false is bit 0, true bit 1.
  static Fact Bool(bool b) { return Fact(FactState::kKnown, b ? 2U : 1U); }
  template <class E>
  static Fact Enum(E e) {
    return Fact(FactState::kKnown, 1U << static_cast<unsigned>(e));
  }
  template <class E>
  static Fact Transient(E e) {
    return Fact(FactState::kTransient, 1U << static_cast<unsigned>(e));
  }
  template <class E>
  static Fact Set(EnumSet<E> s) {
    return Fact(FactState::kKnown, s.bits());
  }
  static Fact Names(std::vector<std::string> names) { return Fact(FactState::kKnown, std::move(names)); }
  // Some of the names; others could not be settled.
  static Fact SomeNames(std::vector<std::string> names) { return Fact(FactState::kTransient, std::move(names)); }

  [[nodiscard]] FactState state() const { return state_; }
  [[nodiscard]] bool has_value() const { return state_ == FactState::kKnown || state_ == FactState::kTransient; }
  // REQUIRES: has_value() and the row's type is the one asked for.
  [[nodiscard]] const IpAddress& address() const { return *std::get_if<IpAddress>(&value_); }
  [[nodiscard]] std::uint32_t number() const { return *std::get_if<std::uint32_t>(&value_); }  // port or bits
  [[nodiscard]] const std::vector<std::string>& names() const {
    return *std::get_if<std::vector<std::string>>(&value_);
  }

  friend bool operator==(const Fact&, const Fact&) = default;

 private:
  using Value = std::variant<std::monostate, std::uint32_t, IpAddress, std::vector<std::string>>;
  Fact(FactState state, Value value) : state_(state), value_(std::move(value)) {}
  FactState state_ = FactState::kUnknown;
  Value value_;
};

// The value of an enum fact; nullopt if it has none. REQUIRES: the row's words are those of E.
template <class E>
[[nodiscard]] std::optional<E> ValueOf(const Fact& fact) {
  if (!fact.has_value()) return std::nullopt;
  return static_cast<E>(std::countr_zero(fact.number()));
}

struct FactContext;  // facts.h

struct FactSpec {
  FactId id;
  std::string_view name;                     // "helo.kind", as in policies, JSON and documentation
  FactType type;
  std::span<const std::string_view> values;  // the words, for bool, enum and set; empty otherwise
  Stage known_from;
  std::string_view needs;                    // for people: "PTR, then A or AAAA", "macro", "-"
  LookupSet lookups;                         // prerequisites included
  std::string_view help;                     // one or two sentences
  Fact (*compute)(const FactContext&);
};

// The whole table, indexed by FactId.
[[nodiscard]] std::span<const FactSpec> FactTable();
[[nodiscard]] const FactSpec& SpecOf(FactId id);
// nullptr if there is no such fact.
[[nodiscard]] const FactSpec* FindFact(std::string_view name);
// The lookups a set of facts needs.
[[nodiscard]] LookupSet LookupsFor(FactSet facts);
inline constexpr FactSet kAllFacts = FactSet::FromBits((1U << kFactCount) - 1);

}  // namespace heloguard
