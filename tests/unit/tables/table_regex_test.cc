// Regular expressions of Postfix tables in RE2's syntax. That they match alike is tested where tables are; here is what
// they look like, and what is refused where.
#include "tables/table_regex.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

struct Case {
  const char* pattern;
  const char* expected;  // RE2, or "!OCTET TEXT"
};

std::string Shown(const RegexResult& result) {
  if (!result.error) return result.text;
  return "!" + std::to_string(result.error->at) + " " + result.error->text;
}

constexpr RegexFlags kDefault;
constexpr RegexFlags kCased{.fold = false};
constexpr RegexFlags kExtended{.extended = true};

TEST(TableRegexTest, PerlThatRe2ReadsAlikeStaysAsItIs) {
  for (const char* pattern :
       {"", "^dyn[0-9]+-", R"(\.(home|lan)$)", R"(^\d{1,3}-\d+\.)", "a*?b+?c??", "(?:x|)", "(?i:a)(?-i)b",
        R"(\bpool\B)", R"(\Aa\z)", "x{2}y{2,}z{2,5}", "[^.a-z]", R"(\w\W\d\D)", "()"}) {
    const RegexResult result = TranslatePcre(pattern, kDefault);
    EXPECT_EQ(Shown(result), pattern);
    EXPECT_TRUE(result.warnings.empty());
  }
}

TEST(TableRegexTest, PerlWrittenAnew) {
  const std::vector<Case> cases{
      {R"(a\/b\-c\_)", "a/b-c_"},
      {"{}]", R"(\{\}\])"
              ""},
      {"a{,2}", R"(a\{,2\})"},
      {R"(\Qa.b\E*)", R"(a\.b*)"},
      {R"(\Q*)", R"(\*)"},
      {R"(a\Z)", R"(a\z)"},
      {R"(\x2e\x{41}\o{101}\0\cA\e)", R"(\.AA\x{00}\x{01}\x{1b})"},
      {R"(\s)", R"([\x{09}-\x{0d} ])"},
      {R"(\S)", R"((?-i:[\x{00}-\x{08}\x{0e}-\x{1f}!-\x{ff}]))"},
      {R"(\h)", R"((?-i:[\x{09} \x{a0}]))"},
      {R"(\N)", "."},
      {"(?#x)a(?<n>b)(?P<m>c)(?'o'd)", "a(b)(c)(d)"},
      {"(?msx: a b )", "(?:ab)"},
      {"(?s)a", "a"},
      {"(?i-x:a)(?U)", "(?i:a)(?U)"},
      {"[]a][^]a][a-]", R"([\]a][^\]a][\-a])"},
      {R"([\d\]\x41-C])", R"([0-9A-C\]])"},
      {"[[:alpha:]_]", "[_a-z]"},
      {"[[:^upper:]]", R"((?-i:[\x{00}-@\[-`{-\x{ff}]))"},
      {R"([\Qa-c\E])", R"([\-ac])"},
      {"[[:a]", R"([:\[a])"},
      {R"([\b])", R"([\x{08}])"},
      {"\xe9[\xe9]", R"((?-i:\x{e9})(?-i:[\x{e9}]))"},
  };
  for (const Case& c : cases) EXPECT_EQ(Shown(TranslatePcre(c.pattern, kDefault)), c.expected) << c.pattern;
  EXPECT_EQ(Shown(TranslatePcre("a[[:^upper:]]", kCased)), R"((?-i)a[\x{00}-@\[-\x{ff}])");
  EXPECT_EQ(Shown(TranslatePcre(" a b\\ [ ] + # c", kExtended)), "ab [ ]+");
  EXPECT_EQ(Shown(TranslatePcre("a|b", {.anchored = true, .ungreedy = true})), "(?U)^(?:a|b)");
  EXPECT_EQ(TranslatePcre("(a)(?:b)(?<n>c)", kDefault).groups, 2U);
}

TEST(TableRegexTest, PerlThatRe2CannotSay) {
  const std::vector<Case> cases{
      {"a(?=b)", R"(!1 RE2 has no look-ahead; put the line between "if" and "endif")"},
      {"^(?!b)", R"(!1 RE2 has no look-ahead; put the line between "if !/.../" and "endif")"},
      {"(?<=a)", "!0 RE2 has no look-behind"},
      {"(?<!a)", "!0 RE2 has no look-behind"},
      {"(a)\\1", R"(!3 RE2 has no back references (an octet is written \x with two hexadecimal digits))"},
      {R"((a)\g1)", "!3 RE2 has no back references and no recursion"},
      {"(?P<n>a)(?P=n)", "!8 RE2 has no back references"},
      {"a++", "!1 RE2 has no possessive quantifiers"},
      {"(?>a)", "!0 RE2 has no atomic groups"},
      {"(?|a)", "!0 RE2 has no branch reset"},
      {"(?R)", "!0 RE2 has no recursion"},
      {"(a)(?1)", "!3 RE2 has no recursion"},
      {"(a)(?-1)", "!3 RE2 has no recursion"},
      {"(?(1)a)", "!0 RE2 has no conditions"},
      {"(*UTF)a", "!0 RE2 has no verbs or named assertions"},
      {R"(\p{L})", "!0 Unicode properties are not supported"},
      {R"(a\K)", R"(!1 RE2 has no \C, \G, \K and \R)"},
      {R"(\y)", R"(!0 \y has no meaning)"},
      {R"(\x{100})", "!0 this is no octet"},
      {"a{1001}", "!1 RE2 repeats at most 1000 times"},
      {"a{3,2}", "!1 these bounds are the wrong way round"},
      {"*a", "!0 there is nothing here to repeat"},
      {"a**", "!2 there is nothing here to repeat"},
      {"^*", "!1 there is nothing here to repeat"},
      {"(a", "!0 this group is not closed"},
      {"a)", "!1 there is no group to close here"},
      {"[a", "!0 these brackets are not closed"},
      {"[c-a]", "!1 this range is the wrong way round"},
      {R"([\d-z])", "!1 a range needs one character at each end"},
      {"[[:foo:]]", R"(!1 there is no class "[:foo:]")"},
      {"[:alpha:]", "!0 a class like this one stands inside brackets of its own: [[:alpha:]]"},
      {"a\\", "!1 a backslash at the end"},
      {"(?<n>a)(?<n>b)", "!7 there is a group of this name"},
      {"(?z)", "!0 RE2 has no group like this"},
  };
  for (const Case& c : cases) EXPECT_EQ(Shown(TranslatePcre(c.pattern, kDefault)), c.expected) << c.pattern;
}

TEST(TableRegexTest, Posix) {
  const std::vector<Case> cases{
      {"^dyn[0-9]+-(a|b)?", "^dyn[0-9]+-(a|b)?"},
      {R"([\d])", R"([\\d])"},
      {R"(\/\.\-)", R"(/\.-)"},
      {R"(\w\b\`\')", R"(\w\b\A\z)"},
      {"x)", R"(x\))"},
      {"a+*{2}", "(?:(?:a+)*){2}"},
      {"(a)**", "(?:(a)*)*"},
      {"a{,3}", "a{0,3}"},
      {"[[.-.]a[=b=]]", R"([\-ab])"},
      {"[]-a]", "!1 this range is the wrong way round (letters count as capitals)"},
      {"[+-z]", R"([+-@a-z])"},
      {"[[:upper:]]", "[a-z]"},
      {"(a|)|", "(a|)|"},
      {"(a)\\1", "!3 RE2 has no back references"},
      {R"(\<a)", R"(!0 RE2 does not tell the start of a word from its end; write \b)"},
      {"*a", "!0 there is nothing here to repeat"},
      {"^*a", "!1 there is nothing here to repeat"},
      {"a{x", R"(!1 these are no bounds of repetition; write \{ for a brace)"},
      {"[[:<:]]", R"(!1 there is no class "[:<:]")"},
      {"[[:word:]]", R"(!1 there is no class "[:word:]")"},
      {"[[.hyphen.]]", "!1 names of characters are not supported; write the character itself"},
      {"[a-c-e]", "!4 a hyphen here needs to stand first or last"},
      {"[a", "!0 these brackets are not closed"},
      {"[[:alpha", "!1 these brackets are not closed"},
      {"[a-", "!0 these brackets are not closed"},
      {"(a", "!0 this group is not closed"},
  };
  for (const Case& c : cases) EXPECT_EQ(Shown(TranslatePosix(c.pattern, kDefault)), c.expected) << c.pattern;
  EXPECT_EQ(Shown(TranslatePosix("[Z-a]", kCased)), R"((?-i)[Z-a])");
  const RegexResult digits = TranslatePosix(R"(x\d)", kDefault);
  EXPECT_EQ(digits.text, "xd");
  ASSERT_EQ(digits.warnings.size(), 1U);
  EXPECT_EQ(digits.warnings[0].at, 1U);
}

}  // namespace
}  // namespace heloguard
