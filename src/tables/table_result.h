// The right hand side of a Postfix table's line (access(5)).
#pragma once

#include <cstddef>

#include "heloguard/base/result.h"
#include "heloguard/policy/access_table.h"
#include "tables/table_line.h"

namespace heloguard {

struct ResultContext {
  const TableLine& line;
  std::size_t begin;  // where the result stands in it
  bool substitutes;   // $1, ${1}, $(1) and $$ mean something: all tables but cidr
  bool negated;       // nothing matched that they could stand for
  unsigned groups;    // of the pattern
};

// Reports what is wrong with it, and warns of results that are Postfix's own business and of what does not print.
// Whitespace is one blank an octet. An enhanced status code about an address (X.1.Z) becomes X.0.0, as Postfix has it
// for what is no address.
[[nodiscard]] AccessResult ReadTableResult(const ResultContext& context, Diagnostics* out);

}  // namespace heloguard
