// Any bytes as a policy file and as a pattern file: a load ends, says where each problem is in one printable line, and
// gives a policy exactly when there is no error. A policy that loads can be evaluated.
//
// Files that an input includes are looked for in a folder that does not exist.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "heloguard/evaluate.h"
#include "pattern_file.h"
#include "policy_reader.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxText = 64 * 1024;
constexpr std::chrono::sys_days kToday = std::chrono::year{2026} / std::chrono::January / 1;

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

void RequirePresentable(const Diagnostics& found) {
  for (const Diagnostic& each : found) {
    Require(!each.error.message.empty());
    Require(std::ranges::all_of(each.error.message, [](char c) { return c >= ' ' && c <= '~'; }));
    Require(!each.error.where.file.empty());
    Require(each.id.empty() ? each.error.where.line > 0 : true);
  }
}

void RequireFinished(const Policy& policy) {
  Require(policy.hash.size() == 16);
  Require(policy.first_stage <= policy.stage);
  for (const Rule& rule : policy.rules) {
    const auto outcome = SpecOf(rule.action).outcome.value_or(Outcome::kAccept);
    Require(rule.reply.has_value() == (outcome != Outcome::kAccept));
    if (rule.reply) Require(rule.reply->Render({}).permanent() == (outcome == Outcome::kReject));
  }
}

void TryPolicy(const std::string& text) {
  PolicyReadOptions options;
  options.today = kToday;
  const LoadedPolicy loaded = ReadPolicyText(text, "/nonexistent/heloguard/fuzz.toml", options);
  RequirePresentable(loaded.diagnostics);
  Require((loaded.policy == nullptr) == HasErrors(loaded.diagnostics));
  if (!loaded.policy) return;
  RequireFinished(*loaded.policy);
  // Nothing is known: nothing may be refused but what needs no fact or asks for a deferral.
  const Verdict verdict = Evaluate(*loaded.policy, Facts{}, {Stage::kRcpt, kToday, std::nullopt});
  Require(verdict.rules.size() == loaded.policy->rules.size());
  Require(verdict.outcome <= verdict.worst);
}

void TryPatternFile(std::string_view text) {
  Diagnostics found;
  auto patterns = ReadPatternText(text, "fuzz.re2", &found);
  const std::size_t count = patterns.size();
  const auto set = PatternSet::Compile(std::move(patterns), &found);
  RequirePresentable(found);
  if (set) Require(set->patterns().size() == count);
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), std::min(size, heloguard::kMaxText));
  heloguard::TryPolicy(text);
  heloguard::TryPatternFile(text);
  return 0;
}
