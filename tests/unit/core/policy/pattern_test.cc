// Pattern sets: syntax errors, which pattern is reported, engines that fail, and the oracle: a set says what its
// patterns say one by one.
#include "heloguard/policy/pattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

namespace heloguard {
namespace {

std::vector<Pattern> Patterns(const std::vector<std::string>& texts) {
  std::vector<Pattern> patterns;
  for (const std::string& text : texts) {
    patterns.push_back({text, {"p.re2", static_cast<std::uint32_t>(patterns.size() + 1), 1}});
  }
  return patterns;
}

PatternSet Compiled(const std::vector<std::string>& texts, const SetEngineFactory& factory = Re2EngineFactory()) {
  Diagnostics errors;
  auto set = PatternSet::Compile(Patterns(texts), &errors, factory);
  EXPECT_TRUE(errors.empty());
  return std::move(set).value();
}

std::string TextOf(const PatternSet::Hit& hit) { return hit.pattern == nullptr ? "" : hit.pattern->text; }

TEST(PatternTest, Matching) {
  const struct {
    std::string pattern, text;
    bool matches;
  } rows[] = {
      {"dyn", "xDYNx", true},  // case-insensitive, unanchored
      {"^dyn", "a.dyn", false},
      {"dyn$", "a.dyn", true},
      {R"(\bpool\b)", "a-pool-1", true},
      {R"(\d{1,3}-\d{1,3})", "1-22.example", true},
      {"^.$", "\xc3\xa4", false},  // bytes: two of them
      {"^..$", "\xc3\xa4", true},
      {"\xc3\xa4", "\xc3\xa4", true},  // UTF-8 in a pattern matches the same octets
      {"^a\\x00b$", std::string("a\0b", 3), true},
      {"(?-i)A", "a", false},  // a pattern may ask for its own case
      {"[^.]+", "", false},
      {"^$", "", true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(MatchesAlone({row.pattern, {}}, row.text), row.matches) << row.pattern << " " << row.text;
    EXPECT_EQ(Compiled({row.pattern}).Match(row.text).pattern != nullptr, row.matches) << row.pattern;
  }
}

TEST(PatternTest, EveryBrokenPatternIsReportedWhereItStands) {
  Diagnostics errors;
  const auto set =
      PatternSet::Compile(Patterns({"fine", "a(", "also fine", R"((a)\1)", "(?=a)", "*a", "a{5000}"}), &errors);
  EXPECT_FALSE(set);
  std::vector<std::string> texts;
  for (const Diagnostic& each : errors) texts.push_back(each.error.ToString());
  EXPECT_EQ(texts, (std::vector<std::string>{
                       "p.re2:2:1: this pattern does not compile: missing ): a(",
                       "p.re2:4:1: this pattern does not compile: invalid escape sequence: \\x5c1; RE2 has no back "
                       "references, and a backslash before a letter must mean something",
                       "p.re2:5:1: this pattern does not compile: invalid perl operator: (?=; RE2 has no look-around, "
                       "atomic groups or conditions",
                       "p.re2:6:1: this pattern does not compile: no argument for repetition operator: *",
                       "p.re2:7:1: this pattern does not compile: invalid repetition size: {5000}",
                   }));
  EXPECT_EQ(MatchesAlone({"a(", {}}, "a"), std::nullopt);
}

TEST(PatternTest, LowestIndexIsReported) {
  const PatternSet set = Compiled({"zzz", "pool", "dyn", "d.n"});
  EXPECT_EQ(TextOf(set.Match("dyn-pool.example")), "pool");
  EXPECT_EQ(TextOf(set.Match("dyn.example")), "dyn");
  EXPECT_EQ(TextOf(set.Match("dan.example")), "d.n");
  EXPECT_EQ(TextOf(set.Match("mail.example")), "");
  EXPECT_EQ(set.Match("dyn.example").pattern->where.line, 3U);
  EXPECT_EQ(set.parts(), 1U);
}

TEST(PatternTest, NoPatternsMatchNothing) {
  const PatternSet set = Compiled({});
  EXPECT_EQ(set.Match("x").pattern, nullptr);
  EXPECT_FALSE(set.Match("x").fell_back);
  EXPECT_EQ(set.parts(), 0U);
}

TEST(PatternTest, MemoryGrowsWithTheNumberOfPatterns) {
  constexpr std::int64_t kMiB = 1 << 20;
  EXPECT_EQ(PatternMemory(0), 16 * kMiB);
  EXPECT_EQ(PatternMemory(1'600), 16 * kMiB);
  EXPECT_EQ(PatternMemory(7'200), 40 * kMiB);
  EXPECT_EQ(PatternMemory(12'800), 64 * kMiB);
  EXPECT_EQ(PatternMemory(1'000'000), 64 * kMiB);
}

// --- engines that fail ---

class GivesUpOn : public SetEngine {
 public:
  GivesUpOn(std::string word, std::unique_ptr<SetEngine> real) : word_(std::move(word)), real_(std::move(real)) {}
  Outcome Match(std::string_view text, std::vector<int>* hits) const override {
    return text.find(word_) == std::string_view::npos ? real_->Match(text, hits) : Outcome::kGaveUp;
  }

 private:
  std::string word_;
  std::unique_ptr<SetEngine> real_;
};

TEST(PatternTest, AnEngineThatGivesUpIsNeverTakenForNoMatch) {
  const PatternSet set = Compiled({"pool", "dyn"}, [](const auto& patterns, std::int64_t max_mem) {
    return std::make_unique<GivesUpOn>("hard", Re2EngineFactory()(patterns, max_mem));
  });
  EXPECT_FALSE(set.Match("dyn.example").fell_back);
  const auto hit = set.Match("dyn.hard.example");
  EXPECT_TRUE(hit.fell_back);
  EXPECT_EQ(TextOf(hit), "dyn");
  EXPECT_TRUE(set.Match("mail.hard.example").fell_back);
  EXPECT_EQ(TextOf(set.Match("mail.hard.example")), "");
}

TEST(PatternTest, FallingBackIsSafeFromManyThreads) {
  const PatternSet set = Compiled({"pool", "dyn"}, [](const auto& patterns, std::int64_t max_mem) {
    return std::make_unique<GivesUpOn>("", Re2EngineFactory()(patterns, max_mem));
  });
  std::vector<std::string> found(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& each : found) threads.emplace_back([&set, &each] { each = TextOf(set.Match("dyn.example")); });
  }
  EXPECT_EQ(found, std::vector<std::string>(4, "dyn"));
}

// Takes at most `most` patterns, and none that says "refused".
SetEngineFactory SmallSetsOnly(std::size_t most) {
  return [most](const std::vector<Pattern>& patterns, std::int64_t max_mem) -> std::unique_ptr<SetEngine> {
    const auto refused = [](const Pattern& pattern) { return pattern.text.find("refused") != std::string::npos; };
    if (patterns.size() > most || std::ranges::any_of(patterns, refused)) return nullptr;
    return Re2EngineFactory()(patterns, max_mem);
  };
}

TEST(PatternTest, ASetThatDoesNotCompileIsSplit) {
  const PatternSet set = Compiled({"a1", "b", "c", "d", "e", "f", "[a-f]1"}, SmallSetsOnly(2));
  EXPECT_EQ(set.parts(), 4U);
  EXPECT_EQ(TextOf(set.Match("f1")), "f");  // the lowest of both that match, across parts
  EXPECT_EQ(TextOf(set.Match("a1")), "a1");
  EXPECT_EQ(TextOf(set.Match("c")), "c");
  EXPECT_EQ(TextOf(set.Match("zz")), "");
  EXPECT_FALSE(set.Match("f1").fell_back);
}

TEST(PatternTest, APatternThatNoEngineTakesIsTriedAlone) {
  const PatternSet set = Compiled({"one", "refused", "two"}, SmallSetsOnly(8));
  EXPECT_EQ(set.parts(), 2U);
  EXPECT_EQ(TextOf(set.Match("refused")), "refused");
  EXPECT_EQ(TextOf(set.Match("two")), "two");
  EXPECT_TRUE(set.Match("two").fell_back);
  EXPECT_FALSE(set.Match("one").fell_back);
}

// RE2 would tell of a pattern it refuses, and of a DFA that runs out of memory, on standard error.
TEST(PatternTest, Re2WritesNothing) {
  std::mt19937 random(1);
  std::string long_text;
  for (int i = 0; i < 200'000; ++i) long_text += "ab"[random() % 2];
  const std::string hungry = "a[ab]{20}c";  // its DFA has a million states on such a text
  const std::string large = "(([a-z]{50}){20}){10}";
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(MatchesAlone({hungry, {}}, long_text), false);
  EXPECT_EQ(Compiled({hungry, "^x"}).Match(long_text).pattern, nullptr);
  for (const std::int64_t memory : {1'000, 15'000, 100'000}) {
    const auto engine = Re2EngineFactory()(Patterns({hungry, "^x", "[^y]{9}y"}), memory);
    std::vector<int> hits;
    EXPECT_TRUE(!engine || engine->Match(long_text, &hits) != SetEngine::Outcome::kMatch);
  }
  EXPECT_EQ(Re2EngineFactory()(Patterns({"fine", "a("}), 1 << 20), nullptr);
  Diagnostics errors;
  EXPECT_FALSE(
      PatternSet::Compile(Patterns({"a(", "(?=a)", "*a", R"(\1)", "[z-a]", "a{5000}", large, "\xff("}), &errors));
  EXPECT_GE(errors.size(), 6U);
  EXPECT_FALSE(PatternGroups::Compile({"(a", {}}, true));
  EXPECT_EQ(PatternGroups::Compile({"(" + hungry + ")", {}}, true)->Match(long_text), std::vector<std::string>{});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

// --- the oracle ---

// Names and patterns that have something to do with one another, from a fixed seed.
class Generator {
 public:
  std::string Name() {
    std::string name;
    for (int labels = 1 + Pick(4); labels > 0; --labels) {
      name += Word();
      if (Pick(2) == 0) name += Separator() + std::to_string(Pick(300));
      if (labels > 1) name += ".";
    }
    if (Pick(20) == 0) name.insert(static_cast<std::size_t>(Pick(static_cast<int>(name.size()))), 1, '\xe4');
    return name;
  }

  std::string APattern() {
    static const std::vector<std::string> kForms{"^W",       "W$",      R"(\bW\b)",    "W[0-9]+", R"((W|W)[.-]\d{1,3})",
                                                 "^[a-z]+W", R"(W.*W)", "(?:W-){1,2}", "W[^.]*$", R"(\d+-\d+)"};
    std::string form = kForms[static_cast<std::size_t>(Pick(static_cast<int>(kForms.size())))];
    for (std::size_t at = form.find('W'); at != std::string::npos; at = form.find('W')) form.replace(at, 1, Word());
    return form;
  }

 private:
  int Pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  std::string Word() {
    static const std::vector<std::string> kWords{"dyn", "pool", "ip", "mail", "Cust", "dsl", "cable",
                                                 "ppp", "host", "mx", "a",    "net",  "res", "example"};
    return kWords[static_cast<std::size_t>(Pick(static_cast<int>(kWords.size())))];
  }
  std::string Separator() {
    static const std::vector<std::string> kSeparators{"", "-", "_", "."};
    return kSeparators[static_cast<std::size_t>(Pick(4))];
  }
  std::mt19937 random_{20'260'101};
};

TEST(PatternTest, ASetSaysWhatItsPatternsSayOneByOne) {
  Generator generator;
  std::vector<std::string> texts;
  while (texts.size() < 60) texts.push_back(generator.APattern());
  const PatternSet whole = Compiled(texts);
  const PatternSet split = Compiled(texts, SmallSetsOnly(7));
  EXPECT_GT(split.parts(), 8U);
  std::vector<PatternSet> alone;
  for (const std::string& text : texts) alone.push_back(Compiled({text}));
  int matched = 0;
  for (int i = 0; i < 5'000; ++i) {
    const std::string name = generator.Name();
    std::string first;
    for (std::size_t n = 0; n < texts.size() && first.empty(); ++n) first = TextOf(alone[n].Match(name));
    ASSERT_EQ(TextOf(whole.Match(name)), first) << name;
    ASSERT_EQ(TextOf(split.Match(name)), first) << name;
    matched += first.empty() ? 0 : 1;
    // A sample of the names against RE2 itself, which compiles anew at each call.
    if (i % 250 != 0) continue;
    const auto matches = [&name](const std::string& text) { return MatchesAlone({text, {}}, name).value_or(false); };
    ASSERT_EQ(std::ranges::any_of(texts, matches), !first.empty()) << name;
  }
  EXPECT_GT(matched, 500);
  EXPECT_LT(matched, 4'500) << "the generator makes too few names that match nothing";
}

}  // namespace
}  // namespace heloguard
