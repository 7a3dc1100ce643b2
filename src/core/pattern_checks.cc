// Warns of patterns that say more than their writer meant: those that match any name, and short ones that are anchored
// nowhere and so match inside somebody's registered domain ("dyn" in dynamicinternet.example).
// Pure. Tests: tests/unit/core/policy_checks_test.cc.
#include <algorithm>
#include <array>

#include "policy_checks.h"

namespace heloguard {
namespace {

// Names that have nothing in common.
constexpr std::array<std::string_view, 3> kAnyNames{"mail.example.com", "xn--bcher-kva.test", "7k2o"};

// What ties a pattern to a place in the name: an end, a word's edge, a dot.
constexpr std::array<std::string_view, 7> kAnchors{"^", "$", "\\b", "\\A", "\\z", "\\.", "[.]"};

// Longer patterns describe a whole shape of name, and need no anchor to be told from a word inside a domain.
constexpr std::size_t kShort = 12;

bool IsUnanchored(const Pattern& pattern) {
  return pattern.text.size() < kShort && std::ranges::none_of(kAnchors, [&pattern](std::string_view anchor) {
           return pattern.text.find(anchor) != std::string::npos;
         });
}

bool MatchesAll(const Pattern& pattern) {
  return MatchesAlone(pattern, "").value_or(false) && std::ranges::all_of(kAnyNames, [&pattern](std::string_view name) {
           return MatchesAlone(pattern, name).value_or(false);
         });
}

void CheckSet(const CheckContext& context, const PatternSet& set, NamePart part) {
  for (const Pattern& pattern : set.patterns()) {
    if (MatchesAll(pattern)) {
      context.Warn("matches-everything", pattern.where, "this pattern matches every name, the empty one too");
    } else if (part == NamePart::kName && IsUnanchored(pattern)) {
      context.Warn(
          "unanchored-pattern", pattern.where,
          "this pattern is short and anchored nowhere, so it matches inside registered domains as well; anchor "
          "it (^ $ \\b \\.), or put it in a list with part = \"host\"");
    }
  }
}

void CheckConditions(const CheckContext& context, const std::vector<Condition>& conditions) {
  for (const Condition& condition : conditions) {
    if (condition.patterns) CheckSet(context, *condition.patterns, NamePart::kName);
  }
}

}  // namespace

bool MatchesAnyName(const PatternSet& patterns) {
  return std::ranges::all_of(kAnyNames,
                             [&patterns](std::string_view name) { return patterns.Match(name).pattern != nullptr; });
}

bool MatchesAnyName(const AccessTable& table, AccessClasses results) {
  return std::ranges::all_of(kAnyNames, [&](std::string_view name) { return results.Has(table.Find(name).what()); });
}

void CheckPatterns(const CheckContext& context) {
  for (const auto& [name, list] : context.policy.lists) {
    if (list->patterns) CheckSet(context, *list->patterns, list->part);
  }
  for (const Rule& rule : context.policy.rules) {
    CheckConditions(context, rule.when);
    CheckConditions(context, rule.unless);
    for (const auto& alternative : rule.any) CheckConditions(context, alternative);
  }
}

}  // namespace heloguard
