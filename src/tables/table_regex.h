// The regular expressions of Postfix tables, said in RE2's syntax: the same meaning, or an error.
//
// The keys of a table have no line end (access_table.h); so "$" is "\z", and the flags m, s and E change nothing. The
// text made is for the options of PatternSet: case-insensitive, byte mode. Where a pattern has nothing that RE2 reads
// otherwise, it comes out as it went in, but for quoting. Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heloguard {

struct RegexFlags {
  bool fold = true;       // i switches it off: letters match in either case
  bool extended = false;  // x of pcre: blanks do not count
  bool anchored = false;  // A of pcre
  bool ungreedy = false;  // U of pcre
};

// Something to say about a pattern, at an octet of it.
struct RegexRemark {
  std::size_t at = 0;
  std::string text;
};

struct RegexResult {
  std::string text;     // RE2, where there is no error
  unsigned groups = 0;  // that capture
  std::optional<RegexRemark> error;
  std::vector<RegexRemark> warnings;
};

// Perl-compatible (pcre2pattern(3)), without what RE2 lacks: look-around, back references, atomic groups, possessive
// quantifiers, recursion, conditions, Unicode properties, \G \K \R \X.
[[nodiscard]] RegexResult TranslatePcre(std::string_view pattern, const RegexFlags& flags);

// POSIX extended (regex(7)) as the GNU C library reads it, without back references and \< \>.
[[nodiscard]] RegexResult TranslatePosix(std::string_view pattern, const RegexFlags& flags);

}  // namespace heloguard
