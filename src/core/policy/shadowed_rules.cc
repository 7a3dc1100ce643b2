// Finds rules that nothing can reach (check_context.h): an earlier rule decides whenever they would hold.
//
// The test is sound, not complete: it compares conditions on the same fact only, so what it reports is always true, and
// what it cannot see it keeps quiet about. Pure. Tests: tests/unit/core/policy/policy_checks_test.cc.
#include <algorithm>

#include "core/policy/check_context.h"

namespace heloguard {
namespace {

std::vector<IpNetwork> NetworksOf(const Condition& condition) {
  std::vector<IpNetwork> networks = condition.networks;
  for (const auto& list : condition.lists) {
    networks.insert(networks.end(), list->clients.begin(), list->clients.end());
  }
  return networks;
}

// Every table of `inner` is one of `outer`, which takes at least the same of its results.
bool TablesInside(const Condition& inner, const Condition& outer) {
  const bool wider = (inner.results - outer.results).empty();
  return std::ranges::all_of(inner.lists, [&](const auto& list) {
    return !list->table || (wider && std::ranges::find(outer.lists, list) != outer.lists.end());
  });
}

bool NetworksInside(const Condition& inner, const Condition& outer) {
  const auto wide = NetworksOf(outer);
  return std::ranges::all_of(NetworksOf(inner), [&wide](const IpNetwork& network) {
    return std::ranges::any_of(wide, [&network](const IpNetwork& each) { return each.Contains(network); });
  });
}

bool NamesInside(const Condition& inner, const Condition& outer) {
  const bool lists = std::ranges::all_of(
      inner.lists, [&outer](const auto& list) { return std::ranges::find(outer.lists, list) != outer.lists.end(); });
  if (!lists || !inner.patterns) return lists;
  return outer.patterns && std::ranges::all_of(inner.patterns->patterns(), [&outer](const Pattern& pattern) {
           return std::ranges::find(outer.patterns->patterns(), pattern.text, &Pattern::text) !=
                  outer.patterns->patterns().end();
         });
}

// Whenever `inner` holds, `outer` does.
bool Implies(const Condition& inner, const Condition& outer) {
  if (inner.fact != outer.fact) return false;
  switch (SpecOf(inner.fact).type) {
    case FactType::kAddress:
      return TablesInside(inner, outer) && NetworksInside(inner, outer);
    case FactType::kPort:
      return std::ranges::all_of(inner.ports, [&outer](std::uint16_t port) {
        return std::ranges::find(outer.ports, port) != outer.ports.end();
      });
    case FactType::kBool:
    case FactType::kEnum:
    case FactType::kSet:
      return (inner.mask & ~outer.mask) == 0;
    case FactType::kNames:
      return TablesInside(inner, outer) && NamesInside(inner, outer);
  }
  return false;
}

bool AnyImplies(const std::vector<Condition>& given, const Condition& wanted) {
  return std::ranges::any_of(given, [&wanted](const Condition& each) { return Implies(each, wanted); });
}

std::vector<std::vector<Condition>> AlternativesOf(const Rule& rule) {
  if (rule.any.empty()) return {rule.when};
  std::vector<std::vector<Condition>> alternatives;
  for (const auto& alternative : rule.any) {
    alternatives.push_back(rule.when);
    alternatives.back().insert(alternatives.back().end(), alternative.begin(), alternative.end());
  }
  return alternatives;
}

bool AllImplied(const std::vector<Condition>& given, const std::vector<Condition>& wanted) {
  return std::ranges::all_of(wanted, [&given](const Condition& each) { return AnyImplies(given, each); });
}

// `earlier` decides every session that `later` holds for. An unless of the earlier rule must stand in the later one as
// well, at least as wide: what the earlier rule lets go, the later one then does not hold for either.
bool Shadows(const Rule& earlier, const Rule& later) {
  const bool always = earlier.mode == Mode::kEnforce && !earlier.percent && !earlier.until;
  if (!always || !SpecOf(earlier.action).decides) return false;
  // While the earlier rule is undecided, the later one can still defer.
  if (later.defer_if_unknown && !earlier.defer_if_unknown) return false;
  const bool excuses = std::ranges::all_of(earlier.unless, [&later](const Condition& excuse) {
    return std::ranges::any_of(later.unless, [&excuse](const Condition& each) { return Implies(excuse, each); });
  });
  if (!excuses) return false;
  const auto wider = AlternativesOf(earlier);
  return std::ranges::all_of(AlternativesOf(later), [&wider](const auto& narrow) {
    return std::ranges::any_of(wider, [&narrow](const auto& wide) { return AllImplied(narrow, wide); });
  });
}

// The first rule that shadows the one at `later`; null: none.
const Rule* FindShadow(const std::vector<Rule>& rules, std::size_t later) {
  for (std::size_t earlier = 0; earlier < later; ++earlier) {
    if (rules[earlier].enabled && Shadows(rules[earlier], rules[later])) return &rules[earlier];
  }
  return nullptr;
}

}  // namespace

void CheckShadowedRules(const CheckContext& context) {
  const auto& rules = context.policy.rules;
  for (std::size_t later = 0; later < rules.size(); ++later) {
    if (!rules[later].enabled || rules[later].second_half) continue;
    const Rule* shadow = FindShadow(rules, later);
    const bool divided = later + 1 < rules.size() && rules[later + 1].second_half;
    if (shadow == nullptr || (divided && FindShadow(rules, later + 1) == nullptr)) continue;
    context.Warn("shadowed-rule", rules[later].where,
                 "rule \"" + rules[later].name + "\" is never reached: rule \"" + shadow->name + "\" (" +
                     shadow->where.ToString() + ") decides all it would hold for");
  }
}

}  // namespace heloguard
