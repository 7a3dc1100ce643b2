// Words of one line of a .cases file, with their columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/result.h"

namespace heloguard {

struct CaseWord {
  std::string text;          // escapes resolved: any bytes
  std::uint32_t column = 0;  // counts octets from 1
};

// Splits at blanks up to a comment. Errors (kInputData): a quote that is not closed or has text behind it. `where` is
// the line's position.
[[nodiscard]] Result<std::vector<CaseWord>> SplitWords(std::string_view line, const SourcePosition& where);

}  // namespace heloguard
