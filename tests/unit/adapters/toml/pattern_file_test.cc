#include "adapters/toml/pattern_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heloguard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Outcome {
  std::vector<std::string> patterns;  // "LINE:COLUMN TEXT"
  std::vector<std::string> errors;
};

Outcome Read(std::string_view text) {
  Diagnostics found;
  Outcome outcome;
  for (const Pattern& pattern : ReadPatternText(text, "p.re2", &found)) {
    outcome.patterns.push_back(std::to_string(pattern.where.line) + ":" + std::to_string(pattern.where.column) + " " +
                               pattern.text);
  }
  for (const Diagnostic& each : found) outcome.errors.push_back(each.error.ToString());
  return outcome;
}

TEST(PatternFileTest, PatternsCommentsAndBlankLines) {
  const auto read = Read("\xef\xbb\xbf# head\n\n^dyn\r\n   pool  \n\t# more\n[#]x\nlast");
  EXPECT_THAT(read.patterns, ElementsAre("3:1 ^dyn", "4:4 pool", "6:1 [#]x", "7:1 last"));
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_THAT(Read("").patterns, IsEmpty());
  EXPECT_THAT(Read("\n\r\n").patterns, IsEmpty());
}

TEST(PatternFileTest, SamplesThatHold) {
  const auto read =
      Read("^dyn[0-9]+\n+ dyn12.example\n  +  DYN7\n- dynamics.example\n# a comment between\n- mail\npool\n+ a-pool\n");
  EXPECT_THAT(read.patterns, ElementsAre("1:1 ^dyn[0-9]+", "7:1 pool"));
  EXPECT_THAT(read.errors, IsEmpty());
}

TEST(PatternFileTest, BrokenSamples) {
  EXPECT_THAT(
      Read("^dyn\n+ a-dyn\npool\n- whirlpool.example\n").errors,
      ElementsAre("p.re2:2:1: the sample \"a-dyn\" does not match the pattern \"^dyn\" of line 1, but must",
                  "p.re2:4:1: the sample \"whirlpool.example\" matches the pattern \"pool\" of line 3, but must "
                  "not"));
}

TEST(PatternFileTest, LinesThatMakeNoSense) {
  EXPECT_THAT(Read("+ lonely\n").errors, ElementsAre("p.re2:1:1: a sample needs a pattern above it"));
  EXPECT_THAT(Read("a\n-dyn-\n+\n").errors,
              ElementsAre("p.re2:2:1: a sample is written \"+ NAME\" or \"- NAME\"; a pattern that starts with + or - "
                          "needs a backslash first",
                          "p.re2:3:1: a sample is written \"+ NAME\" or \"- NAME\"; a pattern that starts with + or - "
                          "needs a backslash first"));
  EXPECT_THAT(Read("^dyn  # dynamic\n+ x\n").errors,
              ElementsAre("p.re2:1:1: a comment needs a line of its own; here it would be part of the pattern"));
  EXPECT_THAT(Read("a\n" + std::string(1'025, 'x') + "\n+ x\n").errors,
              ElementsAre("p.re2:2:1: this line is longer than 1024 octets"));
}

TEST(PatternFileTest, SignsAtTheStartOfAPattern) {
  const auto read = Read("\\-dyn-\n+ a-dyn-b\n[+]x\n+ a+x\n");
  EXPECT_THAT(read.patterns, ElementsAre("1:1 \\-dyn-", "3:1 [+]x"));
  EXPECT_THAT(read.errors, IsEmpty());
}

// Whether it compiles is found where the list is built, with all other broken patterns.
TEST(PatternFileTest, SamplesOfABrokenPatternSayNothing) { EXPECT_THAT(Read("a(\n+ a\n- b\n").errors, IsEmpty()); }

}  // namespace
}  // namespace heloguard
