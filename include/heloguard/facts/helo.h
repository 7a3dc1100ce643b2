// What a client said in HELO or EHLO, parsed.
//
// ParseHelo is total: every byte string has exactly one kind, and none makes it fail.
//
//   text                     kind            flaws
//   mail.example.com.        fqdn            -               (one trailing dot is removed, case is folded)
//   mail_1.example.com       fqdn            underscore
//   mail.example.1           fqdn            numeric-tld
//   friend                   single-label    -
//   192.0.2.1                bare-ipv4       -
//   2001:db8::1              bare-ipv6       -
//   [192.0.2.1]              ipv4-literal    -
//   [IPv6:2001:db8::1]       ipv6-literal    -               (the tag in any case)
//   [x400:c=de]              other-literal   -               (General-address-literal)
//   [2001:db8::1]            malformed       bad-literal     (IPv6 without its tag)
//   [192.0.2.1               malformed       bad-literal     (a bracket on one side)
//   a..example.com           malformed       empty-label
//   (nothing)                malformed       empty-label
//   mail example             malformed       several-words
//
// A name stays fqdn or single-label with the flaws underscore, numeric-tld, unknown-tld, public-suffix and
// bad-punycode; every other flaw makes it malformed. Sources: RFC 5321 sections 2.3.5, 4.1.1.1, 4.1.2, 4.1.3; RFC 1123
// section 2.1; RFC 5890 (A-labels); RFC 6531 section 3.7.1 (no 8-bit in HELO).
//
// Limits: at most kMaxHeloBytes are looked at; a longer text is cut, and the cut one has name-too-long.
// Thread rule: values; the functions are pure and safe for concurrent use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "heloguard/base/domain_name.h"
#include "heloguard/base/enum_set.h"
#include "heloguard/base/ip_address.h"

namespace heloguard {

// Twice the longest name in text form, so that a name that is merely too long is still shown whole.
inline constexpr std::size_t kMaxHeloBytes = 512;

enum class HeloKind : std::uint8_t {
  kMissing, kFqdn, kSingleLabel, kBareIpv4, kBareIpv6, kIpv4Literal, kIpv6Literal, kOtherLiteral, kMalformed,
};
template <>
inline constexpr std::array<std::string_view, 9> EnumNames<HeloKind>{
    "missing", "fqdn", "single-label", "bare-ipv4", "bare-ipv6", "ipv4-literal", "ipv6-literal", "other-literal",
    "malformed"};

enum class HeloFlaw : std::uint8_t {
  kBadCharacter, kControlCharacter, kNonAscii, kUnderscore, kEmptyLabel, kEdgeHyphen, kLabelTooLong, kNameTooLong,
  kNumericTld, kUnknownTld, kPublicSuffix, kBadPunycode, kBadLiteral, kSeveralWords,
};
template <>
inline constexpr std::array<std::string_view, 14> EnumNames<HeloFlaw>{
    "bad-character", "control-character", "non-ascii", "underscore", "empty-label", "edge-hyphen", "label-too-long",
    "name-too-long", "numeric-tld", "unknown-tld", "public-suffix", "bad-punycode", "bad-literal", "several-words"};

// Who a name claims to be; the same words serve for HELO and for PTR names.
enum class NameTrait : std::uint8_t { kLocalhost, kSpecialUse, kPrivateAddress, kEmbedsClientIp, kOurs };
template <>
inline constexpr std::array<std::string_view, 5> EnumNames<NameTrait>{"localhost", "special-use", "private-address",
                                                                       "embeds-client-ip", "ours"};

struct Helo {
  HeloKind kind = HeloKind::kMissing;
  EnumSet<HeloFlaw> flaws;
  std::string text;                   // as sent, kMaxHeloBytes at most; hostile bytes
  std::string name;                   // lower case, one trailing dot removed; hostile bytes all the same
  std::optional<IpAddress> address;   // of bare addresses and address literals, as written (not unmapped)
  std::optional<DomainName> domain;   // of fqdn and single-label only
  friend bool operator==(const Helo&, const Helo&) = default;
};

// Parses what came after the verb. Never kMissing: an empty text is malformed with empty-label.
[[nodiscard]] Helo ParseHelo(std::string_view text);

// True if `address` is written into `name` in a usual spelling: dotted, dashed, underscored, run together, zero padded,
// reversed, the last two octets with a dynamic word beside them, hexadecimal, decimal; for IPv6 nibbles, groups,
// EUI-64. Never by chance agreement of a few digits. `name` in lower case; literals and bare addresses are not meant
// for it.
[[nodiscard]] bool EmbedsAddress(std::string_view name, const IpAddress& address);

}  // namespace heloguard
