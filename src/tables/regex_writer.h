// What the translators of regular expressions share: sets of octets, and RE2 text for them.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tables/table_regex.h"

namespace heloguard {

using OctetSet = std::bitset<256>;

// A place in a pattern, and what went wrong first.
struct RegexCursor {
  std::string_view in;
  std::size_t at = 0;
  std::optional<RegexRemark> error{};

  [[nodiscard]] bool AtEnd() const { return at >= in.size(); }
  [[nodiscard]] bool At(std::string_view text) const { return !AtEnd() && in.substr(at).starts_with(text); }
  void Fail(std::size_t where, std::string text) {
    if (!error) error = RegexRemark{where, std::move(text)};
  }
};

[[nodiscard]] inline std::size_t Octet(char c) { return static_cast<unsigned char>(c); }
// Those of `first` to `last`.
[[nodiscard]] OctetSet OctetRange(std::size_t first, std::size_t last);
// The class of that name in the C locale: the twelve of POSIX, and word and ascii; nullopt for any other. `fold` makes
// upper and lower mean alpha.
[[nodiscard]] std::optional<OctetSet> NamedClass(std::string_view name, bool fold);

// RE2 text for one octet, and for one octet of a set or, `negated`, outside it. Octets above 127 have no case.
[[nodiscard]] std::string LiteralText(char c, bool fold);
[[nodiscard]] std::string ClassText(OctetSet set, bool negated, bool fold);

// "{2}", "{2,}", "{2,5}".
struct Bounds {
  std::string_view least, most;  // digits; `most` without data: as `least`; empty: without end
  std::size_t size = 0;          // octets up to and with the closing brace
};
// What stands at the start of `text`, which begins with "{"; nullopt if that is no such thing. `open` allows "{,5}".
[[nodiscard]] std::optional<Bounds> ReadBounds(std::string_view text, bool open);
// RE2 text, or what is wrong with them.
[[nodiscard]] std::optional<std::string> BoundsText(const Bounds& bounds, std::string* error);

}  // namespace heloguard
