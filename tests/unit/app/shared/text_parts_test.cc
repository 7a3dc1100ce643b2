// What is printed for people: lines that end in time, columns, numbers, colours.
#include "app/shared/text_parts.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace heloguard {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Wrapped, BreaksAtBlanksAndCountsTheIndent) {
  const struct {
    std::string_view text;
    std::size_t width, indent;
    std::string_view expected;
  } kRows[] = {
      {"", 10, 2, ""},
      {"one", 10, 2, "one"},
      {"one two", 7, 0, "one two"},     // ends at the last column
      {"one two", 6, 0, "one\ntwo"},    // one column short
      {"one two", 9, 2, "one two"},     // the first line stands behind the indent
      {"one two", 8, 2, "one\n  two"},  //
      {"one two three four", 9, 1, "one two\n three\n four"},
      {"overlong a", 4, 1, "overlong\n a"},  // stays whole, and nothing joins it
      {"a overlong b", 4, 1, "a\n overlong\n b"},
      {"a", 2, 8, "a"},  // an indent beyond the width: a word a line
      {"a b", 2, 8, "a\n        b"},
      {"a  b", 10, 0, "a  b"},  // two blanks stay two inside a line
      {"  a", 10, 0, "a"},      // and go at the beginning of one
      {"a ", 10, 0, "a"},
  };
  for (const auto& row : kRows) EXPECT_EQ(Wrapped(row.text, row.width, row.indent), row.expected) << row.text;
}

// Whether `line` stays within `width`, or is one word, which stays whole.
bool Fits(const std::string& line, std::size_t width, std::size_t indent) {
  return line.size() <= width || line.find(' ', indent) == std::string::npos;
}

// Whether the first word of `next` would have fit at the end of `line`.
bool HasRoomFor(const std::string& next, const std::string& line, std::size_t width, std::size_t indent) {
  const std::string words = next.substr(indent);
  return line.size() + 1 + words.substr(0, words.find(' ')).size() <= width;
}

// What is wrong with `text` wrapped, "" if nothing is.
std::string Fault(const std::string& text, std::size_t width, std::size_t indent) {
  std::string joined, before;
  for (const std::string& line : Lines(std::string(indent, ' ') + Wrapped(text, width, indent))) {
    if (!Fits(line, width, indent)) return "too long: " + line;
    if (!before.empty() && HasRoomFor(line, before, width, indent)) return "broken too early: " + before;
    joined += (before.empty() ? "" : " ") + line.substr(indent);
    before = line;
  }
  return joined == text ? "" : "words lost: " + joined;
}

TEST(Wrapped, FillsEveryLineAndLosesNoWord) {
  const std::string text = "a client whose reverse DNS name leads back to its address is forward-confirmed, others not";
  for (std::size_t width = 1; width < 100; ++width) EXPECT_EQ(Fault(text, width, width % 5), "") << width;
}

TEST(Padded, CutsNothing) {
  EXPECT_EQ(Padded("ab", 4), "ab  ");
  EXPECT_EQ(Padded("abcde", 4), "abcde");
}

TEST(NumberText, IsTheShortestOfThreeDecimals) {
  EXPECT_EQ(NumberText(4), "4");
  EXPECT_EQ(NumberText(1.5), "1.5");
  EXPECT_EQ(NumberText(-0.0004), "0");
  EXPECT_EQ(NumberText(100), "100");
  EXPECT_EQ(NumberText(0.12349), "0.123");
}

TEST(MillisecondsText, HasTenths) {
  EXPECT_EQ(MillisecondsText(std::chrono::microseconds(7'349)), "7.3 ms");
  EXPECT_EQ(MillisecondsText(std::chrono::microseconds(0)), "0 ms");
}

TEST(Painted, OnlyWhereColoursAreOn) {
  EXPECT_EQ(Painted("x", Ink::kBad, Colour::kOff), "x");
  EXPECT_EQ(Painted("x", Ink::kBad, Colour::kOn), "\x1b[31mx\x1b[0m");
}

TEST(Written, KeepsBackslashesAndEscapesTheRest) { EXPECT_EQ(Written("a\\d\n\x1b"), "a\\d\\x0a\\x1b"); }

}  // namespace
}  // namespace heloguard
