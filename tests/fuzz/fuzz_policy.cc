// Any bytes as a policy file and as a pattern file: a load ends, says where each problem is in one printable line, and
// gives a policy exactly when there is no error. A policy that loads can be evaluated, and printed to load again.
//
// Files that an input includes are looked for in a folder that does not exist.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/toml/pattern_file.h"
#include "adapters/toml/policy_printer.h"
#include "adapters/toml/policy_reader.h"
#include "heloguard/judge/evaluate.h"

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

// What a client could read of this, whatever it says: RFC 5321 sections 4.2 and 4.5.3.1.5, RFC 3463 section 2.
void RequireValid(const SmtpReply& reply, Outcome outcome) {
  const char cls = outcome == Outcome::kReject ? '5' : '4';
  Require(reply.permanent() == (outcome == Outcome::kReject) && reply.enhanced().front() == cls);
  Require(!reply.lines().empty() && reply.lines().size() <= SmtpReply::kMaxLines);
  for (const std::string& line : reply.lines()) {
    Require(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }));
    Require(3 + 1 + reply.enhanced().size() + 1 + line.size() + 2 <= SmtpReply::kMaxReplyOctets);
  }
}

// `said` stands for all that comes from outside.
void RequireFinished(const Policy& policy, const std::string& said) {
  const ReplyValues values{said, said, said, said, said, said, said, {said}};
  Require(policy.hash.size() == 16);
  Require(policy.first_stage <= policy.stage);
  for (const Rule& rule : policy.rules) {
    const auto outcome = SpecOf(rule.action).outcome.value_or(Outcome::kAccept);
    Require(rule.reply.has_value() == (outcome != Outcome::kAccept));
    if (rule.reply) RequireValid(rule.reply->Render(values), outcome);
  }
}

void TryPolicy(const std::string& text) {
  PolicyReadOptions options;
  options.today = kToday;
  const LoadedPolicy loaded = ReadPolicyText(text, "/nonexistent/heloguard/fuzz.toml", options);
  RequirePresentable(loaded.diagnostics);
  Require((loaded.policy == nullptr) == HasErrors(loaded.diagnostics));
  if (!loaded.policy) return;
  RequireFinished(*loaded.policy, text);
  // Nothing is known: nothing may be refused but what needs no fact or asks for a deferral.
  const Verdict verdict = Evaluate(*loaded.policy, Facts{}, {Stage::kRcpt, kToday, std::nullopt});
  Require(verdict.rules.size() == loaded.policy->rules.size());
  Require(verdict.outcome <= verdict.worst);
  const std::string printed = PrintPolicy(*loaded.policy);
  const LoadedPolicy again = ReadPolicyText(printed, "/nonexistent/heloguard/printed.toml", options);
  Require(again.policy != nullptr && PrintPolicy(*again.policy) == printed);
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
