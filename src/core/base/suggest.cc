// "Did you mean": the nearest known word to a mistyped one, by edit distance with neighbouring letters swapped counted
// as one slip. Pure. Tests: tests/unit/core/base/suggest_test.cc.
#include "heloguard/base/suggest.h"

#include <algorithm>
#include <vector>

namespace heloguard {
namespace {

// Longer words are nobody's slip of the pen, and the distance costs the product of the lengths.
constexpr std::size_t kMaxWord = 64;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Optimal string alignment distance, case folded, "-" and "_" taken for one another.
std::size_t Distance(std::string_view a, std::string_view b) {
  const auto fold = [](char c) { return c == '_' ? '-' : Lower(c); };
  std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = fold(a[i - 1]) == fold(b[j - 1]) ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
      const bool swapped = i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::string Suggest(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > kMaxWord) return "";
  std::string_view best;
  // At least one slip is allowed, in the shortest words too: "mod" for "mode".
  std::size_t best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > kMaxWord) continue;
    const std::size_t distance = Distance(word, candidate);
    if (distance >= best_distance || distance >= candidate.size()) continue;
    best = candidate;
    best_distance = distance;
  }
  return std::string(best);
}

std::string DidYouMean(std::string_view word, std::span<const std::string_view> known) {
  const std::string nearest = Suggest(word, known);
  return nearest.empty() ? "" : " (did you mean \"" + nearest + "\"?)";
}

}  // namespace heloguard
