// A Postfix access table as rules that need no table.
//
// The first line that matches decides in both, so each line that accepts or refuses becomes a rule. A line that gives
// DUNNO decides nothing, but shields what it matches from the lines below: those get it as an exception. `if` adds to
// the conditions of its lines. Neighbours that differ in nothing but what they match share a rule.
//
// What cannot be said is left over, with its reason: more than two patterns that must all match (a rule has two places
// for patterns), groups of the match in a reply, results that are Postfix's own business.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "heloguard/policy/access_table.h"
#include "heloguard/policy/action.h"
#include "tables/postfix_table.h"

namespace heloguard {

// One rule. What it matches are patterns in RE2's syntax, or networks.
struct TableRule {
  Outcome outcome = Outcome::kReject;
  std::string reply;                // a template; "": none
  std::vector<std::string> when;    // any of them
  std::vector<std::string> also;    // and, if not empty, any of these
  std::vector<std::string> unless;  // and none of these
  std::uint32_t first_line = 0, last_line = 0;
};

struct TableRules {
  std::vector<TableRule> rules;
  std::vector<Error> left;   // lines, or parts of lines, that are left over; in the order of lines
  std::vector<Error> notes;  // warnings about lines that became rules
};
[[nodiscard]] TableRules RulesOf(const PostfixTable& table);

}  // namespace heloguard
