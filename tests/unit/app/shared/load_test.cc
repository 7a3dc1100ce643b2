// Which of many findings are shown.
#include "app/shared/load.h"

#include <gtest/gtest.h>

#include <string>

namespace heloguard {
namespace {

// One finding a letter: "e" an error, "w" a warning.
Diagnostics Findings(const std::string& letters) {
  Diagnostics found;
  for (const char letter : letters) {
    const Severity severity = letter == 'e' ? Severity::kError : Severity::kWarning;
    found.push_back({severity, {ErrorKind::kConfig, std::to_string(found.size()), {"f", 1, 1}}, ""});
  }
  return found;
}

// The numbers of the findings shown, and what is said of the rest.
std::string Shown(const std::string& letters, std::size_t most) {
  const Diagnostics found = Findings(letters);
  const ShownDiagnostics first = FirstOf(found, most);
  std::string text;
  for (const Diagnostic* each : first.shown) text += each->error.message + " ";
  return text + first.rest;
}

TEST(FirstOfTest, ErrorsAreNeverHiddenBehindWarnings) {
  EXPECT_EQ(Shown("", 3), "");
  EXPECT_EQ(Shown("wew", 3), "0 1 2 ");
  EXPECT_EQ(Shown("wwww", 3), "0 1 2 and 1 more (0 errors, 1 warning)");
  EXPECT_EQ(Shown("eeeee", 3), "0 1 2 and 2 more (2 errors, 0 warnings)");
  EXPECT_EQ(Shown("wwwwe", 3), "0 1 4 and 2 more (0 errors, 2 warnings)");
  EXPECT_EQ(Shown("weweweww", 3), "1 3 5 and 5 more (0 errors, 5 warnings)");
  EXPECT_EQ(Shown("wewewewew", 3), "1 3 5 and 6 more (1 error, 5 warnings)");
}

TEST(FirstOfTest, FiftyUnlessOthersAreWanted) {
  EXPECT_EQ(FirstOf(Findings(std::string(50, 'w'))).rest, "");
  const Diagnostics many = Findings(std::string(1'000, 'w') + "e");
  EXPECT_EQ(FirstOf(many).shown.size(), 50U);
  EXPECT_EQ(FirstOf(many).shown.back()->severity, Severity::kError);
  EXPECT_EQ(FirstOf(many).rest, "and 951 more (0 errors, 951 warnings)");
}

}  // namespace
}  // namespace heloguard
