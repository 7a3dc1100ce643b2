// Words, lines, numbers and colours of what is printed for people.
//
// Thread rule: pure functions.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "heloguard/policy/policy.h"

namespace heloguard {

enum class Colour : std::uint8_t { kOff, kOn };

// ANSI colours by what they say.
struct Ink {
  static constexpr std::string_view kBold = "1", kGood = "32", kWarn = "33", kBad = "31", kDim = "2";
};
[[nodiscard]] std::string Painted(const std::string& text, std::string_view code, Colour colour);

[[nodiscard]] std::string Padded(std::string text, std::size_t width);

// Columns of a page for people.
inline constexpr std::size_t kPageWidth = 100;
// Breaks `text` at blanks into lines that end at column `width` at most. The first line is for a place `indent` columns
// to the right; every other line begins with `indent` blanks. A word that is longer than a line stays whole. No line
// feed at the end.
[[nodiscard]] std::string Wrapped(std::string_view text, std::size_t width, std::size_t indent);

// The shortest text of a number: "4", "1.5"; three decimals at most.
[[nodiscard]] std::string NumberText(double value);
// "1 rule", "3 rules".
[[nodiscard]] std::string Counted(std::size_t count, const std::string& what);
// In tenths of a millisecond: "7.3 ms".
[[nodiscard]] std::string MillisecondsText(std::chrono::microseconds time);
// How a policy stands: "observe", "enforce for 10 %".
[[nodiscard]] std::string ModeText(const Policy& policy);
// Text of our own files and libraries: one line, printable; a backslash stays what it is.
[[nodiscard]] std::string Written(std::string_view text);

}  // namespace heloguard
