// IP addresses and networks as values.
//
// Text forms: IPv4 is exactly four decimal octets without leading zeros ("192.0.2.1"), IPv6 the forms
// of RFC 4291 section 2.2, without a zone id. Output is canonical (RFC 5952). Nothing else parses:
// "192.0.2", "0300.0.2.1", "192.0.2.1 " and "fe80::1%eth0" are no addresses here.
//
// Thread rule: values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace heloguard {

class IpAddress {
 public:
  // 0.0.0.0
  IpAddress() = default;
  static IpAddress V4(const std::array<std::uint8_t, 4>& octets);
  static IpAddress V6(const std::array<std::uint8_t, 16>& octets);

  // nullopt unless all of `text` is one address in the forms above.
  [[nodiscard]] static std::optional<IpAddress> Parse(std::string_view text);

  [[nodiscard]] bool is_v4() const { return size_ == 4; }
  [[nodiscard]] bool is_v6() const { return size_ == 16; }
  // 4 or 16 octets in network order.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }

  // The IPv4 address inside an IPv4-mapped IPv6 one (::ffff:0:0/96), else the address itself. Clients
  // of a dual-stack listener arrive mapped; everything here works on the unmapped form.
  [[nodiscard]] IpAddress Unmapped() const;

  [[nodiscard]] std::string ToString() const;

  // 127.0.0.0/8, ::1, and both mapped (RFC 1122, 4291).
  [[nodiscard]] bool IsLoopback() const;
  // False for every range the IANA special-purpose registries (RFC 6890) call not globally reachable,
  // loopback, private use, documentation, shared, link local, multicast and reserved among them.
  [[nodiscard]] bool IsGloballyReachable() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  std::uint8_t size_ = 4;
  std::array<std::uint8_t, 16> bytes_{};  // beyond size_ always 0, so that comparison is plain
};

// A CIDR block. A lone address is a block of its full length.
class IpNetwork {
 public:
  IpNetwork() = default;
  IpNetwork(const IpAddress& address, unsigned prefix_length);

  // "ADDRESS" or "ADDRESS/LENGTH"; nullopt if malformed, too long, or with bits set behind the prefix
  // (192.0.2.1/24 is a slip of the pen more often than a wish).
  [[nodiscard]] static std::optional<IpNetwork> Parse(std::string_view text);

  // Families never match each other; mapped addresses count as the IPv4 address they hold.
  [[nodiscard]] bool Contains(const IpAddress& address) const;
  // True if every address of `inner` is one of this network; of the network itself too.
  [[nodiscard]] bool Contains(const IpNetwork& inner) const;
  [[nodiscard]] const IpAddress& address() const { return address_; }
  [[nodiscard]] unsigned prefix_length() const { return prefix_length_; }
  [[nodiscard]] std::string ToString() const;
  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;

 private:
  IpAddress address_;
  unsigned prefix_length_ = 32;
};

// What a text that is no network may have been meant to be, as the end of a message.
[[nodiscard]] std::string NetworkHint(const std::string& text);

}  // namespace heloguard
