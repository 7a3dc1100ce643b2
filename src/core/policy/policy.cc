// Finishes a loaded policy: what it needs and says by default is worked out here; the checks are policy_checks.h's.
// Knows nothing of TOML or files. Pure. Tests: tests/unit/core/policy/policy_checks_test.cc.
#include "heloguard/policy/policy.h"

#include <algorithm>

#include "core/policy/policy_checks.h"

namespace heloguard {
namespace {

void AddFacts(const std::vector<Condition>& conditions, FactSet* facts) {
  for (const Condition& condition : conditions) facts->Add(condition.fact);
}

FactSet FactsOf(const Policy& policy) {
  FactSet facts;
  for (const Rule& rule : policy.rules) {
    if (!rule.enabled) continue;
    AddFacts(rule.when, &facts);
    AddFacts(rule.unless, &facts);
    for (const auto& alternative : rule.any) AddFacts(alternative, &facts);
  }
  return facts;
}

// The policy's mode plays no part: one that only observes answers at the stage it would refuse at.
Stage FirstStageOf(const Policy& policy) {
  Stage first = policy.stage;
  for (const Rule& rule : policy.rules) {
    const bool may_refuse = rule.enabled && rule.mode == Mode::kEnforce && Refuses(rule);
    if (may_refuse && rule.stage) first = std::min(first, *rule.stage);
  }
  return first;
}

void FillReplies(Policy* policy) {
  for (Rule& rule : policy->rules) {
    if (Refuses(rule) && !rule.reply) rule.reply = DefaultReplyFor(rule);
  }
  using Subject = ReplyTemplate::Subject;
  if (policy->thresholds.tempfail) policy->score_tempfail = ReplyTemplate::Default(Subject::kScore, Outcome::kTempfail);
  if (policy->thresholds.reject) policy->score_reject = ReplyTemplate::Default(Subject::kScore, Outcome::kReject);
}

}  // namespace

LookupSet LookupsOf(const Policy& policy) {
  return policy.candidate == nullptr ? policy.lookups : policy.lookups | policy.candidate->lookups;
}

bool FinishPolicy(Policy* policy, std::chrono::sys_days today, Diagnostics* diagnostics) {
  policy->facts = FactsOf(*policy);
  policy->lookups = LookupsFor(policy->facts);
  policy->first_stage = FirstStageOf(*policy);
  FillReplies(policy);
  Diagnostics found;
  CheckPolicy({*policy, today, &found});
  const bool fine = !HasErrors(found);
  diagnostics->insert(diagnostics->end(), found.begin(), found.end());
  return fine;
}

unsigned ShareOf(const IpAddress& client) {
  const IpAddress address = client.Unmapped();
  const auto network = address.bytes().first(address.is_v4() ? 3 : 8);
  // FNV-1a over the network's octets, a family octet in front, then the finishing steps of MurmurHash3, without which
  // neighbouring networks would land on neighbouring numbers.
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&hash](std::uint8_t octet) { hash = (hash ^ octet) * 0x100000001b3U; };
  add(address.is_v4() ? 4 : 6);
  for (const std::uint8_t octet : network) add(octet);
  hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdU;
  hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53U;
  hash ^= hash >> 33U;
  return static_cast<unsigned>(hash % 100);
}

Mode ModeFor(Mode mode, std::optional<unsigned> percent, const std::optional<IpAddress>& client) {
  if (mode == Mode::kObserve || !percent) return mode;
  return (client ? ShareOf(*client) : 0) < *percent ? Mode::kEnforce : Mode::kObserve;
}

}  // namespace heloguard
