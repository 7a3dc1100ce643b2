// DNS names as values.
//
// A DomainName is a sequence of labels of 1 to 63 arbitrary octets, 255 octets on the wire at most
// (RFC 1035 section 2.3.4), ASCII letters folded to lower case (RFC 4343). The root is the name without labels.
// Text becomes labels here and nowhere else: a backslash is an octet like any other, so that a HELO
// text can never ask for another name than it shows.
//
// What the names mean is elsewhere: public_suffix.h (organisations), special_use.h (names without meaning on the
// Internet).
//
// Thread rule: values.
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

}  // namespace heloguard
