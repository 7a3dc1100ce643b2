// DNS names as values, the public suffix list, and the table of special-use domains.
//
// A DomainName is a sequence of labels of 1 to 63 arbitrary octets, 255 octets on the wire at most
// (RFC 1035 section 2.3.4), ASCII letters folded to lower case (RFC 4343). The root is the name without labels.
// Text becomes labels here and nowhere else: a backslash is an octet like any other, so that a HELO
// text can never ask for another name than it shows.
//
// Thread rule: values; the functions are safe for concurrent use.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/ip_address.h"

namespace heloguard {

class DomainName {
 public:
  // The root.
  DomainName() = default;

  // Splits at every dot; one trailing dot is allowed, "." is the root. nullopt for "", an empty label, a label
  // above 63 octets or a name above 255 on the wire. No escapes.
  [[nodiscard]] static std::optional<DomainName> FromText(std::string_view text);
  // From uncompressed wire format (length octets, the final 0 included). nullopt if malformed.
  [[nodiscard]] static std::optional<DomainName> FromWire(std::string_view wire);
  // The owner name of the PTR records of `address` below in-addr.arpa or ip6.arpa (RFC 1035 3.5, RFC 3596 2.5).
  [[nodiscard]] static DomainName Reverse(const IpAddress& address);

  [[nodiscard]] const std::vector<std::string>& labels() const { return labels_; }
  [[nodiscard]] bool empty() const { return labels_.empty(); }

  // Without a trailing dot, "." for the root. Octets outside printable ASCII, and dots, backslashes and blanks inside a
  // label, are written \xNN: two different names never print alike, and the text is safe in a log.
  [[nodiscard]] std::string ToText() const;
  [[nodiscard]] std::string ToWire() const;

  // Letters, digits, hyphens inside, per label (RFC 952, 1123 section 2.1); underscores not.
  [[nodiscard]] bool IsHostName() const;
  // True for `ancestor` itself and everything below it.
  [[nodiscard]] bool IsAtOrUnder(const DomainName& ancestor) const;

  friend auto operator<=>(const DomainName&, const DomainName&) = default;
  friend bool operator==(const DomainName&, const DomainName&) = default;

 private:
  std::vector<std::string> labels_;
};

// Octets outside printable ASCII, and backslash, as \xNN; at most `cap` octets of output, cut marked by a final "...".
// Every untrusted byte that leaves the program goes through here (or the JSON writer, which calls it).
[[nodiscard]] std::string EscapeBytes(std::string_view bytes, std::size_t cap = 1024);
// `text` in double quotes, in single ones if it has backslashes or quotes of its own; octets outside printable ASCII as
// \xNN, at most `cap` octets shown.
[[nodiscard]] std::string Quoted(std::string_view text, std::size_t cap = 80);
// The reverse of EscapeBytes for input: \xNN becomes the octet, \\ a backslash, anything else stays.
[[nodiscard]] std::string UnescapeBytes(std::string_view text);

// --- public suffixes (libpsl, ICANN section only, so that a cloud host under a private suffix is no suffix) ---

// True if the last label is a top-level domain of the list, or "example", which stands for one in documentation and
// tests. `name` in A-label form.
[[nodiscard]] bool HasKnownTld(const DomainName& name);
// True if the name itself is a public suffix ("co.uk"). An unknown TLD is none.
[[nodiscard]] bool IsPublicSuffix(const DomainName& name);
// The organisational domain: the public suffix and one label more. An unknown TLD counts as a suffix here. nullopt for
// a suffix itself, a single label and the root.
[[nodiscard]] std::optional<DomainName> OrganizationalDomain(const DomainName& name);
// The labels in front of the organisational domain, "" if there are none (a name that is its own organisation).
[[nodiscard]] std::string HostPart(const DomainName& name);

// --- special-use domains ---

// At or under a special-use domain (RFC 6761, 6762, 7686, 8375, 9476, .internal) or one of the private endings seen in
// the wild (.lan, .home, .corp, .localdomain ...). The list is one table in domain_name.cc. The documentation names of
// RFC 6761 (.example, example.com ...) are left out: they stand for ordinary ones.
[[nodiscard]] bool IsSpecialUse(const DomainName& name);
// localhost, localhost.localdomain, or any name under .localhost or .localdomain.
[[nodiscard]] bool IsLocalhostName(const DomainName& name);

}  // namespace heloguard
