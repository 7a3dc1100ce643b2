// "Did you mean": the known word that a mistyped one is nearest to.
//
// Error messages about keys, facts and options end with it. Letter case counts for nothing, "-" and "_" are one letter,
// and two neighbouring letters swapped are one slip. A word of more than 64 octets gets no suggestion, so hostile input
// costs nothing.
//
// Thread rule: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heloguard {

// The nearest of `known` to a mistyped `word`; "" if none is near (edit distance of a third of the length at most).
[[nodiscard]] std::string Suggest(std::string_view word, std::span<const std::string_view> known);

// Many known words, kept for many questions: in sorted order, a question looks at few of them. Views the words.
class KnownWords {
 public:
  explicit KnownWords(std::vector<std::string_view> words);
  // As the functions of these names.
  [[nodiscard]] std::string Suggest(std::string_view word) const;
  [[nodiscard]] std::string DidYouMean(std::string_view word) const;

 private:
  std::vector<std::string_view> words_;
  bool sorted_;
};

// " (did you mean "NEAREST"?)" to append to an error message, or "".
[[nodiscard]] std::string DidYouMean(std::string_view word, std::span<const std::string_view> known);

}  // namespace heloguard
