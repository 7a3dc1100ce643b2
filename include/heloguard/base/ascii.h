// Letters and digits of US-ASCII, whatever the locale: names in SMTP and DNS know no other case (RFC 4343, RFC 5321
// section 2.4). Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

namespace heloguard {

[[nodiscard]] constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
// Lower case only.
[[nodiscard]] constexpr bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
[[nodiscard]] constexpr bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
[[nodiscard]] constexpr char LowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
// In either case.
[[nodiscard]] constexpr bool IsAlnum(char c) { return IsDigit(c) || IsLetter(LowerCase(c)); }
[[nodiscard]] inline std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = LowerCase(c);
  return lower;
}

}  // namespace heloguard
