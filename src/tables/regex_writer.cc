// RE2 text for what the translators of regular expressions read. Pure.
// Tests: tests/unit/tables/table_regex_test.cc.
#include "tables/regex_writer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "heloguard/base/ascii.h"

namespace heloguard {
namespace {

constexpr unsigned kMaxRepeats = 1'000;  // RE2's limit

std::string HexText(std::size_t octet) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return std::string("\\x{") + kDigits[octet >> 4U] + kDigits[octet & 0xFU] + "}";
}

// One octet inside brackets.
std::string MemberText(std::size_t octet) {
  if (octet < 0x20 || octet > 0x7E) return HexText(octet);
  const char c = static_cast<char>(octet);
  return std::string("\\[]^-").find(c) == std::string::npos ? std::string(1, c) : std::string("\\") + c;
}

std::string RangesText(const OctetSet& set) {
  std::string text;
  for (std::size_t first = 0; first < set.size(); ++first) {
    if (!set[first]) continue;
    std::size_t last = first;
    while (last + 1 < set.size() && set[last + 1]) ++last;
    text += MemberText(first);
    if (last > first + 1) text += '-';
    if (last > first) text += MemberText(last);
    first = last;
  }
  return text;
}

OctetSet WithBothCases(OctetSet set) {
  for (std::size_t c = 'a'; c <= 'z'; ++c) {
    const bool either = set[c] || set[c - 'a' + 'A'];
    set[c] = set[c - 'a' + 'A'] = either;
  }
  return set;
}

// Where either case matches anyway, one is enough to read.
OctetSet WithoutNeedlessCapitals(OctetSet set) {
  for (std::size_t c = 'a'; c <= 'z'; ++c) {
    if (set[c]) set.reset(c - 'a' + 'A');
  }
  return set;
}

struct ClassRow {
  std::string_view name;
  std::string_view ranges;  // pairs of first and last
};
constexpr std::array<ClassRow, 14> kClasses{{
    {"alnum", "09AZaz"},
    {"alpha", "AZaz"},
    {"ascii", {"\0\x7f", 2}},
    {"blank", "\t\t  "},
    {"cntrl", {"\0\x1f\x7f\x7f", 4}},
    {"digit", "09"},
    {"graph", "!~"},
    {"lower", "az"},
    {"print", " ~"},
    {"punct", "!/:@[`{~"},
    {"space", "\t\r  "},
    {"upper", "AZ"},
    {"word", "09AZaz__"},
    {"xdigit", "09AFaf"},
}};

}  // namespace

OctetSet OctetRange(std::size_t first, std::size_t last) {
  OctetSet set;
  for (std::size_t octet = first; octet <= last; ++octet) set.set(octet);
  return set;
}

std::optional<OctetSet> NamedClass(std::string_view name, bool fold) {
  const bool cased = name == "upper" || name == "lower";
  const auto* const row = std::ranges::find(kClasses, cased && fold ? "alpha" : name, &ClassRow::name);
  if (row == kClasses.end()) return std::nullopt;
  OctetSet set;
  for (std::size_t i = 0; i + 1 < row->ranges.size(); i += 2) {
    set |= OctetRange(Octet(row->ranges[i]), Octet(row->ranges[i + 1]));
  }
  return set;
}

std::string LiteralText(char c, bool fold) {
  const std::size_t octet = Octet(c);
  if (octet > 0x7F && fold) return "(?-i:" + HexText(octet) + ")";
  if (octet < 0x20 || octet > 0x7E) return HexText(octet);
  return std::string("\\.+*?()|[]{}^$").find(c) == std::string::npos ? std::string(1, c) : std::string("\\") + c;
}

std::string ClassText(OctetSet set, bool negated, bool fold) {
  if (set.none()) return negated ? "(?s:.)" : "[^\\x{00}-\\x{ff}]";
  const bool high = (set >> 128U).any();
  if (fold) set = high ? WithBothCases(set) : WithoutNeedlessCapitals(set);
  const std::string text = (negated ? "[^" : "[") + RangesText(set) + "]";
  return fold && high ? "(?-i:" + text + ")" : text;
}

std::optional<Bounds> ReadBounds(std::string_view text, bool open) {
  const auto digits = [text](std::size_t from) {
    std::size_t end = from;
    while (end < text.size() && IsDigit(text[end])) ++end;
    return text.substr(from, end - from);
  };
  Bounds bounds;
  bounds.least = digits(1);
  std::size_t at = 1 + bounds.least.size();
  const bool comma = at < text.size() && text[at] == ',';
  if (comma) {
    bounds.most = digits(at + 1);
    at += 1 + bounds.most.size();
  }
  const bool starts = !bounds.least.empty() || (open && comma);
  if (!starts || at >= text.size() || text[at] != '}') return std::nullopt;
  if (!comma) bounds.most = bounds.least;
  bounds.size = at + 1;
  return bounds;
}

std::optional<std::string> BoundsText(const Bounds& bounds, std::string* error) {
  const auto number = [](std::string_view digits) {
    unsigned value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return digits.empty() ? 0 : read.ec == std::errc{} ? value : kMaxRepeats + 1;
  };
  const unsigned least = number(bounds.least);
  const unsigned most = number(bounds.most);
  if (least > kMaxRepeats || most > kMaxRepeats) {
    *error = "RE2 repeats at most " + std::to_string(kMaxRepeats) + " times";
    return std::nullopt;
  }
  if (!bounds.most.empty() && most < least) {
    *error = "these bounds are the wrong way round";
    return std::nullopt;
  }
  const std::string from = "{" + std::to_string(least);
  if (bounds.most.empty()) return from + ",}";
  return bounds.most == bounds.least ? from + "}" : from + "," + std::to_string(most) + "}";
}

}  // namespace heloguard
