// Error texts: the format every message of the program has.
#include "heloguard/base/result.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

TEST(SourcePosition, PrintsAsFarAsKnown) {
  const struct {
    SourcePosition where;
    const char* text;
  } rows[] = {
      {{"a.toml", 3, 7}, "a.toml:3:7"},
      {{"a.toml", 3, 0}, "a.toml:3"},
      {{"a.toml", 0, 0}, "a.toml"},
      {{"a.toml", 0, 7}, "a.toml"},  // a column without a line says nothing
      {{"", 3, 7}, ""},
      {{}, ""},
  };
  for (const auto& row : rows) EXPECT_EQ(row.where.ToString(), row.text);
}

TEST(Error, PutsThePositionInFront) {
  EXPECT_EQ((Error{ErrorKind::kConfig, "no such fact", {"p.toml", 2, 1}}.ToString()), "p.toml:2:1: no such fact");
  EXPECT_EQ((Error{ErrorKind::kUsage, "no such option", {}}.ToString()), "no such option");
}

TEST(Diagnostics, OnlyErrorsCount) {
  const Diagnostic warning{Severity::kWarning, {}, "shadowed-rule"};
  const Diagnostic error{Severity::kError, {}, ""};
  EXPECT_FALSE(HasErrors({}));
  EXPECT_FALSE(HasErrors({warning, warning}));
  EXPECT_TRUE(HasErrors({warning, error}));
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 4;
  const Result<int> bad = Error{ErrorKind::kInputData, "no number", {}};
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good.value(), 4);
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().kind, ErrorKind::kInputData);
}

}  // namespace
}  // namespace heloguard
