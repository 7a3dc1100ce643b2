// IP addresses and networks: text forms, comparison, and what the IANA registries say of a range.
//
// Text is read here by hand rather than by inet_pton, so that what parses is the same everywhere: some libraries take
// "127.1", octal octets or zone ids. Knows nothing of DNS and of HELO.
// RFC 4291 section 2.2 (IPv6 text), RFC 5952 (its canonical form), RFC 6890 (special-purpose registries).
// Tests: tests/unit/core/base/ip_address_test.cc.
#include "heloguard/base/ip_address.h"

#include <algorithm>
#include <charconv>

namespace heloguard {
namespace {

using V4Octets = std::array<std::uint8_t, 4>;
using V6Octets = std::array<std::uint8_t, 16>;

constexpr std::size_t kGroups = 8;
constexpr std::size_t kMappedPrefixBits = 96;
constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// The whole of `text` as a number in `base`, without sign; nullopt if it is none or above `max`.
std::optional<unsigned> ParseNumber(std::string_view text, int base, unsigned max) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc{} || stop != end || value > max) return std::nullopt;
  return value;
}

// A leading zero is refused: half of the world reads "010" as eight.
std::optional<V4Octets> ParseV4(std::string_view text) {
  V4Octets octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const std::size_t dot = i + 1 < octets.size() ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view part = text.substr(0, dot);
    if (part.size() > 3 || (part.size() > 1 && part.front() == '0')) return std::nullopt;
    const auto value = ParseNumber(part, 10, 255);
    if (!value) return std::nullopt;
    octets[i] = static_cast<std::uint8_t>(*value);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return octets;
}

// The groups of one side of "::", the last of which may be an IPv4 address where `v4_allowed`.
struct GroupList {
  std::array<std::uint16_t, kGroups> groups{};
  std::size_t count = 0;

  bool Add(unsigned group) {
    if (count == groups.size()) return false;
    groups[count++] = static_cast<std::uint16_t>(group);
    return true;
  }
};

std::optional<GroupList> ParseGroups(std::string_view text, bool v4_allowed) {
  GroupList list;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    if (colon == std::string_view::npos && part.find('.') != std::string_view::npos) {
      const auto v4 = v4_allowed ? ParseV4(part) : std::nullopt;
      if (!v4 || !list.Add(((*v4)[0] * 256U) + (*v4)[1]) || !list.Add(((*v4)[2] * 256U) + (*v4)[3])) {
        return std::nullopt;
      }
      return list;
    }
    const auto group = part.size() <= 4 ? ParseNumber(part, 16, 0xffff) : std::nullopt;
    if (!group || !list.Add(*group)) return std::nullopt;
    if (colon == std::string_view::npos) return list;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;  // a colon at the end
  }
  return list;
}

// "::" may stand for a single group (RFC 4291), though RFC 5321 section 4.1.3 wants two at least: some programs write
// it, and the address it means is not in doubt.
std::optional<V6Octets> ParseV6(std::string_view text) {
  const std::size_t gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  const auto head = ParseGroups(text.substr(0, gap), !has_gap);
  const auto tail = ParseGroups(has_gap ? text.substr(gap + 2) : std::string_view{}, true);
  if (!head || !tail) return std::nullopt;
  const std::size_t written = head->count + tail->count;
  if (has_gap ? written >= kGroups : written != kGroups) return std::nullopt;

  std::array<std::uint16_t, kGroups> groups{};
  std::copy_n(head->groups.begin(), head->count, groups.begin());
  std::copy_n(tail->groups.begin(), tail->count, groups.end() - static_cast<std::ptrdiff_t>(tail->count));
  V6Octets octets{};
  for (std::size_t i = 0; i < kGroups; ++i) {
    octets[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    octets[(2 * i) + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
  }
  return octets;
}

std::string V4Text(std::span<const std::uint8_t> octets) {
  std::string text;
  for (const std::uint8_t octet : octets) {
    if (!text.empty()) text += '.';
    text += std::to_string(octet);
  }
  return text;
}

std::string HexText(unsigned group) {
  std::array<char, 8> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), group, 16).ptr;
  return {buffer.data(), end};
}

// RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as "::", the first of equals.
std::string V6Text(std::span<const std::uint8_t> octets) {
  std::array<unsigned, kGroups> groups{};
  for (std::size_t i = 0; i < kGroups; ++i) groups[i] = (octets[2 * i] * 256U) + octets[(2 * i) + 1];
  std::size_t gap = kGroups;
  std::size_t gap_length = 1;
  for (std::size_t i = 0; i < kGroups; ++i) {
    std::size_t length = 0;
    while (i + length < kGroups && groups[i + length] == 0) ++length;
    if (length > gap_length) {
      gap = i;
      gap_length = length;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == gap) {
      text += "::";
      i += gap_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += HexText(groups[i]);
  }
  return text;
}

bool IsMapped(const IpAddress& address) {
  return address.is_v6() && std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes().begin());
}

bool SamePrefix(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

// One row of the special-purpose registries. The longest prefix that holds an address decides.
struct SpecialRange {
  V6Octets octets;  // the first four of IPv4
  unsigned length;
  bool reachable;
};

// IANA IPv4 Special-Purpose Address Registry, and RFC 5771 for multicast.
constexpr std::array kV4Ranges{
    SpecialRange{{0}, 0, true},
    SpecialRange{{0}, 8, false},              // this network (RFC 791)
    SpecialRange{{10}, 8, false},             // private use (RFC 1918)
    SpecialRange{{100, 64}, 10, false},       // shared, carrier-grade NAT (RFC 6598)
    SpecialRange{{127}, 8, false},            // loopback (RFC 1122)
    SpecialRange{{169, 254}, 16, false},      // link local (RFC 3927)
    SpecialRange{{172, 16}, 12, false},       // private use
    SpecialRange{{192, 0, 0}, 24, false},     // IETF protocol assignments (RFC 6890)
    SpecialRange{{192, 0, 0, 9}, 32, true},   // port control protocol anycast (RFC 7723)
    SpecialRange{{192, 0, 0, 10}, 32, true},  // TURN anycast (RFC 8155)
    SpecialRange{{192, 0, 2}, 24, false},     // documentation (RFC 5737)
    SpecialRange{{192, 168}, 16, false},      // private use
    SpecialRange{{198, 18}, 15, false},       // benchmarking (RFC 2544)
    SpecialRange{{198, 51, 100}, 24, false},  // documentation
    SpecialRange{{203, 0, 113}, 24, false},   // documentation
    SpecialRange{{224}, 4, false},            // multicast
    SpecialRange{{240}, 4, false},            // reserved (RFC 1112), limited broadcast among it
};

// IANA IPv6 Special-Purpose Address Registry. Global unicast is 2000::/3; all else is reserved unless a row says more.
constexpr std::array kV6Ranges{
    SpecialRange{{0}, 0, false},                       // ::, ::1, reserved, fc00::/7, fe80::/10
    SpecialRange{{0x20}, 3, true},                     // global unicast (RFC 4291)
    SpecialRange{{0x00, 0x64, 0xff, 0x9b}, 96, true},  // IPv4 translation (RFC 6052)
    SpecialRange{{0x20, 0x01}, 23, false},             // IETF protocol assignments (RFC 2928)
    SpecialRange{{0x20, 0x01, 0x00, 0x00}, 32, true},  // Teredo (RFC 4380)
    SpecialRange{{0x20, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, true},  // PCP anycast (RFC 7723)
    SpecialRange{{0x20, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, 128, true},  // TURN anycast (RFC 8155)
    SpecialRange{{0x20, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}, 128, true},  // DNS-SD anycast (RFC 9665)
    SpecialRange{{0x20, 0x01, 0x00, 0x03}, 32, true},                                 // AMT (RFC 7450)
    SpecialRange{{0x20, 0x01, 0x00, 0x04, 0x01, 0x12}, 48, true},                     // AS112 (RFC 7535)
    SpecialRange{{0x20, 0x01, 0x00, 0x20}, 28, true},                                 // ORCHIDv2 (RFC 7343)
    SpecialRange{{0x20, 0x01, 0x00, 0x30}, 28, true},                                 // drone identification (RFC 9374)
    SpecialRange{{0x20, 0x01, 0x0d, 0xb8}, 32, false},                                // documentation (RFC 3849)
    SpecialRange{{0x3f, 0xff}, 20, false},                                            // documentation (RFC 9637)
};

template <std::size_t kSize>
bool Reachable(const std::array<SpecialRange, kSize>& ranges, std::span<const std::uint8_t> octets) {
  bool reachable = false;
  unsigned longest = 0;
  for (const SpecialRange& range : ranges) {
    if (range.length < longest || !SamePrefix(range.octets, octets, range.length)) continue;
    reachable = range.reachable;  // a row of length 0 holds every address
    longest = range.length;
  }
  return reachable;
}

}  // namespace

IpAddress IpAddress::V4(const std::array<std::uint8_t, 4>& octets) {
  IpAddress address;
  std::copy(octets.begin(), octets.end(), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::V6(const std::array<std::uint8_t, 16>& octets) {
  IpAddress address;
  address.size_ = 16;
  address.bytes_ = octets;
  return address;
}

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    const auto octets = ParseV4(text);
    return octets ? std::optional(V4(*octets)) : std::nullopt;
  }
  const auto octets = ParseV6(text);
  return octets ? std::optional(V6(*octets)) : std::nullopt;
}

IpAddress IpAddress::Unmapped() const {
  if (!IsMapped(*this)) return *this;
  return V4({bytes_[12], bytes_[13], bytes_[14], bytes_[15]});
}

std::string IpAddress::ToString() const {
  if (is_v4()) return V4Text(bytes());
  if (IsMapped(*this)) return "::ffff:" + V4Text(bytes().subspan(12));
  return V6Text(bytes());
}

bool IpAddress::IsLoopback() const {
  const IpAddress address = Unmapped();
  if (address.is_v4()) return address.bytes_[0] == 127;
  const V6Octets loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address.bytes_ == loopback;
}

bool IpAddress::IsGloballyReachable() const {
  const IpAddress address = Unmapped();
  return address.is_v4() ? Reachable(kV4Ranges, address.bytes()) : Reachable(kV6Ranges, address.bytes());
}

// A mapped network of 96 bits or more is the IPv4 network it holds; shorter ones stay what they are.
IpNetwork::IpNetwork(const IpAddress& address, unsigned prefix_length) {
  const bool unmap = prefix_length >= kMappedPrefixBits && IsMapped(address);
  address_ = unmap ? address.Unmapped() : address;
  const auto bits = static_cast<unsigned>(address_.bytes().size() * 8);
  prefix_length_ = std::min(unmap ? prefix_length - static_cast<unsigned>(kMappedPrefixBits) : prefix_length, bits);

  V6Octets masked{};
  std::copy(address_.bytes().begin(), address_.bytes().end(), masked.begin());
  for (unsigned bit = prefix_length_; bit < bits; ++bit) {
    masked[bit / 8] = static_cast<std::uint8_t>(masked[bit / 8] & ~(0x80U >> (bit % 8)));
  }
  address_ = address_.is_v4() ? IpAddress::V4({masked[0], masked[1], masked[2], masked[3]}) : IpAddress::V6(masked);
}

std::optional<IpNetwork> IpNetwork::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::Parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto bits = static_cast<unsigned>(address->bytes().size() * 8);
  if (slash == std::string_view::npos) return IpNetwork(*address, bits);
  const std::string_view length_text = text.substr(slash + 1);
  if (length_text.size() > 1 && length_text.front() == '0') return std::nullopt;
  const auto length = ParseNumber(length_text, 10, bits);
  if (!length) return std::nullopt;
  const IpNetwork network(*address, *length);
  const IpAddress first = *length >= kMappedPrefixBits ? address->Unmapped() : *address;
  return network.address() == first ? std::optional(network) : std::nullopt;
}

bool IpNetwork::Contains(const IpAddress& address) const {
  const IpAddress plain = address.Unmapped();
  return plain.is_v4() == address_.is_v4() && SamePrefix(plain.bytes(), address_.bytes(), prefix_length_);
}

bool IpNetwork::Contains(const IpNetwork& inner) const {
  return prefix_length_ <= inner.prefix_length_ && Contains(inner.address_);
}

std::string IpNetwork::ToString() const {
  const std::string text = address_.ToString();
  return prefix_length_ == address_.bytes().size() * 8 ? text : text + "/" + std::to_string(prefix_length_);
}

std::string NetworkHint(const std::string& text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto address = IpAddress::Parse(text.substr(0, slash));
  if (!address) return ", such as 192.0.2.0/24 or 2001:db8::/32";
  unsigned length = 0;
  const char* const end = text.data() + text.size();
  const auto number = std::from_chars(std::min(text.data() + slash + 1, end), end, length);
  const bool fits = number.ec == std::errc{} && number.ptr == end && length <= address->bytes().size() * 8;
  if (!fits) return "; its length is not one of 0 to " + std::to_string(address->bytes().size() * 8);
  return " (did you mean \"" + IpNetwork(*address, length).ToString() + "\"?); no bits may be set behind the length";
}

}  // namespace heloguard
