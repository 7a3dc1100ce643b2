// Pattern sets on RE2, the only file that sees it: byte mode (Latin-1), case-insensitive, silent, memory by the number
// of patterns. Knows nothing of lists, facts or where texts come from.
//
// The set engine is behind a seam (SetEngine). An engine that gives up on a text never means "no match": the patterns
// of its part are tried one by one. Those single patterns are compiled at the first such text and then kept.
//
// Thread rule: a compiled set is immutable but for that, which std::call_once guards.
// Tests: tests/unit/core/policy/pattern_test.cc (set against singles on generated names; engines that fail).
#include "heloguard/policy/pattern.h"

#include <re2/re2.h>
#include <re2/set.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

// RE2's texts are a class of its own or absl's, by its release; neither takes and gives std::string_view everywhere.
re2::StringPiece PieceOf(std::string_view text) { return {text.data(), text.size()}; }

RE2::Options OptionsFor(std::int64_t max_mem) {
  RE2::Options options(RE2::Latin1);
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(max_mem);
  return options;
}

// Of one pattern alone: RE2's own default, enough for any that a person would write.
constexpr std::int64_t kSingleMemory = 8 << 20;

class Re2Set : public SetEngine {
 public:
  explicit Re2Set(std::int64_t max_mem) : set_(OptionsFor(max_mem), RE2::UNANCHORED) {}

  bool Build(const std::vector<Pattern>& patterns) {
    for (const Pattern& pattern : patterns) {
      if (set_.Add(pattern.text, nullptr) < 0) return false;
    }
    return set_.Compile();
  }

  Outcome Match(std::string_view text, std::vector<int>* hits) const override {
    RE2::Set::ErrorInfo info{};
    if (set_.Match(PieceOf(text), hits, &info)) return Outcome::kMatch;
    return info.kind == RE2::Set::kNoError ? Outcome::kNoMatch : Outcome::kGaveUp;
  }

 private:
  RE2::Set set_;
};

// What RE2 cannot do at all, in a person's words.
struct Hint {
  RE2::ErrorCode code;
  std::string_view begins;  // of the offending piece; "": any
  std::string_view text;
};
constexpr std::array<Hint, 2> kHints{{
    {RE2::ErrorBadPerlOp, "(?", "; RE2 has no look-around, atomic groups or conditions"},
    {RE2::ErrorBadEscape, "\\", "; RE2 has no back references, and a backslash before a letter must mean something"},
}};

std::string Explain(const RE2& broken) {
  std::string words = broken.error();
  // RE2 of 2024 quotes one character more of a look-behind than that of 2022.
  if (words.ends_with("(?<!") || words.ends_with("(?<=")) words.pop_back();
  std::string text = "this pattern does not compile: " + EscapeBytes(words, 200);
  for (const Hint& hint : kHints) {
    const bool fits = broken.error_code() == hint.code && broken.error_arg().rfind(hint.begins, 0) == 0;
    if (fits) text += hint.text;
  }
  return text;
}

}  // namespace

SetEngineFactory Re2EngineFactory() {
  return [](const std::vector<Pattern>& patterns, std::int64_t max_mem) -> std::unique_ptr<SetEngine> {
    auto engine = std::make_unique<Re2Set>(max_mem);
    if (!engine->Build(patterns)) return nullptr;
    return engine;
  };
}

std::int64_t PatternMemory(std::size_t count) {
  constexpr std::size_t kFew = 1'600;
  constexpr std::size_t kMany = 12'800;
  constexpr std::int64_t kMinMemory = std::int64_t{16} << 20;
  constexpr std::int64_t kMaxMemory = std::int64_t{64} << 20;
  const auto above = static_cast<std::int64_t>(std::clamp(count, kFew, kMany) - kFew);
  return kMinMemory + (kMaxMemory - kMinMemory) * above / static_cast<std::int64_t>(kMany - kFew);
}

struct PatternSet::Impl {
  // Neighbouring patterns with an engine of their own. Without one (a single pattern no engine takes) they are always
  // tried one by one.
  struct Part {
    std::size_t first = 0;
    std::size_t count = 0;
    std::unique_ptr<SetEngine> engine;
  };

  std::vector<Pattern> patterns;
  std::vector<Part> parts;
  mutable std::once_flag singles_once;
  mutable std::vector<std::unique_ptr<RE2>> singles;

  void Build(std::size_t first, std::size_t count, const SetEngineFactory& factory) {
    if (count == 0) return;
    const auto begin = patterns.begin() + static_cast<std::ptrdiff_t>(first);
    const std::vector<Pattern> slice(begin, begin + static_cast<std::ptrdiff_t>(count));
    auto engine = factory(slice, PatternMemory(count));
    if (engine || count == 1) {
      parts.push_back({first, count, std::move(engine)});
      return;
    }
    Build(first, count / 2, factory);
    Build(first + count / 2, count - count / 2, factory);
  }

  [[nodiscard]] std::vector<int> MatchOneByOne(const Part& part, std::string_view text) const {
    std::call_once(singles_once, [this] {
      singles.reserve(patterns.size());
      for (const Pattern& pattern : patterns) {
        singles.push_back(std::make_unique<RE2>(pattern.text, OptionsFor(kSingleMemory)));
      }
    });
    std::vector<int> hits;
    for (std::size_t i = 0; i < part.count; ++i) {
      if (RE2::PartialMatch(PieceOf(text), *singles[part.first + i])) hits.push_back(static_cast<int>(i));
    }
    return hits;
  }

  // The patterns of the part that match, counted from its first. Sets *fell_back where the engine did not answer.
  std::vector<int> MatchPart(const Part& part, std::string_view text, bool* fell_back) const {
    std::vector<int> hits;
    auto outcome = SetEngine::Outcome::kGaveUp;
    if (part.engine) outcome = part.engine->Match(text, &hits);
    switch (outcome) {
      case SetEngine::Outcome::kNoMatch:
        return {};
      case SetEngine::Outcome::kMatch:
        if (!hits.empty()) return hits;
        break;  // a match without saying which is no answer
      case SetEngine::Outcome::kGaveUp:
        break;
    }
    *fell_back = true;
    return MatchOneByOne(part, text);
  }
};

PatternSet::PatternSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PatternSet::~PatternSet() = default;
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;

std::optional<PatternSet> PatternSet::Compile(std::vector<Pattern> patterns, Diagnostics* errors,
                                              const SetEngineFactory& factory) {
  bool broken = false;
  for (const Pattern& pattern : patterns) {
    const RE2 alone(pattern.text, OptionsFor(kSingleMemory));
    if (alone.ok()) continue;
    broken = true;
    errors->push_back({Severity::kError, {ErrorKind::kConfig, Explain(alone), pattern.where}, ""});
  }
  if (broken) return std::nullopt;
  auto impl = std::make_unique<Impl>();
  impl->patterns = std::move(patterns);
  impl->Build(0, impl->patterns.size(), factory);
  return PatternSet(std::move(impl));
}

PatternSet::Hit PatternSet::Match(std::string_view text) const {
  Hit hit;
  for (const Impl::Part& part : impl_->parts) {
    const std::vector<int> hits = impl_->MatchPart(part, text, &hit.fell_back);
    if (hits.empty()) continue;
    hit.pattern = &impl_->patterns[part.first + static_cast<std::size_t>(*std::ranges::min_element(hits))];
    break;
  }
  return hit;
}

std::vector<bool> PatternSet::MatchAll(std::string_view text, bool* fell_back) const {
  std::vector<bool> matched(impl_->patterns.size());
  for (const Impl::Part& part : impl_->parts) {
    for (const int hit : impl_->MatchPart(part, text, fell_back)) {
      matched[part.first + static_cast<std::size_t>(hit)] = true;
    }
  }
  return matched;
}

const std::vector<Pattern>& PatternSet::patterns() const { return impl_->patterns; }

std::size_t PatternSet::parts() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(impl_->parts, [](const Impl::Part& part) { return part.engine != nullptr; }));
}

std::vector<const Pattern*> PatternSet::alone() const {
  std::vector<const Pattern*> patterns;
  for (const Impl::Part& part : impl_->parts) {
    if (part.engine == nullptr) patterns.push_back(&impl_->patterns[part.first]);
  }
  return patterns;
}

struct PatternGroups::Impl {
  Impl(const std::string& text, const RE2::Options& options) : regex(text, options) {}
  RE2 regex;
};

PatternGroups::PatternGroups(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PatternGroups::~PatternGroups() = default;
PatternGroups::PatternGroups(PatternGroups&&) noexcept = default;
PatternGroups& PatternGroups::operator=(PatternGroups&&) noexcept = default;

std::optional<PatternGroups> PatternGroups::Compile(const Pattern& pattern, bool longest) {
  RE2::Options options = OptionsFor(kSingleMemory);
  options.set_never_capture(false);
  options.set_longest_match(longest);
  auto impl = std::make_unique<Impl>(pattern.text, options);
  if (!impl->regex.ok()) return std::nullopt;
  return PatternGroups(std::move(impl));
}

unsigned PatternGroups::count() const { return static_cast<unsigned>(impl_->regex.NumberOfCapturingGroups()); }

std::vector<std::string> PatternGroups::Match(std::string_view text) const {
  const int wanted = impl_->regex.NumberOfCapturingGroups() + 1;
  std::vector<re2::StringPiece> pieces(static_cast<std::size_t>(wanted));
  if (!impl_->regex.Match(PieceOf(text), 0, text.size(), RE2::UNANCHORED, pieces.data(), wanted)) return {};
  std::vector<std::string> groups;
  for (const re2::StringPiece& piece : pieces) {
    if (piece.data() == nullptr) {
      groups.emplace_back();
    } else {
      groups.emplace_back(piece.data(), piece.size());
    }
  }
  return groups;
}

struct SinglePattern::Impl {
  explicit Impl(const std::string& text) : regex(text, OptionsFor(kSingleMemory)) {}
  RE2 regex;
};

SinglePattern::SinglePattern(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SinglePattern::~SinglePattern() = default;
SinglePattern::SinglePattern(SinglePattern&&) noexcept = default;
SinglePattern& SinglePattern::operator=(SinglePattern&&) noexcept = default;

std::optional<SinglePattern> SinglePattern::Compile(const Pattern& pattern) {
  auto impl = std::make_unique<Impl>(pattern.text);
  if (!impl->regex.ok()) return std::nullopt;
  return SinglePattern(std::move(impl));
}

bool SinglePattern::Matches(std::string_view text) const { return RE2::PartialMatch(PieceOf(text), impl_->regex); }

std::optional<bool> MatchesAlone(const Pattern& pattern, std::string_view text) {
  const auto alone = SinglePattern::Compile(pattern);
  return alone ? std::optional(alone->Matches(text)) : std::nullopt;
}

}  // namespace heloguard
