#include "heloguard/base/suggest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace heloguard {
namespace {

constexpr std::array<std::string_view, 8> kKnown{"helo.kind",  "helo.name", "rdns.status",    "mode",
                                                 "on_unknown", "reject",    "client.address", "until"};

TEST(SuggestTest, NearestWord) {
  const struct {
    std::string_view word, nearest;
  } rows[] = {
      {"helo.knid", "helo.kind"},     // two letters swapped
      {"hello.kind", "helo.kind"},    // one too many
      {"rdnsstatus", "rdns.status"},  // one too few
      {"HELO.KIND", "helo.kind"},     // case
      {"on-unknown", "on_unknown"},   // hyphen for underscore
      {"mod", "mode"},
      {"rejct", "reject"},
      {"client.adress", "client.address"},
      {"mode", "mode"},
      {"", ""},
      {"quarantine", ""},
      {"x", ""},
      {"zz", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(Suggest(row.word, kKnown), row.nearest) << row.word;
}

// The distance as its definition has it, over whole words.
std::size_t Distance(std::string_view a, std::string_view b) {
  const auto fold = [](char c) { return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        rows[i][j] = i + j;
        continue;
      }
      const std::size_t cost = fold(a[i - 1]) == fold(b[j - 1]) ? 0 : 1;
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost});
      const bool swapped = i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]);
      if (swapped) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.size()][b.size()];
}

// The first of the nearest, all of them looked at.
std::string FirstNearest(std::string_view word, const std::vector<std::string_view>& known) {
  if (word.empty() || word.size() > 64) return "";
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string_view each : known) {
    const std::size_t distance = each.size() > 64 ? 1'000 : Distance(word, each);
    if (distance >= best_distance || distance >= each.size()) continue;
    best = each;
    best_distance = distance;
  }
  return std::string(best);
}

TEST(SuggestTest, AgreesWithTheDefinition) {
  std::mt19937 random(7);
  const auto word = [&random] {
    std::string text(random() % 8 == 0 ? "customer-list-" : random() % 2 == 0 ? "aB" : "");
    for (auto length = random() % (random() % 50 == 0 ? 80 : 9); length > 0; --length) text += "abcB-_1"[random() % 7];
    return text;
  };
  for (int round = 0; round < 100; ++round) {
    std::vector<std::string> words;
    for (auto count = random() % 40; count > 0; --count) words.push_back(word());
    std::vector<std::string_view> known(words.begin(), words.end());
    if (round % 2 == 0) std::ranges::sort(known);
    const KnownWords kept(known);
    for (int i = 0; i < 20; ++i) {
      const std::string mistyped = word();
      ASSERT_EQ(Suggest(mistyped, known), FirstNearest(mistyped, known)) << mistyped;
      ASSERT_EQ(kept.Suggest(mistyped), FirstNearest(mistyped, known)) << mistyped;
    }
  }
}

TEST(SuggestTest, HostileWordsCostNothing) {
  EXPECT_EQ(Suggest(std::string(1U << 20U, 'a'), kKnown), "");
  EXPECT_EQ(Suggest(std::string("\0\xff", 2), kKnown), "");
  EXPECT_EQ(Suggest("helo.kind", {}), "");
}

TEST(SuggestTest, DidYouMean) {
  EXPECT_EQ(DidYouMean("helo.knid", kKnown), " (did you mean \"helo.kind\"?)");
  EXPECT_EQ(DidYouMean("quarantine", kKnown), "");
}

}  // namespace
}  // namespace heloguard
