// Finishes a loaded policy. Here are the checks that need no file of their own, the list of all checks, and what a
// policy needs and says by default. Pure; knows nothing of TOML or files. Disabled rules are left alone. Tests:
// tests/unit/core/policy/policy_checks_test.cc, tests/golden/policy_errors/.
#include "heloguard/policy/policy_checks.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/policy/check_context.h"
#include "heloguard/base/quantity.h"

namespace heloguard {
namespace {

std::string RuleText(const Rule& rule) { return "rule \"" + rule.name + "\""; }

// --- facts and stages ---

// helo.kind is known at HELO, but that there was none only shows at MAIL.
Stage KnownFrom(const Condition& condition) {
  constexpr std::uint32_t kMissingOnly = EnumSet<HeloKind>{HeloKind::kMissing}.bits();
  if (condition.fact == FactId::kHeloKind && condition.mask == kMissingOnly) return Stage::kMail;
  return SpecOf(condition.fact).known_from;
}

void CheckStages(const CheckContext& context, const Rule& rule, const std::vector<Condition>& conditions) {
  for (const Condition& condition : conditions) {
    const Stage known = KnownFrom(condition);
    if (known <= context.StageOf(rule)) continue;
    context.Error("fact-after-stage", condition.where,
                  condition.text + " is known from " + std::string(NameOf(known)) + " on, but " + RuleText(rule) +
                      " acts at " + std::string(NameOf(context.StageOf(rule))) + "; give the rule stage = \"" +
                      std::string(NameOf(known)) + "\" or later");
  }
}

void CheckFactStages(const CheckContext& context) {
  for (const Rule& rule : context.policy.rules) {
    if (!rule.enabled) continue;
    CheckStages(context, rule, rule.when);
    CheckStages(context, rule, rule.unless);
    for (const auto& alternative : rule.any) CheckStages(context, rule, alternative);
  }
}

// Refusing before a stage leaves an exemption without effect.
struct EarlyRefusal {
  Stage before;
  std::string_view id;
  std::string_view text;
  bool (*in_use)(const Policy&);
};
constexpr std::array<EarlyRefusal, 2> kEarlyRefusals{{
    {Stage::kMail, "refuses-before-auth", ", before AUTH: exempt.authenticated cannot apply",
     [](const Policy& policy) { return policy.exempt_authenticated; }},
    {Stage::kRcpt, "refuses-before-rcpt", ", before the recipient is known: exempt.recipients cannot apply",
     [](const Policy& policy) { return !policy.exempt_recipients.empty(); }},
}};

void WarnEarly(const CheckContext& context, Stage stage, const SourcePosition& where, const std::string& who) {
  for (const EarlyRefusal& row : kEarlyRefusals) {
    if (stage >= row.before || !row.in_use(context.policy)) continue;
    context.Warn(row.id, where, who + " refuses at " + std::string(NameOf(stage)) + std::string(row.text));
  }
}

void CheckEarlyRefusals(const CheckContext& context) {
  bool by_policy_stage = context.policy.thresholds.tempfail || context.policy.thresholds.reject;
  for (const Rule& rule : context.policy.rules) {
    if (!rule.enabled || rule.mode == Mode::kObserve || !Refuses(rule)) continue;
    if (rule.stage) WarnEarly(context, *rule.stage, rule.where, RuleText(rule));
    by_policy_stage = by_policy_stage || !rule.stage;
  }
  if (by_policy_stage) WarnEarly(context, context.policy.stage, context.policy.where, "the policy");
}

// RFC 5321 section 4.5.1: mail to postmaster is to be accepted, so that somebody who is refused can say so.
void CheckPostmaster(const CheckContext& context) {
  const Policy& policy = context.policy;
  const bool refuses =
      std::ranges::any_of(policy.rules, [](const Rule& rule) { return rule.enabled && Refuses(rule); });
  const auto names_postmaster = [](const std::string& text) {
    return text == "postmaster" || text.starts_with("postmaster@");
  };
  const bool late = policy.first_stage >= Stage::kRcpt;
  if (!refuses || !late || std::ranges::any_of(policy.exempt_recipients, names_postmaster)) return;
  context.Warn("no-postmaster", policy.where,
               "exempt.recipients leaves out postmaster, whose mail RFC 5321 section 4.5.1 wants accepted");
}

// --- rules ---

void CheckRules(const CheckContext& context) {
  for (const Rule& rule : context.policy.rules) {
    if (!rule.enabled) continue;
    if (rule.until && context.today > *rule.until) {
      context.Warn("expired-rule", rule.where, RuleText(rule) + " is past its until and has no effect");
    }
    if (rule.when.empty() && rule.any.empty() && rule.unless.empty()) {
      context.Warn("unconditional-rule", rule.where, RuleText(rule) + " has no condition and holds for every session");
    }
    if (rule.stage && !Refuses(rule)) {
      context.Warn(
          "stage-without-refusal", rule.where,
          RuleText(rule) + " has a stage of its own but does not refuse; its action is the same at every stage");
    }
  }
}

void CheckThresholds(const CheckContext& context) {
  const ScoreThresholds& limits = context.policy.thresholds;
  if (limits.tempfail && limits.reject && *limits.tempfail > *limits.reject) {
    context.Error("threshold-order", limits.where,
                  "the tempfail threshold " + ScoreText(*limits.tempfail) + " is above the reject threshold " +
                      ScoreText(*limits.reject) + ", so nothing would ever be deferred");
  }
  double highest = 0;
  const Rule* first = nullptr;
  for (const Rule& rule : context.policy.rules) {
    if (!rule.enabled || rule.action != ActionKind::kScore) continue;
    if (first == nullptr) first = &rule;
    highest += std::max(rule.score, 0.0);
  }
  if (first != nullptr && !limits.tempfail && !limits.reject) {
    context.Warn("score-without-threshold", first->where,
                 "rules add scores, but the policy has no score thresholds to judge their sum");
  }
  const auto reachable = [&](const std::optional<double>& limit, std::string_view name) {
    if (!limit || Reaches(highest, *limit)) return;
    context.Warn("unreachable-threshold", limits.where,
                 "no sum of scores reaches the " + std::string(name) + " threshold " + ScoreText(*limit) +
                     ": the rules add up to " + ScoreText(highest) + " at most");
  };
  reachable(limits.tempfail, NameOf(Outcome::kTempfail));
  reachable(limits.reject, NameOf(Outcome::kReject));
}

// --- lists ---

void CheckLists(const CheckContext& context) {
  std::set<const List*> used;
  const auto note = [&used](const std::vector<Condition>& conditions) {
    for (const Condition& condition : conditions) {
      for (const auto& list : condition.lists) used.insert(list.get());
    }
  };
  for (const Rule& rule : context.policy.rules) {
    note(rule.when);
    note(rule.unless);
    for (const auto& alternative : rule.any) note(alternative);
  }
  for (const auto& [name, list] : context.policy.lists) {
    if (!used.contains(list.get())) context.Warn("unused-list", list->where, "no rule uses the list \"" + name + "\"");
    const bool has_patterns = list->patterns || (list->table && list->table->kind() != TableKind::kCidr);
    if (list->part != NamePart::kName && !has_patterns) {
      context.Warn("unused-part", list->where, "the list \"" + name + "\" has a part but no patterns to match it");
    }
  }
}

constexpr void (*kChecks[])(const CheckContext&) = {
    CheckFactStages, CheckRfc5321Guard, CheckThresholds, CheckRules,         CheckShadowedRules,
    CheckLists,      CheckPatterns,     CheckPostmaster, CheckEarlyRefusals,
};

// --- what is worked out ---

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

bool FinishPolicy(Policy* policy, std::chrono::sys_days today, Diagnostics* diagnostics) {
  policy->facts = FactsOf(*policy);
  policy->lookups = LookupsFor(policy->facts);
  policy->first_stage = FirstStageOf(*policy);
  FillReplies(policy);
  Diagnostics found;
  const CheckContext context{*policy, today, &found};
  for (const auto& check : kChecks) check(context);
  const bool fine = !HasErrors(found);
  diagnostics->insert(diagnostics->end(), found.begin(), found.end());
  return fine;
}

}  // namespace heloguard
