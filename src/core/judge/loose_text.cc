// What readers trim, decode or take for something else (loose_text.h). Some cut Unicode blanks off a name before they
// compare it, some drop what they cannot decode, some decode what nobody should have encoded there. One that does any
// of it must not find our name where we did not. Every octet is looked at a fixed number of times. Unicode 15:
// White_Space, Default_Ignorable_Code_Point; UTS 46 section 2.3 (dots). RFC 2047 section 2. Tests:
// tests/unit/core/judge/loose_text_test.cc, tests/fuzz/fuzz_authentication_results.cc.
#include "core/judge/loose_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "heloguard/base/ascii.h"

namespace heloguard {
namespace {

struct Range {
  std::uint32_t first, last;
};
// Blanks, controls and what is not shown.
constexpr std::array<Range, 27> kPassedOver{{
    {0x0000, 0x0020},   {0x007F, 0x00A0},       {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C},
    {0x115F, 0x1160},   {0x1680, 0x1680},       {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x2000, 0x200F},
    {0x2028, 0x202F},   {0x205F, 0x206F},       {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3164, 0x3164},
    {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},       {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},     {'"', '"'},       {'\\', '\\'},     {0xFF02, 0xFF02},
    {0xFF3C, 0xFF3C},   {0x110000, 0xFFFFFFFF},
}};
constexpr std::array<std::uint32_t, 4> kDots{0x2024, 0x3002, 0xFE52, 0xFF61};

bool IsPassedOver(std::uint32_t c) {
  return std::ranges::any_of(kPassedOver, [c](const Range& range) { return range.first <= c && c <= range.last; });
}

std::uint32_t Plain(std::uint32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFF01 - '!';  // full width
  if (std::ranges::find(kDots, c) != kDots.end()) return '.';
  return c < 0x80 ? static_cast<unsigned char>(LowerCase(static_cast<char>(c))) : c;
}

bool Continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

// The next character, and `at` behind it. Forms longer than needed count as well, for some readers take them. nullopt
// for an octet that begins none.
std::optional<std::uint32_t> Next(std::string_view text, std::size_t* at) {
  const auto lead = static_cast<unsigned char>(text[(*at)++]);
  if (lead < 0x80) return lead;
  const unsigned more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC0 || lead >= 0xF8) return std::nullopt;
  for (std::size_t i = 0; i < more; ++i) {
    if (!Continues(text, *at + i)) return std::nullopt;
  }
  std::uint32_t c = lead & (0x3FU >> more);
  for (unsigned i = 0; i < more; ++i) c = c << 6U | (static_cast<unsigned char>(text[(*at)++]) & 0x3FU);
  return c;
}

void Append(std::uint32_t c, std::string* to) {
  if (c < 0x80) {
    *to += static_cast<char>(c);
    return;
  }
  const unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  constexpr std::array<unsigned, 4> kLeads{0, 0xC0, 0xE0, 0xF0};
  *to += static_cast<char>(kLeads[more] | c >> (6 * more));
  for (unsigned i = more; i-- > 0;) *to += static_cast<char>(0x80U | (c >> (6 * i) & 0x3FU));
}

std::optional<unsigned> HexValue(char c) {
  c = LowerCase(c);
  if (!IsHexDigit(c)) return std::nullopt;
  return static_cast<unsigned>(IsDigit(c) ? c - '0' : c - 'a' + 10);
}

// With `sign` and two hex digits as the octet they name.
std::string DecodeHex(std::string_view text, char sign) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = text[i] == sign && i + 2 < text.size() ? HexValue(text[i + 1]) : std::nullopt;
    const auto low = high ? HexValue(text[i + 2]) : std::nullopt;
    decoded += low ? static_cast<char>(*high << 4U | *low) : text[i];
    if (low) i += 2;
  }
  return decoded;
}

std::string DecodeBase64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string decoded;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::size_t value = kDigits.find(c);
    if (value == std::string_view::npos) continue;  // "=", and what others skip as well
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    decoded += static_cast<char>(bits >> held & 0xFFU);
  }
  return decoded;
}

// The text of an encoded word that begins at `at`, and `at` behind it; nullopt if none does.
std::optional<std::string> TakeEncodedWord(std::string_view text, std::size_t* at) {
  const std::size_t charset = *at + 2;
  if (!text.substr(*at).starts_with("=?")) return std::nullopt;
  // No charset has a longer name; and no octet is searched twice.
  const std::size_t encoding = text.substr(charset, 64).find('?');
  if (encoding == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(charset + encoding + 1);
  const char kind = rest.empty() ? '\0' : LowerCase(rest.front());
  if (rest.size() < 2 || rest[1] != '?' || (kind != 'b' && kind != 'q')) return std::nullopt;
  const std::size_t end = std::min(rest.find("?=", 2), rest.size());
  *at = std::min(text.size() - rest.size() + end + 2, text.size());
  std::string said(rest.substr(2, end - 2));
  if (kind == 'b') return DecodeBase64(said);
  std::ranges::replace(said, '_', ' ');
  return DecodeHex(said, '=');
}

}  // namespace

std::string DecodeEncodings(std::string_view text) {
  std::string words;
  for (std::size_t at = 0; at < text.size();) {
    if (auto word = TakeEncodedWord(text, &at)) {
      words += *word;
    } else {
      words += text[at++];
    }
  }
  return DecodeHex(words, '%');
}

std::string FoldLoosely(std::string_view text) {
  std::string folded;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = Next(text, &at);
    if (c && !IsPassedOver(*c)) Append(Plain(*c), &folded);
  }
  return folded;
}

}  // namespace heloguard
