#include "adapters/toml/toml_document.h"

#include <gtest/gtest.h>

#include <array>

#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

TEST(TomlDocumentTest, SyntaxErrorsHaveTheirPlace) {
  const struct {
    std::string text;
    std::uint32_t line;
  } rows[] = {
      {"a = 1\nb = \n", 2}, {"a = 1\na = 2\n", 2}, {"[x\n", 1}, {"a = \"\xff\"\n", 1}, {"a = 'open\n", 1},
  };
  for (const auto& row : rows) {
    const auto parsed = ParseToml(row.text, "f.toml");
    ASSERT_FALSE(parsed.ok()) << row.text;
    EXPECT_EQ(parsed.error().where.file, "f.toml");
    EXPECT_EQ(parsed.error().where.line, row.line) << row.text;
    EXPECT_GT(parsed.error().where.column, 0U) << row.text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kConfig);
  }
}

TEST(TomlDocumentTest, HostileTexts) {
  EXPECT_TRUE(ParseToml("", "f").ok());
  EXPECT_TRUE(ParseToml("\xef\xbb\xbf"
                        "a = 1\r\n",
                        "f")
                  .ok());
  EXPECT_FALSE(ParseToml(std::string("a = '\0'", 7), "f").ok());
  EXPECT_FALSE(ParseToml("a = " + std::string(100'000, '['), "f").ok());
  EXPECT_FALSE(ParseToml("a = " + std::string(100'000, '{'), "f").ok());
}

TEST(TomlDocumentTest, Quoted) {
  EXPECT_EQ(Quoted("plain"), "\"plain\"");
  EXPECT_EQ(Quoted(R"(^dyn\d)"), R"('^dyn\d')");
  EXPECT_EQ(Quoted("a\"b"), "'a\"b'");
  EXPECT_EQ(Quoted("a\n\x7f\xe4"), "\"a\\x0a\\x7f\\xe4\"");
  EXPECT_EQ(Quoted(std::string(100, 'x'), 10), "\"xxxxxxxxxx...\"");
}

struct Target {
  std::string text;
  double number = 0;
};
constexpr std::array<KeySpec<Target>, 2> kKeys{{
    {"text", [](Target& target, const TomlValue& value) { target.text = value.Text().value_or("-"); }},
    {"number", [](Target& target, const TomlValue& value) { target.number = value.Number().value_or(-1); }},
}};

std::vector<std::string> ErrorsOf(const std::string& text, Target* target) {
  const auto parsed = ParseToml(text, "f.toml");
  EXPECT_TRUE(parsed.ok());
  const std::string file = "f.toml";
  Diagnostics found;
  ReadKeys(TomlValue{parsed.value(), file, "", {file, 1, 1}, &found}, kKeys, *target);
  std::vector<std::string> lines;
  for (const Diagnostic& each : found) lines.push_back(each.error.ToString());
  return lines;
}

TEST(TomlDocumentTest, KeysAreReadByTable) {
  Target target;
  EXPECT_TRUE(ErrorsOf("text = 'a'\nnumber = 3\n", &target).empty());
  EXPECT_EQ(target.text, "a");
  EXPECT_EQ(target.number, 3.0);
}

TEST(TomlDocumentTest, EveryProblemIsReported) {
  Target target;
  EXPECT_EQ(ErrorsOf("text = 1\nnumber = nan\ntxt = 'a'\n", &target),
            (std::vector<std::string>{"f.toml:2:10: number must be a finite number",
                                      "f.toml:1:8: text must be a string, not an integer",
                                      "f.toml:3:1: unknown key \"txt\" (did you mean \"text\"?)"}));
}

}  // namespace
}  // namespace heloguard
