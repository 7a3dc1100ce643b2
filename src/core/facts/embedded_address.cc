// EmbedsAddress: is a client's address written into a name, in one of the spellings providers use?
//
// Decides by the text alone. Numbers are whole runs of digits, never parts of one, and a match needs more digits than
// chance hands out. Telling generic names in general is the business of patterns, not of this file. Here are the runs
// and IPv6; embedded_ipv4.cc has IPv4. Tests: tests/unit/core/facts/embedded_address_test.cc.
#include "core/facts/embedded_address.h"

#include <algorithm>
#include <array>

#include "heloguard/facts/helo.h"

namespace heloguard {

bool IsSeparator(char c) { return c == '-' || c == '_' || c == '.'; }

namespace {

constexpr std::size_t kHalfNibbles = 9;       // an interface identifier counts alone from so many nibbles on
constexpr std::size_t kCompressedDigits = 7;  // 2001-db8--1

std::string_view WithoutLeadingZeros(std::string_view number) {
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  return number;
}

}  // namespace

Runs::Runs(std::string_view name, bool (*belongs)(char)) : name_(name) {
  for (std::size_t i = 0; i < name.size();) {
    std::size_t end = i;
    while (end < name.size() && belongs(name[end])) ++end;
    if (end > i) runs_.push_back({i, end, name.substr(i, end - i)});
    i = std::max(end, i + 1);
  }
}

bool Runs::Has(std::initializer_list<std::string_view> texts) const {
  return std::any_of(runs_.begin(), runs_.end(),
                     [&](const Run& run) { return std::find(texts.begin(), texts.end(), run.text) != texts.end(); });
}

bool Runs::Are(std::size_t first, const Parts& parts, std::size_t max_length) const {
  if (first + parts.size() > runs_.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view text = runs_[first + i].text;
    if (text.size() > max_length || WithoutLeadingZeros(text) != parts[i]) return false;
  }
  return true;
}

bool Runs::HasJoined(const Parts& parts, std::size_t max_length) const {
  const auto joined = [&](std::size_t i) {
    return runs_[i + 1].begin == runs_[i].end + 1 && IsSeparator(name_[runs_[i].end]);
  };
  for (std::size_t first = 0; first < runs_.size(); ++first) {
    if (!Are(first, parts, max_length)) continue;
    std::size_t i = first;
    while (i + 1 < first + parts.size() && joined(i)) ++i;
    if (i + 1 == first + parts.size()) return true;
  }
  return false;
}

Parts Reversed(Parts parts) {
  std::reverse(parts.begin(), parts.end());
  return parts;
}

std::string HexOf(std::span<const std::uint8_t> octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t octet : octets) text += {kDigits[octet >> 4U], kDigits[octet & 0xfU]};
  return text;
}

Parts PiecesOf(std::string_view text, std::size_t size) {
  Parts pieces;
  for (std::size_t i = 0; i < text.size(); i += size) pieces.emplace_back(WithoutLeadingZeros(text.substr(i, size)));
  return pieces;
}

namespace {

// "2001-db8--1", a double hyphen standing for the double colon.
bool HasCompressed(const Runs& hex, const IpAddress& address) {
  constexpr std::size_t kMaxRuns = 7;
  for (std::size_t first = 0; first < hex.all().size(); ++first) {
    for (std::size_t last = first + 2; last < std::min(first + kMaxRuns, hex.all().size()); ++last) {
      std::string text(hex.name().substr(hex.all()[first].begin, hex.all()[last].end - hex.all()[first].begin));
      const auto digits = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), IsHexDigit));
      if (text.find("--") == std::string::npos || digits < kCompressedDigits) continue;
      std::replace(text.begin(), text.end(), '-', ':');
      if (IpAddress::Parse(text) == address) return true;
    }
  }
  return false;
}

// Nibbles one by one with separators, in the order of the address or reversed, as in ip6.arpa.
bool HasSeparateNibbles(const Runs& hex, const std::string& nibbles) {
  const Parts parts = PiecesOf(nibbles, 1);
  return hex.HasJoined(parts, 1) || hex.HasJoined(Reversed(parts), 1);
}

// `text`, half of the address or all of it: run together, or in groups of four nibbles.
bool HasNibblesOrGroups(const Runs& hex, const std::string& text) {
  const std::string reversed(text.rbegin(), text.rend());
  const Parts groups = PiecesOf(text, 4);
  return hex.Has({text, reversed}) || hex.HasJoined(groups, 4) || hex.HasJoined(Reversed(groups), 4);
}

// The hardware address inside a modified EUI-64 interface identifier (RFC 4291 appendix A).
bool HasHardwareAddress(const Runs& hex, std::span<const std::uint8_t> id) {
  if (id[3] != 0xff || id[4] != 0xfe) return false;
  const auto first = static_cast<std::uint8_t>(id[0] ^ 0x02U);
  const std::string mac = HexOf(std::array{first, id[1], id[2], id[5], id[6], id[7]});
  return hex.Has({mac}) || hex.HasJoined(PiecesOf(mac, 2), 2) || hex.HasJoined(PiecesOf(mac, 4), 4);
}

bool EmbedsIpv6(std::string_view name, const IpAddress& address) {
  const Runs hex(name, IsHexDigit);
  const std::string nibbles = HexOf(address.bytes());
  if (HasNibblesOrGroups(hex, nibbles) || HasSeparateNibbles(hex, nibbles) || HasCompressed(hex, address) ||
      HasHardwareAddress(hex, address.bytes().subspan(8))) {
    return true;
  }
  const std::string half = nibbles.substr(16);
  const std::size_t zeros = std::min(half.find_first_not_of('0'), half.size());
  return half.size() - zeros >= kHalfNibbles && (HasNibblesOrGroups(hex, half) || HasSeparateNibbles(hex, half));
}

}  // namespace

bool EmbedsAddress(std::string_view name, const IpAddress& address) {
  const IpAddress plain = address.Unmapped();
  return plain.is_v4() ? EmbedsIpv4(name, plain.bytes()) : EmbedsIpv6(name, plain);
}

}  // namespace heloguard
