// Words, lines, numbers and colours of what is printed for people. Counts a column an octet: the texts are ASCII by the
// time they come here. Tests: tests/unit/app/shared/text_test.cc, tests/cli/check_test.py.
#include "app/shared/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "heloguard/base/escape.h"

namespace heloguard {

std::string Painted(const std::string& text, std::string_view code, Colour colour) {
  return colour == Colour::kOff ? text : "\x1b[" + std::string(code) + "m" + text + "\x1b[0m";
}

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string Wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column > indent && column + 1 + end > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string Counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string NumberText(double value) {
  std::array<char, 64> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 3);
  std::string digits(text.data(), error == std::errc() ? end : text.data());
  while (digits.ends_with('0')) digits.pop_back();
  if (digits.ends_with('.')) digits.pop_back();
  return digits == "-0" ? "0" : digits;
}

std::string MillisecondsText(std::chrono::microseconds time) {
  return NumberText(std::round(static_cast<double>(time.count()) / 100) / 10) + " ms";
}

std::string ModeText(const Policy& policy) {
  const std::string mode(NameOf(policy.mode));
  return policy.percent ? mode + " for " + std::to_string(*policy.percent) + " %" : mode;
}

std::string Written(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\\' ? std::string(1, c) : EscapeBytes(std::string_view(&c, 1));
  return out;
}

}  // namespace heloguard
