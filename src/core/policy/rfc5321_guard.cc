// The guard for RFC 5321 section 4.1.4 (check_context.h): a server may verify that the HELO name corresponds to the
// client's address, but must not refuse a message because it does not. Whoever wants to all the same says
// overrides_rfc5321 = true.
//
// Under the guard stands a rule that refuses although nothing but non-correspondence is held against the session.
// Another fact beside it in `when` (or in one alternative of when.any) lifts the guard: the site then refuses for a
// reason of its own (section 7.9). `unless` only excuses, so an exemption for one's own networks lifts nothing. Neither
// do facts about the text: helo.kind, helo.flaws, and helo.name with patterns that match any name; the ban is about the
// check, whatever the text.
// Address literals (helo.literal) are no domain names and stay outside. Pure.
// Declared in check_context.h. Tests: tests/unit/core/policy/policy_checks_test.cc.
#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include "core/policy/check_context.h"
#include "heloguard/base/quantity.h"
#include "heloguard/facts/build_facts.h"

namespace heloguard {
namespace {

constexpr std::string_view kId = "rfc5321-guard";
constexpr double kNoLimit = std::numeric_limits<double>::infinity();

template <class E>
constexpr std::uint32_t Bits(std::initializer_list<E> words) {
  return EnumSet<E>(words).bits();
}

// The facts that say whether the name corresponds, and the words that say it does.
struct Correspondence {
  FactId fact;
  std::uint32_t agreeing;
};
constexpr std::array<Correspondence, 3> kCorrespondence{{
    {FactId::kHeloAddress, Bits({HeloAddress::kMatch})},
    {FactId::kHeloRdns, Bits({Agreement::kSame, Agreement::kSameDomain})},
    {FactId::kHeloPtr, Bits({Agreement::kSame, Agreement::kSameDomain})},
}};

const Correspondence* FindCorrespondence(const Condition& condition) {
  const auto* it = std::ranges::find(kCorrespondence, condition.fact, &Correspondence::fact);
  return it == kCorrespondence.end() ? nullptr : it;
}

bool HoldsMismatchAgainst(const Condition& condition) {
  const Correspondence* row = FindCorrespondence(condition);
  return row != nullptr && (condition.mask & ~row->agreeing) != 0;
}

bool ExcusesAgreement(const Condition& condition) {
  const Correspondence* row = FindCorrespondence(condition);
  return row != nullptr && (condition.mask & row->agreeing) != 0;
}

bool AllowsVerifiedRdns(const Condition& condition) {
  return condition.fact == FactId::kRdnsStatus && (condition.mask & Bits({RdnsStatus::kPass})) != 0;
}

bool SaysNothingOfName(const Condition& condition) {
  if (condition.fact != FactId::kHeloName) return false;
  if (condition.patterns && MatchesAnyName(*condition.patterns)) return true;
  return std::ranges::any_of(condition.lists, [&condition](const auto& list) {
    return (list->patterns && MatchesAnyName(*list->patterns)) ||
           (list->table && MatchesAnyName(*list->table, condition.results));
  });
}

constexpr FactSet kAddNothing{FactId::kHeloKind, FactId::kHeloFlaws, FactId::kHeloAddress, FactId::kHeloRdns,
                              FactId::kHeloPtr};

bool AddsNothing(const Condition& condition) { return kAddNothing.Has(condition.fact) || SaysNothingOfName(condition); }

// Where agreement is an excuse in `unless`, the charge is what `when` says. A flaw, or a kind that is no proper name,
// is a charge; being an fqdn is none.
bool IsNoCharge(const Condition& condition) {
  const bool proper_name = condition.fact == FactId::kHeloKind && (condition.mask & Bits({HeloKind::kFqdn})) != 0;
  if (condition.fact == FactId::kHeloKind || condition.fact == FactId::kHeloFlaws) return proper_name;
  return AddsNothing(condition);
}

using Conditions = std::vector<const Condition*>;

std::vector<Conditions> AlternativesOf(const Rule& rule) {
  Conditions common;
  for (const Condition& condition : rule.when) common.push_back(&condition);
  if (rule.any.empty()) return {common};
  std::vector<Conditions> alternatives;
  for (const auto& alternative : rule.any) {
    alternatives.push_back(common);
    for (const Condition& condition : alternative) alternatives.back().push_back(&condition);
  }
  return alternatives;
}

bool StandsOnMismatchAlone(const Rule& rule, const Conditions& alternative) {
  // "unless the reverse DNS is verified" is a charge in other words: the rule then takes only those without.
  if (std::ranges::any_of(rule.unless, AllowsVerifiedRdns)) return false;
  const auto all = [&](auto test) {
    return std::ranges::all_of(alternative, [&](const Condition* c) { return test(*c); });
  };
  const auto any = [&](auto test) {
    return std::ranges::any_of(alternative, [&](const Condition* c) { return test(*c); });
  };
  if (any(HoldsMismatchAgainst)) return all(AddsNothing);
  return std::ranges::any_of(rule.unless, ExcusesAgreement) && all(IsNoCharge);
}

// The alternatives that stand on nothing else; empty for a rule outside the guard.
std::vector<Conditions> GuardedAlternatives(const Rule& rule) {
  std::vector<Conditions> guarded;
  for (Conditions& alternative : AlternativesOf(rule)) {
    if (StandsOnMismatchAlone(rule, alternative)) guarded.push_back(std::move(alternative));
  }
  return guarded;
}

std::string FactNames(const Rule& rule, const Conditions& alternative) {
  std::string names;
  const auto add = [&names](const Condition& condition) {
    if (FindCorrespondence(condition) == nullptr) return;
    if (!names.empty()) names += ", ";
    names += SpecOf(condition.fact).name;
  };
  for (const Condition* condition : alternative) add(*condition);
  for (const Condition& condition : rule.unless) add(condition);
  return names;
}

// --- scores: what the guarded rules can add up to ---

struct ScoredRule {
  const Rule* rule;
  std::vector<Conditions> alternatives;
};

// Facts with one value at a time: rules that want different values of one never add up. 0 stands for "does not apply".
constexpr std::array<std::pair<FactId, std::size_t>, 4> kExclusive{{
    {FactId::kHeloKind, EnumNames<HeloKind>.size()},
    {FactId::kHeloAddress, EnumNames<HeloAddress>.size()},
    {FactId::kHeloRdns, EnumNames<Agreement>.size()},
    {FactId::kHeloPtr, EnumNames<Agreement>.size()},
}};
using Assignment = std::array<std::uint32_t, kExclusive.size()>;

// Whether the condition can hold; facts outside the assignment are taken to be as the rule wants them.
bool CanHold(const Condition& condition, const Assignment& values, bool otherwise) {
  for (std::size_t i = 0; i < kExclusive.size(); ++i) {
    if (kExclusive[i].first == condition.fact) return (condition.mask & values[i]) != 0;
  }
  return otherwise;
}

bool CanHold(const ScoredRule& scored, const Assignment& values) {
  const auto excused = [&](const Condition& condition) { return CanHold(condition, values, false); };
  if (std::ranges::any_of(scored.rule->unless, excused)) return false;
  return std::ranges::any_of(scored.alternatives, [&](const Conditions& alternative) {
    return std::ranges::all_of(alternative, [&](const Condition* c) { return CanHold(*c, values, true); });
  });
}

struct Sum {
  double total = 0;
  std::vector<const Rule*> rules;
};

// Every assignment there is.
std::vector<Assignment> AllAssignments() {
  std::size_t combinations = 1;
  for (const auto& [fact, count] : kExclusive) combinations *= count + 1;
  std::vector<Assignment> all(combinations);
  for (std::size_t n = 0; n < combinations; ++n) {
    std::size_t rest = n;
    for (std::size_t i = 0; i < kExclusive.size(); ++i) {
      const std::size_t digit = rest % (kExclusive[i].second + 1);
      rest /= kExclusive[i].second + 1;
      all[n][i] = digit == 0 ? 0 : 1U << (digit - 1);
    }
  }
  return all;
}

// What CanHold asks of a rule. Of many thousand rules most ask the same.
std::string WishesOf(const ScoredRule& scored) {
  std::string wishes;
  const auto add = [&wishes](const Condition& condition) {
    const auto* exclusive = std::ranges::find(kExclusive, condition.fact, &std::pair<FactId, std::size_t>::first);
    const auto which = exclusive - kExclusive.begin();
    wishes += std::to_string(which) + (exclusive == kExclusive.end() ? "" : "=" + std::to_string(condition.mask)) + ",";
  };
  for (const Condition& condition : scored.rule->unless) add(condition);
  for (const Conditions& alternative : scored.alternatives) {
    wishes += "|";
    for (const Condition* condition : alternative) add(*condition);
  }
  return wishes;
}

// The rules of `scored` by what they ask: their numbers, and one rule of each number.
struct Kinds {
  explicit Kinds(const std::vector<ScoredRule>& scored) {
    std::map<std::string, std::size_t> known;
    for (const ScoredRule& each : scored) {
      const auto [kind, fresh] = known.try_emplace(WishesOf(each), samples.size());
      if (fresh) samples.push_back(&each);
      of.push_back(kind->second);
    }
  }
  std::vector<std::size_t> of;
  std::vector<const ScoredRule*> samples;
};

Sum HighestSum(const std::vector<ScoredRule>& scored) {
  const Kinds kinds(scored);
  Sum highest;
  std::set<std::vector<bool>> tried;  // which kinds hold: the same ones add up to the same
  for (const Assignment& values : AllAssignments()) {
    std::vector<bool> holds;
    for (const ScoredRule* sample : kinds.samples) holds.push_back(CanHold(*sample, values));
    if (!tried.insert(holds).second) continue;
    Sum sum;
    for (std::size_t i = 0; i < scored.size(); ++i) {
      if (!holds[kinds.of[i]]) continue;
      sum.total += scored[i].rule->score;
      sum.rules.push_back(scored[i].rule);
    }
    if (sum.total > highest.total) highest = std::move(sum);
  }
  return highest;
}

void CheckScores(const CheckContext& context, const std::vector<ScoredRule>& scored) {
  const ScoreThresholds& limits = context.policy.thresholds;
  const double limit = std::min(limits.tempfail.value_or(kNoLimit), limits.reject.value_or(kNoLimit));
  const Sum sum = HighestSum(scored);
  if (sum.rules.empty() || !Reaches(sum.total, limit)) return;
  std::string names;
  for (const Rule* rule : sum.rules) {
    names += (names.empty() ? "\"" : ", \"") + rule->name + "\" (" + ScoreText(rule->score) + ")";
  }
  context.Error(
      kId, sum.rules.front()->where,
      "the scores of " + names + " reach the threshold " + ScoreText(limit) +
          " on nothing but the HELO name not corresponding to the client's address, on which RFC 5321 section "
          "4.1.4 forbids to refuse; lower them, or say overrides_rfc5321 = true");
}

void CheckRefusal(const CheckContext& context, const Rule& rule, const Conditions& guarded) {
  const std::string text = "rule \"" + rule.name + "\" refuses on nothing but the HELO name not corresponding to the " +
                           "client's address (" + FactNames(rule, guarded) +
                           "), which RFC 5321 section 4.1.4 forbids; add another fact, make it a score, or say "
                           "overrides_rfc5321 = true";
  if (rule.mode == Mode::kEnforce) {
    context.Error(kId, rule.where, text);
  } else {
    context.Warn(kId, rule.where, text + "; it is only observed, but cannot be enforced as it is");
  }
}

}  // namespace

// A policy that only observes is guarded like one that acts: it is written to be enforced one day. A rule that is
// observed by itself refuses nothing meanwhile, and is warned of.
void CheckRfc5321Guard(const CheckContext& context) {
  std::vector<ScoredRule> scored;
  for (const Rule& rule : context.policy.rules) {
    if (!rule.enabled) continue;
    const bool charges = rule.action == ActionKind::kScore && rule.score > 0;
    auto guarded = charges || Refuses(rule) ? GuardedAlternatives(rule) : std::vector<Conditions>{};
    if (rule.overrides_rfc5321) {
      if (guarded.empty()) {
        context.Warn(
            "needless-override", rule.where,
            "rule \"" + rule.name + "\" says overrides_rfc5321, but RFC 5321 section 4.1.4 does not forbid it");
      }
      continue;
    }
    if (guarded.empty()) continue;
    if (Refuses(rule)) CheckRefusal(context, rule, guarded.front());
    if (charges && rule.mode == Mode::kEnforce) scored.push_back({&rule, std::move(guarded)});
  }
  CheckScores(context, scored);
}

}  // namespace heloguard
