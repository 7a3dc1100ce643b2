// What the checks of a policy work with (policy_checks.h). One function a check; each finding has a stable id.
// Private to core.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "heloguard/policy/policy.h"
#include "heloguard/policy/reply_template.h"

namespace heloguard {

struct CheckContext {
  const Policy& policy;
  std::chrono::sys_days today;
  Diagnostics* out;

  void Error(std::string_view id, const SourcePosition& where, std::string message) const;
  void Warn(std::string_view id, const SourcePosition& where, std::string message) const;
  [[nodiscard]] Stage StageOf(const Rule& rule) const { return rule.stage.value_or(policy.stage); }
};

void CheckRfc5321Guard(const CheckContext& context);   // rfc5321_guard.cc
void CheckShadowedRules(const CheckContext& context);  // shadowed_rules.cc
void CheckPatterns(const CheckContext& context);       // pattern_checks.cc

// True for reject and tempfail.
[[nodiscard]] bool Refuses(const Rule& rule);
// True if the patterns match whatever name comes: they then say nothing about it.
[[nodiscard]] bool MatchesAnyName(const PatternSet& patterns);
// The same of a table that gives one of `results`.
[[nodiscard]] bool MatchesAnyName(const AccessTable& table, AccessClasses results);

// The reply of a refusing rule that brings none: says which thing is wrong, with its registered enhanced code
// (default_replies.cc).
[[nodiscard]] ReplyTemplate DefaultReplyFor(const Rule& rule);

}  // namespace heloguard
