// Sets of RE2 patterns, matched in one pass.
//
// RE2 in byte mode (Latin-1), case-insensitive, unanchored: a pattern is anchored only where it says so. Syntax is
// RE2's: no back references, no look-around, linear time on any input.
//
// Index meaning: a hit's index is the pattern's place in the order given to Compile; the lowest one is reported, so
// that the answer does not depend on RE2's order.
// Memory: RE2's default of 8 MB makes a set of 1,600 patterns silently 25 times slower and 3,200 patterns not compile
// at all; the cap is worked out from the number of patterns (PatternMemory).
// The engine sits behind a seam. When it gives up on a text (out of memory for its DFA), that is never taken for "no
// match": the patterns are then tried one by one, and the hit says so.
//
// Thread rule: a compiled set is immutable and safe for concurrent use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/result.h"

namespace heloguard {

struct Pattern {
  std::string text;
  SourcePosition where;
};

// The seam: something that matches many patterns at once.
class SetEngine {
 public:
  enum class Outcome : std::uint8_t { kMatch, kNoMatch, kGaveUp };
  virtual ~SetEngine() = default;
  // Fills `hits` with the indices of the patterns that match, in any order, if kMatch.
  virtual Outcome Match(std::string_view text, std::vector<int>* hits) const = 0;
};
// Builds an engine over patterns that each compile alone; null if the set as a whole does not.
using SetEngineFactory = std::function<std::unique_ptr<SetEngine>(const std::vector<Pattern>&, std::int64_t max_mem)>;
// RE2::Set.
[[nodiscard]] SetEngineFactory Re2EngineFactory();

// Bytes of DFA memory for a set of `count` patterns: 16 MB to 1,600, growing to 64 MB at 12,800 and on.
[[nodiscard]] std::int64_t PatternMemory(std::size_t count);

class PatternSet {
 public:
  struct Hit {
    const Pattern* pattern = nullptr;  // nullptr: no match
    bool fell_back = false;            // the engine gave up, and the patterns were tried one by one
  };

  ~PatternSet();
  PatternSet(const PatternSet&) = delete;
  PatternSet& operator=(const PatternSet&) = delete;
  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;

  // An error names the first pattern that RE2 refuses, at its position, with RE2's words. A set that does not compile
  // as a whole is split in halves until it does; `parts()` tells. All broken patterns are reported through `errors`.
  [[nodiscard]] static std::optional<PatternSet> Compile(std::vector<Pattern> patterns, Diagnostics* errors,
                                                         const SetEngineFactory& factory = Re2EngineFactory());

  [[nodiscard]] Hit Match(std::string_view text) const;
  // Whether each pattern matches, by its index. Sets *fell_back where an engine gave up.
  [[nodiscard]] std::vector<bool> MatchAll(std::string_view text, bool* fell_back) const;
  [[nodiscard]] const std::vector<Pattern>& patterns() const;
  [[nodiscard]] std::size_t parts() const;                  // engines in use; 1 unless the set had to be split
  [[nodiscard]] std::vector<const Pattern*> alone() const;  // patterns that no engine takes, tried one by one

 private:
  struct Impl;
  explicit PatternSet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A pattern that says what its groups took.
class PatternGroups {
 public:
  ~PatternGroups();
  PatternGroups(const PatternGroups&) = delete;
  PatternGroups& operator=(const PatternGroups&) = delete;
  PatternGroups(PatternGroups&&) noexcept;
  PatternGroups& operator=(PatternGroups&&) noexcept;

  // `longest`: of the matches that start leftmost the longest, as POSIX wants it; else the first as Perl finds it.
  // nullopt if the pattern does not compile.
  [[nodiscard]] static std::optional<PatternGroups> Compile(const Pattern& pattern, bool longest);
  [[nodiscard]] unsigned count() const;
  // The whole match, then each group, "" for one that took no part; empty if the pattern does not match.
  [[nodiscard]] std::vector<std::string> Match(std::string_view text) const;

 private:
  struct Impl;
  explicit PatternGroups(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A pattern by itself, compiled once for any number of texts.
class SinglePattern {
 public:
  ~SinglePattern();
  SinglePattern(const SinglePattern&) = delete;
  SinglePattern& operator=(const SinglePattern&) = delete;
  SinglePattern(SinglePattern&&) noexcept;
  SinglePattern& operator=(SinglePattern&&) noexcept;

  // nullopt if the pattern does not compile.
  [[nodiscard]] static std::optional<SinglePattern> Compile(const Pattern& pattern);
  [[nodiscard]] bool Matches(std::string_view text) const;

 private:
  struct Impl;
  explicit SinglePattern(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The same for one text; for the oracle tests.
[[nodiscard]] std::optional<bool> MatchesAlone(const Pattern& pattern, std::string_view text);

}  // namespace heloguard
