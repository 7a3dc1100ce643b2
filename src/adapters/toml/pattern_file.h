// Pattern files: one RE2 a line, with samples under it that say what it is for.
//
//   # comment
//   ^dyn[0-9]+-                  a pattern; blanks around it do not count
//   + dyn12-pool.isp.example     must match the pattern above
//   - dynamics.example           must not
//
// Samples are tried against the pattern as they stand, alone; the `part` of a list plays no role, since one file may
// serve several lists. A sample for a pattern that ends in $ and is meant for part = "host" is therefore a host part.
// A pattern cannot start with #, + or -: such a line is a comment or a sample. Write [#], \+ or \- instead.
// Lines end in LF or CRLF; a byte order mark is skipped; a line has kMaxPatternLine octets at most.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "heloguard/policy/pattern.h"

namespace heloguard {

inline constexpr std::size_t kMaxPatternLine = 1'024;

// The patterns of `text`, each with its line and column in `file`. Lines that make no sense and samples that do not
// hold are reported; whether the patterns compile is left to PatternSet::Compile.
[[nodiscard]] std::vector<Pattern> ReadPatternText(std::string_view text, const std::string& file, Diagnostics* out);

}  // namespace heloguard
