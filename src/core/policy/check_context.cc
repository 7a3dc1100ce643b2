// How a check reports what it found, and what several checks ask of a rule. Pure.
// Tests: tests/unit/core/policy/policy_checks_test.cc.
#include "core/policy/check_context.h"

#include <utility>

namespace heloguard {
namespace {

void Add(const CheckContext& context, Severity severity, std::string_view id, Error error) {
  context.out->push_back({severity, std::move(error), std::string(id)});
}

}  // namespace

void CheckContext::Error(std::string_view id, const SourcePosition& where, std::string message) const {
  Add(*this, Severity::kError, id, {ErrorKind::kConfig, std::move(message), where});
}

void CheckContext::Warn(std::string_view id, const SourcePosition& where, std::string message) const {
  Add(*this, Severity::kWarning, id, {ErrorKind::kConfig, std::move(message), where});
}

bool Refuses(const Rule& rule) {
  const auto& outcome = SpecOf(rule.action).outcome;
  return outcome && *outcome != Outcome::kAccept;
}

}  // namespace heloguard
