// Warns of patterns that say more than their writer meant (check_context.h): those that match any name or the empty
// one, and those that match inside somebody's registered domain ("dyn" in dynamicinternet.example); and of sets that
// the engine cannot take whole. Pure. Tests: tests/unit/core/policy/policy_checks_test.cc.
#include <algorithm>
#include <array>

#include "core/policy/check_context.h"
#include "heloguard/base/ascii.h"

namespace heloguard {
namespace {

// Names that have nothing in common.
constexpr std::array<std::string_view, 3> kAnyNames{"mail.example.com", "xn--bcher-kva.test", "7k2o"};

// The runs of letters, digits and hyphens that a pattern spells out: "dhcp" and "pool" of (dhcp|pool)[0-9]+. What
// stands in a class or behind a backslash is none, nor is a character that need not be there.
std::vector<std::string> SpelledRuns(std::string_view text) {
  std::vector<std::string> runs(1);
  const auto end_run = [&runs] {
    if (!runs.back().empty()) runs.emplace_back();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsAlnum(c) || c == '-') {
      runs.back() += c;
      continue;
    }
    if ((c == '?' || c == '*') && !runs.back().empty()) runs.back().pop_back();
    end_run();
    if (c == '\\') ++i;
    const char closing = c == '[' ? ']' : c == '{' ? '}' : '\0';
    if (closing != '\0') i = std::min(text.find(closing, i + 1), text.size());
  }
  end_run();
  return runs;  // the last one empty, so that the digits around it are tried alone
}

// What people register is short; a longer run describes a whole shape of name.
constexpr std::size_t kMaxRun = 12;

// A registered domain that the pattern matches in the midst of its label: "adynb.com" for dyn. "" if none was found.
std::string DomainMatched(const std::string& text, const SinglePattern& pattern) {
  const auto matches = [&pattern](const std::string& label) { return pattern.Matches("mx.a" + label + "b.com"); };
  if (matches("")) return "ab.com";
  for (const std::string& run : SpelledRuns(text)) {
    if (run.size() > kMaxRun) continue;
    for (const std::string& label : {run, run + "1", "1" + run}) {
      if (!label.empty() && matches(label)) return "a" + label + "b.com";
    }
  }
  return "";
}

bool MatchesAll(const SinglePattern& pattern) {
  return pattern.Matches("") &&
         std::ranges::all_of(kAnyNames, [&pattern](std::string_view name) { return pattern.Matches(name); });
}

// Whether a pattern has to keep off registered domains: one that only excuses may be as wide as it likes.
enum class Reach : bool { kAny, kHostOnly };

void CheckPattern(const CheckContext& context, const Pattern& pattern, Reach reach) {
  const auto alone = SinglePattern::Compile(pattern);
  if (!alone) return;  // one that does not compile is in no set
  if (MatchesAll(*alone)) {
    context.Warn("matches-everything", pattern.where, "this pattern matches every name, the empty one too");
    return;
  }
  if (alone->Matches("")) {
    context.Warn("matches-empty", pattern.where,
                 "this pattern matches the empty string, and no name is empty: probably too much of it is optional");
    return;
  }
  const std::string domain = reach == Reach::kHostOnly ? DomainMatched(pattern.text, *alone) : "";
  if (domain.empty()) return;
  context.Warn("unanchored-pattern", pattern.where,
               "this pattern matches inside registered domains as well, such as " + domain +
                   "; anchor it (^ $ \\b \\.), or put it in a list with part = \"host\"");
}

// What the engine makes of a set shows only when it is built; that it works, when it is asked.
void CheckEngines(const CheckContext& context, const PatternSet& set, const SourcePosition& where) {
  const std::size_t count = set.patterns().size();
  if (set.parts() > 1) {
    context.Warn("patterns-split", where,
                 "these " + std::to_string(count) + " patterns do not compile as one set and were split into " +
                     std::to_string(set.parts()) + "; every name costs as many passes");
  }
  for (const Pattern* pattern : set.alone()) {
    context.Warn("pattern-too-large", pattern->where,
                 "this pattern is too large for a set and is tried by itself for every name; write it shorter, without "
                 "large counts in braces");
  }
  bool gave_up = false;
  for (const std::string_view name : kAnyNames) static_cast<void>(set.MatchAll(name, &gave_up));
  if (gave_up && set.alone().empty()) {
    context.Warn("patterns-give-up", where,
                 "the engine ran out of memory on an ordinary name: these patterns are tried one by one");
  }
}

void CheckSet(const CheckContext& context, const PatternSet& set, Reach reach, const SourcePosition& where) {
  for (const Pattern& pattern : set.patterns()) CheckPattern(context, pattern, reach);
  CheckEngines(context, set, where);
}

// A line that refuses every name, unless lines before it let some pass or it stands behind an `if`.
void CheckTable(const CheckContext& context, const AccessTable& table) {
  if (table.kind() == TableKind::kCidr) return;
  const auto& lines = table.lines();
  for (std::size_t i = 0; i < lines.size(); i = lines[i].is_if ? lines[i].end : i + 1) {
    const AccessLine& line = lines[i];
    if (line.is_if || line.matcher.negated) continue;
    if (line.result.what == AccessClass::kOk) return;
    const Pattern pattern{line.matcher.pattern, line.matcher.written.where};
    if (!kRefusals.Has(line.result.what)) continue;
    const auto alone = SinglePattern::Compile(pattern);
    if (alone && MatchesAll(*alone)) {
      context.Warn("matches-everything", pattern.where, "this line of the table refuses every name");
    }
  }
}

void CheckConditions(const CheckContext& context, const std::vector<Condition>& conditions, Reach reach) {
  for (const Condition& condition : conditions) {
    if (condition.patterns) CheckSet(context, *condition.patterns, reach, condition.where);
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
    const Reach reach = list->part == NamePart::kName ? Reach::kHostOnly : Reach::kAny;
    if (list->patterns) CheckSet(context, *list->patterns, reach, list->where);
    if (list->table) CheckTable(context, *list->table);
  }
  for (const Rule& rule : context.policy.rules) {
    CheckConditions(context, rule.when, Reach::kHostOnly);
    CheckConditions(context, rule.unless, Reach::kAny);
    for (const auto& alternative : rule.any) CheckConditions(context, alternative, Reach::kHostOnly);
  }
}

}  // namespace heloguard
