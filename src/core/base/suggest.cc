// "Did you mean": the nearest known word to a mistyped one, by edit distance with neighbouring letters swapped counted
// as one slip. Pure. Tests: tests/unit/core/base/suggest_test.cc.
#include "heloguard/base/suggest.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace heloguard {
namespace {

// Longer words are nobody's slip of the pen, and the distance costs the product of the lengths.
constexpr std::size_t kMaxWord = 64;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

char Fold(char c) { return c == '_' ? '-' : Lower(c); }

// Optimal string alignment distances between one word and others in turn, case folded, "-" and "_" taken for one
// another. A row of distances stands for the beginning of a candidate, and the next candidate that begins alike goes on
// from it: of 40,000 names "customer-N" a search looks at a few hundred.
class Search {
 public:
  Search(std::string_view word, std::span<const std::string_view> known, bool sorted)
      : word_(word), known_(known), sorted_(sorted) {
    for (std::size_t j = 0; j <= word_.size(); ++j) rows_[0][j] = static_cast<std::uint8_t>(j);
  }

  // The first of the nearest that are less than `limit` away; "": there is none.
  std::string_view NearerThan(std::size_t limit) {
    best_distance_ = limit;
    for (std::size_t at = 0; at < known_.size();) {
      const std::string_view candidate = known_[at];
      const std::size_t far = candidate.size() > kMaxWord ? 0 : Advance(candidate);
      if (far > 0) {
        at = Behind(at, candidate.substr(0, far));
        continue;
      }
      ++at;
      if (candidate.size() > kMaxWord) continue;
      const std::size_t distance = rows_[candidate.size()][word_.size()];
      if (distance >= best_distance_ || distance >= candidate.size()) continue;
      best_ = candidate;
      best_distance_ = distance;
    }
    return best_;
  }

 private:
  // Fills the rows of a candidate. Returns the length of a beginning that takes it too far off, 0 if none does.
  std::size_t Advance(std::string_view candidate) {
    const auto differs = std::ranges::mismatch(candidate, last_.substr(0, filled_)).in1;
    const auto common = static_cast<std::size_t>(differs - candidate.begin());
    last_ = candidate;
    for (filled_ = 1; filled_ <= candidate.size(); ++filled_) {
      if (filled_ > common) Fill(filled_);
      if (std::min(least_[filled_], least_[filled_ - 1]) >= best_distance_) return filled_;
    }
    filled_ = candidate.size();
    return 0;
  }

  void Fill(std::size_t i) {
    const auto& last = rows_[i - 1];
    auto& row = rows_[i];
    row[0] = static_cast<std::uint8_t>(i);
    least_[i] = row[0];
    for (std::size_t j = 1; j <= word_.size(); ++j) {
      const int cost = Fold(last_[i - 1]) == Fold(word_[j - 1]) ? 0 : 1;
      int least = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
      const bool swapped =
          i > 1 && j > 1 && Fold(last_[i - 1]) == Fold(word_[j - 2]) && Fold(last_[i - 2]) == Fold(word_[j - 1]);
      if (swapped) least = std::min(least, rows_[i - 2][j - 2] + 1);
      row[j] = static_cast<std::uint8_t>(least);
      least_[i] = std::min(least_[i], row[j]);
    }
  }

  // The first candidate behind `at` that does not begin so.
  [[nodiscard]] std::size_t Behind(std::size_t at, std::string_view beginning) const {
    const auto rest = known_.subspan(at);
    const auto begins = [beginning](std::string_view each) { return each.starts_with(beginning); };
    const auto end = sorted_ ? std::ranges::partition_point(rest, begins) : std::ranges::find_if_not(rest, begins);
    return at + static_cast<std::size_t>(end - rest.begin());
  }

  std::string_view word_;
  std::span<const std::string_view> known_;
  bool sorted_;
  std::array<std::array<std::uint8_t, kMaxWord + 1>, kMaxWord + 1> rows_;  // distances of the beginnings of `last_`
  std::array<std::uint8_t, kMaxWord + 1> least_{};                         // of each row
  std::string_view last_;
  std::size_t filled_ = 0;  // rows that hold for `last_`
  std::string_view best_;
  std::size_t best_distance_ = 0;
};

std::string Nearest(std::string_view word, std::span<const std::string_view> known, bool sorted) {
  if (word.empty() || word.size() > kMaxWord) return "";
  Search search(word, known, sorted);
  // At least one slip is allowed, in the shortest words too: "mod" for "mode".
  const std::size_t farthest = std::max<std::size_t>(word.size() / 3, 1) + 1;
  // Most slips are small, and the less is allowed the sooner most words are too far off.
  for (const std::size_t distance : {2U, 3U, 4U}) {
    const std::string_view nearest = distance < farthest ? search.NearerThan(distance) : "";
    if (!nearest.empty()) return std::string(nearest);
  }
  return std::string(search.NearerThan(farthest));
}

std::string Hint(const std::string& nearest) { return nearest.empty() ? "" : " (did you mean \"" + nearest + "\"?)"; }

}  // namespace

std::string Suggest(std::string_view word, std::span<const std::string_view> known) {
  return Nearest(word, known, std::ranges::is_sorted(known));
}

std::string DidYouMean(std::string_view word, std::span<const std::string_view> known) {
  return Hint(Suggest(word, known));
}

KnownWords::KnownWords(std::vector<std::string_view> words)
    : words_(std::move(words)), sorted_(std::ranges::is_sorted(words_)) {}

std::string KnownWords::Suggest(std::string_view word) const { return Nearest(word, words_, sorted_); }

std::string KnownWords::DidYouMean(std::string_view word) const { return Hint(Suggest(word)); }

}  // namespace heloguard
