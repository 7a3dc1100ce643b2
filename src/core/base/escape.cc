// Escaping of untrusted bytes on their way out, and its reverse for input.
//
// The one place that decides which octets may be shown raw: 0x20 to 0x7e without the backslash. Bytes of UTF-8 are not
// shown as characters: look-alikes and right-to-left marks in a log are an attack of their own.
// Pure. Tests: tests/unit/core/base/escape_test.cc.
#include "heloguard/base/escape.h"

#include <optional>

namespace heloguard {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kCutMark = "...";
constexpr std::size_t kEscapeLength = 4;  // "\xNN"

std::optional<unsigned> HexValue(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::string EscapeBytes(std::string_view bytes, std::size_t cap) {
  std::string out;
  std::size_t keep = 0;  // the longest prefix of `out` that ends between octets and leaves room for the mark
  for (const char c : bytes) {
    if (out.size() + kCutMark.size() <= cap) keep = out.size();
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet <= 0x7e && c != '\\') {
      out += c;
    } else {
      out += {'\\', 'x', kHexDigits[octet >> 4U], kHexDigits[octet & 0xfU]};
    }
    if (out.size() > cap) {
      out.resize(keep);
      return out.append(kCutMark.substr(0, cap - keep));
    }
  }
  return out;
}

std::string UnescapeBytes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\\') {
      out += text[++i];
      continue;
    }
    if (text[i] == '\\' && text.size() - i >= kEscapeLength && text[i + 1] == 'x') {
      const auto high = HexValue(text[i + 2]);
      const auto low = HexValue(text[i + 3]);
      if (high && low) {
        out += static_cast<char>((*high * 16U) + *low);
        i += kEscapeLength - 1;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

std::string Quoted(std::string_view text, std::size_t cap) {
  std::string shown;
  bool plain = true;
  for (const char c : text) {
    if (shown.size() >= cap) {
      shown += "...";
      break;
    }
    plain = plain && c != '"' && c != '\\';
    // A backslash is left as it is: patterns are full of them, and inside the quotes it cannot be misread for long.
    shown += c == '\\' ? "\\" : EscapeBytes(std::string_view(&c, 1));
  }
  const char quote = plain ? '"' : '\'';
  return quote + shown + quote;
}

}  // namespace heloguard
