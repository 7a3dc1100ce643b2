#include "adapters/toml/toml_document.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

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

// --- texts that are parsed in pieces ---

// Every node and key with its place.
void List(const toml::node& node, const std::string& path, std::vector<std::string>* out) {
  const auto place = [](const toml::source_region& region) {
    return std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
  };
  out->push_back(path + " " + place(node.source()));
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, value] : *table) {
      const std::string inside = path + "." + std::string(key.str());
      out->push_back(inside + " key " + place(key.source()));
      List(value, inside, out);
    }
  } else if (const toml::array* array = node.as_array()) {
    std::size_t count = 0;
    for (const toml::node& each : *array) List(each, path + "[" + std::to_string(count++) + "]", out);
  } else if (const auto* number = node.as_integer()) {
    out->back() += " = " + std::to_string(number->get());
  }
}

// What ParseToml makes of a text, and toml++ by itself.
std::vector<std::string> Read(const std::string& text) {
  const auto parsed = ParseToml(text, "f.toml");
  if (!parsed.ok()) return {parsed.error().ToString()};
  std::vector<std::string> nodes;
  List(parsed.value(), "", &nodes);
  return nodes;
}

std::vector<std::string> ReadWhole(const std::string& text) {
  std::vector<std::string> nodes;
  try {
    List(toml::parse(std::string_view(text), std::string("f.toml")), "", &nodes);
  } catch (const toml::parse_error& e) {
    const auto at = e.source().begin;
    return {"f.toml:" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
            std::string(e.description())};
  }
  return nodes;
}

// Enough elements for several pieces, with other tables and deceptive texts among them.
std::string LongText() {
  std::string text = "\xef\xbb\xbfschema = 1\n# [[rule]]\n[policy]\nname = 'x'\n";
  for (int i = 0; i < 1'300; ++i) {
    const std::string number = std::to_string(i);
    text += i % 3 == 0 ? "[[rule]]\n" : i % 3 == 1 ? "  [[ rule ]] # [list.x]\r\n" : "\n[[rule]]\t\n";
    text += "n = " + number + "\nwhen.helo.name = 1\nwhen.rdns.status = [1,\n 2]\n";
    if (i % 7 == 0) text += "text = \"\"\"\n[[rule]]\n[list]\n\"\"\"\n";
    if (i % 11 == 0) text += "[rule.unless]\nhelo.kind = 1\n[[rule.any]]\nx = 1\n[[rule.any]]\nx.y = 2\n";
    if (i % 500 == 17) text += "[list.l" + number + "]\nclients = [\n1\n]\n[rule.behind]\nz = 1\n";
    if (i % 500 == 18) text += "[[other]]\nz = 1\n";
  }
  return text;
}

TEST(TomlDocumentTest, PiecesMakeTheWholeDocument) {
  const std::string text = LongText();
  const auto whole = ReadWhole(text);
  ASSERT_GT(whole.size(), 5'000U);
  EXPECT_EQ(Read(text), whole);
}

TEST(TomlDocumentTest, ErrorsInPiecesAreThoseOfTheWhole) {
  const std::string text = LongText();
  const std::string rows[] = {
      "rule = 1\n" + text.substr(3),
      "rule = [{}]\n" + text.substr(3),
      "[rule]\n" + text.substr(3),
      "[rule.x]\n" + text.substr(3),
      "[\"rule\".x]\n" + text.substr(3),
      text + "[rule]\n",
      text + "[['rule']]\n",
      text + "[policy]\n",
      text + "[rule.unless]\n[rule.unless]\n",
      text + "[[rule]]\nwhen.a = 1\nwhen.a.b = 2\n",
      text + "[[rule]]\na = \"open\n[[rule]]\n",
      text + "[[rule]]\na = '''open\n" + text.substr(3),
      text + "[[rule]]\na = [ 1\n" + text.substr(3),
      text + "[[rule] ]\n",
      text + "[[rule]] x\n",
      text + "[[rule.]]\n",
      text + "[[]]\n[",
  };
  for (const std::string& row : rows) EXPECT_EQ(Read(row), ReadWhole(row)) << row.substr(0, 20);
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
