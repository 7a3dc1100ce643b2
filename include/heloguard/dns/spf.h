// SPF for the HELO identity (RFC 7208 section 2.3): may this client use this HELO name?
//
// The sender judged is postmaster@HELO-NAME (section 2.4). Sans-I/O: EvaluateSpf runs from the beginning over a book of
// answers and gives a result, or the questions without which it cannot go on; ask them, and call again.
//
//   "v=spf1 a -all"                              a record: ParseSpfRecord
//   "%{ir}.%{v}._spf.%{d2}"                      a domain-spec: CheckSpfDomainSpec, ExpandSpfMacros
//   "7.2.0.192.in-addr._spf.example.com"         a target name: SpfTargetName
//
// Records, and the names they lead to, are hostile bytes; every text below that is meant for people is escaped.
// An explanation (exp=) is checked and never fetched: its words are a stranger's.
//
// Where it is stricter than the RFC: an error while the client's reverse DNS is looked up for ptr or %{p} counts as no
// match, as section 5.5 says, but what comes of it in the end is temperror unless it is pass. What could not be looked
// up never makes a fail.
//
// Thread rule: pure functions over values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/result.h"
#include "heloguard/dns/dns.h"

namespace heloguard {

// RFC 7208 section 2.6.
enum class SpfResult : std::uint8_t { kNone, kNeutral, kPass, kFail, kSoftfail, kTemperror, kPermerror };
template <>
inline constexpr std::array<std::string_view, 7> EnumNames<SpfResult>{"none",     "neutral",   "pass",     "fail",
                                                                      "softfail", "temperror", "permerror"};

// --- records (sections 4.5, 4.6, 5, 6, 12) ---

enum class SpfMechanism : std::uint8_t { kAll, kInclude, kA, kMx, kPtr, kIp4, kIp6, kExists };
template <>
inline constexpr std::array<std::string_view, 8> EnumNames<SpfMechanism>{"all", "include", "a",   "mx",
                                                                         "ptr", "ip4",     "ip6", "exists"};

struct SpfTerm {
  SpfMechanism mechanism = SpfMechanism::kAll;
  SpfResult result = SpfResult::kPass;  // what a match gives: the qualifier
  std::string domain;                   // domain-spec, not expanded; "": the domain whose record this is
  IpAddress address;                    // of ip4 and ip6, bits behind the prefix as written
  unsigned prefix_v4 = 32;              // of ip4, a, mx
  unsigned prefix_v6 = 128;             // of ip6, a, mx
  std::string text;                     // as written
};

struct SpfRecord {
  std::vector<SpfTerm> terms;            // mechanisms, in order
  std::optional<std::string> redirect;   // domain-spec
  std::optional<std::string> explained;  // domain-spec of exp=
};

// Of a longer record nothing is read: a permerror. Section 3.4 wants them to fit into 512 octets; ten included ones of
// this length are read in a millisecond or two.
inline constexpr std::string_view kSpfVersion = "v=spf1";  // RFC 7208 section 4.5
inline constexpr std::size_t kMaxSpfRecord = 4'096;

// The texts that begin with the version section, in any case: "v=spf1" and a blank or the end. Views into `txt`.
[[nodiscard]] std::vector<std::string_view> SpfRecordsOf(const DnsAnswer& txt);
// Total: any bytes give a record, or what is wrong first (kInputData) with its column, counted in octets from 1.
// The syntax of every term counts, whether it would be reached or not (section 4.6).
[[nodiscard]] Result<SpfRecord> ParseSpfRecord(std::string_view text);

// --- macros (section 7) ---

// What is wrong with a text, and at which octet of it, counted from 0.
struct SpfFault {
  std::size_t offset = 0;
  std::string message;  // escaped
};
// A macro-string as modifiers that nobody knows may hold it; nullopt if it is well formed.
[[nodiscard]] std::optional<SpfFault> CheckSpfMacroString(std::string_view text);
// A domain-spec: a macro-string without c, r and t that ends in a top-level label or a macro.
[[nodiscard]] std::optional<SpfFault> CheckSpfDomainSpec(std::string_view text);

struct SpfMacroValues {
  IpAddress client;            // i, v
  DomainName helo;             // h, o; l is postmaster and s the two with an @
  DomainName domain;           // d
  std::string_view validated;  // p
};
// True if `spec` has the macro %{p}, in any case.
[[nodiscard]] bool UsesValidatedName(std::string_view spec);
// REQUIRES: CheckSpfDomainSpec(spec) finds nothing.
[[nodiscard]] std::string ExpandSpfMacros(std::string_view spec, const SpfMacroValues& values);
// The name an expanded domain-spec stands for: labels are dropped on the left until it has 253 characters at most
// (section 7.3). nullopt if a label is empty or too long.
[[nodiscard]] std::optional<DomainName> SpfTargetName(std::string_view expanded);

// --- evaluation (sections 4 to 6) ---

// Section 4.6.4: terms that look something up, and those of them that find nothing; names an mx or ptr may have.
inline constexpr std::size_t kMaxSpfLookupTerms = 10;
inline constexpr std::size_t kMaxSpfVoidLookups = 2;
inline constexpr std::size_t kMaxSpfNames = 10;

struct SpfIdentity {
  IpAddress client;  // unmapped
  DomainName helo;
};

struct SpfEvaluation {
  std::optional<SpfResult> result;
  // Without a result: what has to be asked next. Empty if that is in the book as not asked: it is on its way, or there
  // is no knowing.
  std::vector<DnsQuestion> questions;
  std::string record;  // of the HELO name, hostile bytes; "" if it has none, or not one
  // With a result, how it came about, in one line for people: "mail.example.com: include:_spf.example.net ->
  // ip4:192.0.2.0/24". Escaped.
  std::string why;
};
[[nodiscard]] SpfEvaluation EvaluateSpf(const SpfIdentity& identity, const DnsAnswers& book);

}  // namespace heloguard
