// OutlineOf by hand and against toml++: whatever toml++ can read is as deep in the text as in the tree.
#include "adapters/toml/toml_outline.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "adapters/toml/toml_document.h"
#include "toml_depth.h"

namespace heloguard {
namespace {

constexpr std::size_t kMany = 100'000;

std::string Repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

// The depth of `text`: the least limit that it keeps.
std::size_t DepthInText(const std::string& text) {
  std::size_t limit = 0;
  while (OutlineOf(text, limit).too_deep) ++limit;
  return limit;
}

TEST(TomlOutlineTest, Depths) {
  const struct {
    std::string text;
    std::size_t depth;
  } rows[] = {
      {"", 0},
      {"# a.b.c = [[[\n", 0},
      {"a = 1\nb = 1.5\nc = 1979-05-27T07:32:00.999Z\n", 1},
      {"a.b . \"c.d\" . 'e.[' = 1", 4},
      {"\"\".'' = 1", 2},
      {"a = [", 2},
      {"a = [[], [1, [2]], []]", 4},
      {"a = {}", 2},
      {"a = { b.c = { d = 1 }, e = 1 }", 6},
      {"a = [{ b = 1 }, { c.d = 1 }]", 5},
      {"a = [\n  1, # [[[\n  [2],\n]\nb = 1", 3},
      {"[a.b]\nc.d = [1]", 5},
      {"[[a.b]]\nc = 1\n[[a.b]]\nc.d = 1", 4},
      {" [ a . 'b.c' ] # x.y\nc = 1\n[d]\n", 3},
      {"[a.b.c]\n[a]\nd = 1", 3},
      {"a = \"[[{{ x.y # \\\" [[ \\\\\"\nb.c = 1", 2},
      {"a = '[[{{ x.y # \"\\'\nb.c = 1", 2},
      {"a = \"\"\"\n[[[ \" \"\" \\\"\"\" {{{\n= x.y.z \\\n  \"\"\"\"\"\nb.c = 1", 2},
      {"a = '''\n[[[ ' '' \\{{{\n= x.y.z'''''\nb.c = 1", 2},
      {"a = ['''x''', \"\"\"y\"\"\", '', \"\"]\r\nb.c = 1\r\n", 2},
      {"\xef\xbb\xbf[a.b]", 2},
  };
  for (const auto& row : rows) EXPECT_EQ(DepthInText(row.text), row.depth) << row.text;
}

TEST(TomlOutlineTest, PlacesOfExcess) {
  const struct {
    std::string text;
    std::uint32_t line, column;
  } rows[] = {
      {"a.b.c = 1", 1, 5},
      {"x = 1\n  [ a.b . \"c\" ]\n", 2, 11},
      {"x = 1\na = [\n [\n1]]", 3, 2},
      {"[a]\nb = 1\nc = { d = 1 }", 3, 5},
      {"x = \"\"\"\n\n\"\"\"\n\"\xc3\xa4\xe2\x82\xac\".b.c = 1", 4, 8},
      {"\xef\xbb\xbf"
       "a.b.c = 1",
       1, 5},
  };
  for (const auto& row : rows) {
    const auto found = OutlineOf(row.text, 2).too_deep;
    ASSERT_TRUE(found) << row.text;
    EXPECT_EQ(found->line, row.line) << row.text;
    EXPECT_EQ(found->column, row.column) << row.text;
  }
}

TEST(TomlOutlineTest, TheLimitIsTheLimit) {
  const std::string rows[] = {
      "a" + Repeated(".a", 127) + " = 1",
      "[a" + Repeated(".a", 126) + "]\nb = 1",
      "a = " + Repeated("[", 127) + Repeated("]", 127),
      "a = " + Repeated("{ a = ", 63) + "[]" + Repeated(" }", 63),
  };
  for (const std::string& row : rows) {
    EXPECT_FALSE(OutlineOf(row).too_deep) << row;
    const auto parsed = ParseToml(row, "f");
    ASSERT_TRUE(parsed.ok()) << row << parsed.error().message;
    EXPECT_EQ(testing::DepthOf(parsed.value()), kMaxNesting) << row;
    EXPECT_TRUE(OutlineOf("[x]\n" + (row[0] == '[' ? "[x." + row.substr(1) : row)).too_deep) << row;
  }
}

TEST(TomlOutlineTest, WhatWouldOverflowTheStackIsRefused) {
  const std::string attacks[] = {
      Repeated("a.", kMany / 2) + "b = 1",
      Repeated("'a' . ", kMany / 2) + "b = 1",
      "[" + Repeated("a.", kMany / 2) + "b]",
      "[[" + Repeated("a.", kMany / 2) + "b]]",
      "x = { " + Repeated("a.", kMany / 2) + "b = 1 }",
      "x = [{ " + Repeated("a.", kMany / 2) + "b = 1 }]",
      "a = " + Repeated("[", kMany),
      "a = " + Repeated("{", kMany),
      "a = " + Repeated("[{a.b=", kMany),
      "a = " + Repeated("[\n# ]\n", kMany),
      Repeated("[", kMany),
      "a = '''\n'''\n" + Repeated("a.", kMany / 2) + "b = 1",
      "a = \"\\\\\"\n" + Repeated("a.", kMany / 2) + "b = 1",
      "a = \"\"\"\"\"\"\"\"\n" + Repeated("a.", kMany / 2) + "b = 1",
      "\xef\xbb\xbf" + Repeated("a.", kMany / 2) + "b = 1",
      "[" + Repeated("a.", 99) + "b]\n" + Repeated("c.", 99) + "d = 1",
  };
  for (const std::string& attack : attacks) {
    const auto parsed = ParseToml(attack, "f.toml");
    ASSERT_FALSE(parsed.ok()) << attack.substr(0, 40);
    EXPECT_EQ(parsed.error().message, "nests deeper than 128") << attack.substr(0, 40);
    EXPECT_EQ(parsed.error().where.file, "f.toml");
    EXPECT_GT(parsed.error().where.column, 0U);
  }
}

TEST(TomlOutlineTest, TheSameInStringsAndCommentsIsText) {
  const std::string deep = Repeated("a.[{", kMany);
  const std::string rows[] = {
      "# " + deep + "\na = 1",      "a = \"" + deep + "\"", "a = '" + deep + "'", "a = \"\"\"" + deep + "\"\"\"",
      "a = '''\n" + deep + "\n'''", "'" + deep + "' = 1",   "a = 1 # " + deep,    "a = [ # " + deep + "\n]",
      "[ \"" + deep + "\" ]",
  };
  for (const std::string& row : rows) EXPECT_TRUE(ParseToml(row, "f").ok()) << row.substr(0, 40);
}

// Many short siblings are not deep.
TEST(TomlOutlineTest, WidthIsNoDepth) {
  std::string text = "a = [" + Repeated("[[1]], {b.c = 1}, ", kMany / 10) + "]\n";
  for (std::size_t i = 0; i < kMany / 100; ++i) text += "[[t]]\nx.y = 1\n[t.u" + std::to_string(i) + ".v]\n";
  EXPECT_EQ(DepthInText(text), 5U);
  EXPECT_TRUE(ParseToml(text, "f").ok());
}

// Documents out of pieces that are hard to tell apart; most are sound.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string Document() {
    std::string text;
    for (int lines = Pick(8); lines >= 0; --lines) {
      const int kind = Pick(6);
      if (kind == 0) text += "[" + Key() + "]";
      if (kind == 1) text += "[[" + Key() + "]]";
      if (kind == 2) text += Blank();
      if (kind > 2) text += Key() + "=" + Value(3);
      text += Pick(3) == 0 ? " # [{ a.b = \"\n" : Pick(3) == 0 ? "\r\n" : "\n";
    }
    if (Pick(8) == 0)
      text.insert(static_cast<std::size_t>(Pick(static_cast<int>(text.size()))), 1, ".[]{}\"'#\\="[Pick(10)]);
    return text;
  }

 private:
  int Pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  std::string Name() { return std::string(1, static_cast<char>('a' + Pick(26))) + std::to_string(Pick(1000)); }
  std::string Blank() { return Pick(2) == 0 ? "" : Pick(2) == 0 ? " " : "\t "; }

  std::string Key() {
    std::string key;
    for (int parts = Pick(4); parts >= 0; --parts) {
      const std::string name = Name();
      const int kind = Pick(4);
      key += Blank() + (kind == 0 ? "\"" + name + ".[\\\"\"" : kind == 1 ? "'" + name + ".{'" : name) + Blank();
      if (parts > 0) key += ".";
    }
    return key;
  }

  std::string Text() {
    static constexpr std::array<std::string_view, 12> kTexts{"1.5",
                                                             "true",
                                                             "\"\"",
                                                             "''",
                                                             "\"a.[\\\\\"",
                                                             "'[{\\'",
                                                             "\"\"\"\"x\"\" \\\"[\n{.\"\"\"\"\"",
                                                             "''''x'' \\[\n{.'''''",
                                                             "1979-05-27",
                                                             "\"\"\"\\\n  [\"\"\"",
                                                             "\"\xc3\xa4#\"",
                                                             "''''''"};
    return std::string(kTexts[static_cast<std::size_t>(Pick(kTexts.size()))]);
  }

  std::string Value(int levels) {
    const int kind = levels == 0 ? 0 : Pick(4);
    if (kind < 2) return Blank() + Text() + Blank();
    std::string inside;
    for (int each = Pick(3); each > 0; --each) {
      inside += (inside.empty() ? "" : ",") + (kind == 2 ? Value(levels - 1) : Key() + "=" + Value(levels - 1));
      if (kind == 2 && Pick(4) == 0) inside += " # ]}\n";
    }
    return Blank() + (kind == 2 ? "[" + inside + "]" : "{" + inside + Blank() + "}");
  }

  std::mt19937 random_;
};

TEST(TomlOutlineTest, AgreesWithTomlPlusPlus) {
  std::size_t sound = 0;
  for (unsigned seed = 0; seed < 4'000; ++seed) {
    const std::string text = Writer(seed).Document();
    const auto parsed = ParseToml(text, "f");
    if (!parsed.ok()) continue;
    ++sound;
    ASSERT_EQ(DepthInText(text), testing::DepthOf(parsed.value())) << text;
  }
  EXPECT_GT(sound, 2'000U);
}

}  // namespace
}  // namespace heloguard
