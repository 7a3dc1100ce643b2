// What is printed for people: lines that end in time, columns, numbers, colours.
#include "app/shared/text.h"

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

// Of any text: no line is too long unless it is one word, none is shorter than need be, and no word is lost.
TEST(Wrapped, FillsEveryLineAndLosesNoWord) {
  const std::string text = "a client whose reverse DNS name leads back to its address is forward-confirmed, others not";
  for (std::size_t width = 1; width < 100; ++width) {
    const std::size_t indent = width % 5;
    const std::vector<std::string> lines = Lines(std::string(indent, ' ') + Wrapped(text, width, indent));
    std::string joined;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string words = lines[i].substr(indent);
      EXPECT_TRUE(lines[i].size() <= width || words.find(' ') == std::string::npos) << width << ": " << lines[i];
      if (i + 1 < lines.size()) {
        const std::string next = lines[i + 1].substr(indent);
        EXPECT_GT(lines[i].size() + 1 + next.substr(0, next.find(' ')).size(), width) << lines[i];
      }
      joined += (joined.empty() ? "" : " ") + words;
    }
    EXPECT_EQ(joined, text) << width;
  }
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
