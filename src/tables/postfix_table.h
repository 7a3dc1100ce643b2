// Postfix access tables as text: pcre_table(5), regexp_table(5), cidr_table(5).
//
//   # comment; also between the lines of an entry
//   /^dyn[0-9]+-/      REJECT 5.7.1 $1 looks dynamic     what matches, flags, what comes of it
//     and goes on                                        a line that starts with a blank continues the one above
//   !/\./x             550 no domain                     turned round
//   if /\.example$/                                      if, nested at will
//   ~^mail~            OK                                any delimiter
//   endif
//
//   [2001:db8::]/32    OK                                cidr: a network, turned round by "!"; brackets are optional
//
// A line that Postfix would skip with a warning (an unknown flag, a pattern that does not compile, text behind `if`) is
// an error here, so that nobody believes in a line that does nothing. A result that is Postfix's own business is read
// as DUNNO with a warning (table_result.h).
//
// Limits: kMaxTableLine octets an entry, kMaxTableLines entries.
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/result.h"
#include "heloguard/policy/access_table.h"

namespace heloguard {

inline constexpr std::size_t kMaxTableLine = 8'192;
inline constexpr std::size_t kMaxTableLines = 100'000;

// "pcre:/etc/postfix/helo_access.pcre".
struct TableName {
  TableKind kind = TableKind::kPcre;
  std::string path;
};
// The error says what else it must be.
[[nodiscard]] Result<TableName> ParseTableName(std::string_view text);

// The ids of warnings: of a result that is Postfix's own business, and all others.
inline constexpr std::string_view kNotOursWarning = "postfix-action";
inline constexpr std::string_view kTableWarning = "postfix-table";

struct PostfixTable {
  TableKind kind = TableKind::kPcre;
  std::vector<AccessLine> lines;
  Diagnostics diagnostics;             // in the order of lines
  std::vector<AccessMatcher> dropped;  // of lines that are fine, in a block whose `if` is not
};

// Lines with an error are left out, an `if` with all of its block.
[[nodiscard]] PostfixTable ReadPostfixTable(TableKind kind, std::string_view text, const std::string& file);

}  // namespace heloguard
