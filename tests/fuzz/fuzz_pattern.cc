// Any bytes as patterns, one a line, and as names: what compiles as a set finds what its patterns find one by one, by
// the lowest line; what does not is reported where it stands, in one printable line; samples hold or are reported; what
// a group took is part of the text.
//
// The last line is the name that is matched, beside a few that are always tried.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/toml/pattern_file.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxText = 4 * 1024;
// Patterns that multiply what they repeat are slow to compile, and other tests are about that.
constexpr std::ptrdiff_t kMaxRepeats = 8;

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

void RequirePresentable(const Diagnostics& found, std::size_t lines) {
  for (const Diagnostic& each : found) {
    Require(!each.error.message.empty());
    Require(std::ranges::all_of(each.error.message, [](char c) { return c >= ' ' && c <= '~'; }));
    Require(each.error.where.line >= 1 && each.error.where.line <= lines && each.error.where.column >= 1);
  }
}

void TryName(const PatternSet& set, std::string_view name) {
  bool gave_up = false;
  const std::vector<bool> matched = set.MatchAll(name, &gave_up);
  Require(matched.size() == set.patterns().size());
  for (std::size_t i = 0; i < matched.size(); ++i) {
    Require(MatchesAlone(set.patterns()[i], name) == matched[i]);
  }
  const PatternSet::Hit hit = set.Match(name);
  const auto first = std::ranges::find(matched, true) - matched.begin();
  Require((hit.pattern == nullptr) == (first == std::ssize(matched)));
  if (hit.pattern != nullptr) Require(hit.pattern == &set.patterns()[static_cast<std::size_t>(first)]);
}

void TryGroups(const Pattern& pattern, std::string_view name) {
  for (const bool longest : {false, true}) {
    const auto groups = PatternGroups::Compile(pattern, longest);
    Require(groups.has_value());
    const std::vector<std::string> took = groups->Match(name);
    Require(took.empty() != MatchesAlone(pattern, name).value());
    Require(took.empty() || took.size() == groups->count() + 1);
    for (const std::string& part : took) Require(name.find(part) != std::string_view::npos);
  }
}

void TryPatterns(std::string_view text, std::string_view name) {
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  Diagnostics found;
  std::vector<Pattern> patterns = ReadPatternText(text, "fuzz.re2", &found);
  RequirePresentable(found, lines);
  for (const Pattern& pattern : patterns) Require(!pattern.text.empty() && pattern.text.size() <= kMaxPatternLine);
  Diagnostics broken;
  const auto set = PatternSet::Compile(std::move(patterns), &broken);
  RequirePresentable(broken, lines);
  Require(set.has_value() != HasErrors(broken));
  if (!set) return;
  for (const std::string_view each : {name, std::string_view("mail.example.com"), std::string_view()}) {
    TryName(*set, each);
  }
  if (!set->patterns().empty()) TryGroups(set->patterns().front(), name);
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), std::min(size, heloguard::kMaxText));
  if (std::ranges::count(text, '{') > heloguard::kMaxRepeats) return 0;
  const std::size_t last = text.rfind('\n');
  if (last == std::string_view::npos) return 0;
  heloguard::TryPatterns(text.substr(0, last), text.substr(last + 1));
  return 0;
}
