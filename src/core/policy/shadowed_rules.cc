// Finds rules that nothing can reach (check_context.h): an earlier rule decides whenever they would hold.
//
// The test is sound, not complete (condition_implication.h): what it reports is always true, and what it cannot see it
// keeps quiet about. A rule that is shadowed itself is never compared: what it shadows, its own shadow does as well,
// and stands before it. The others are found by the values of their conditions (way_index.h), so that a policy of many
// thousand rules takes no longer than its text is long. Pure.
// Tests: tests/unit/core/policy/shadowed_rules_test.cc, tests/unit/core/policy/policy_checks_test.cc.
#include <algorithm>
#include <optional>

#include "core/policy/check_context.h"
#include "core/policy/condition_implication.h"
#include "core/policy/way_index.h"

namespace heloguard {
namespace {

// A rule that decides whenever its conditions hold.
bool MayShadow(const Rule& rule) {
  return rule.mode == Mode::kEnforce && !rule.percent && !rule.until && SpecOf(rule.action).decides;
}

class ShadowSearch {
 public:
  explicit ShadowSearch(const std::vector<Rule>& rules) : rules_(rules), index_(rules) {}

  // For each rule the first that shadows it; null: none.
  std::vector<const Rule*> Run() {
    std::vector<const Rule*> shadows(rules_.size());
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (!rules_[i].enabled) continue;
      shadows[i] = Find(i);
      if (shadows[i] != nullptr || !MayShadow(rules_[i])) continue;
      for (const Way& way : WaysOf(rules_, i)) index_.Add(way);
    }
    return shadows;
  }

 private:
  using Places = std::vector<std::size_t>;  // of rules, in order

  bool Implies(const Way& narrow, const Way& wide) {
    return wide.All([&](const Condition& wanted) {
      return narrow.Any([&](const Condition& each) { return implication_.Implies(each, wanted); });
    });
  }

  // An unless of the earlier rule must stand in the later one as well, at least as wide: what the earlier rule lets go,
  // the later one then does not hold for either. And while the earlier rule is undecided, the later one must not defer.
  bool LeavesNothing(const Rule& earlier, const Rule& later) {
    if (later.defer_if_unknown && !earlier.defer_if_unknown) return false;
    return std::ranges::all_of(earlier.unless, [&](const Condition& excuse) {
      return std::ranges::any_of(later.unless,
                                 [&](const Condition& each) { return implication_.Implies(excuse, each); });
    });
  }

  // The first rule that leaves nothing of `later`, whose only way this is.
  const Rule* First(const Way& narrow, const Rule& later) {
    std::size_t first = rules_.size();
    for (const WayIndex::Ways* ways : index_.Candidates(narrow)) {
      for (const std::size_t number : *ways) {
        const Way& wide = index_[number];
        if (wide.rule >= first) break;
        if (LeavesNothing(rules_[wide.rule], later) && Implies(narrow, wide)) first = wide.rule;
      }
    }
    return first == rules_.size() ? nullptr : &rules_[first];
  }

  // The rules of `among` of which some way holds whenever this one does; null: of all that leave nothing of `later`.
  Places Wider(const Way& narrow, const Places* among, const Rule& later) {
    Places wider;
    for (const WayIndex::Ways* ways : index_.Candidates(narrow)) {
      for (const std::size_t number : *ways) {
        const Way& wide = index_[number];
        const bool may =
            among == nullptr ? LeavesNothing(rules_[wide.rule], later) : std::ranges::binary_search(*among, wide.rule);
        if (may && Implies(narrow, wide)) wider.push_back(wide.rule);
      }
    }
    std::ranges::sort(wider);
    wider.erase(std::unique(wider.begin(), wider.end()), wider.end());
    return wider;
  }

  const Rule* Find(std::size_t later) {
    const std::vector<Way> ways = WaysOf(rules_, later);
    if (ways.size() == 1) return First(ways.front(), rules_[later]);
    std::optional<Places> wider;
    for (const Way& way : ways) {
      wider = Wider(way, wider ? &*wider : nullptr, rules_[later]);
      if (wider->empty()) return nullptr;
    }
    return &rules_[wider->front()];
  }

  const std::vector<Rule>& rules_;
  ConditionImplication implication_;
  WayIndex index_;
};

}  // namespace

void CheckShadowedRules(const CheckContext& context) {
  const auto& rules = context.policy.rules;
  const std::vector<const Rule*> shadows = ShadowSearch(rules).Run();
  for (std::size_t later = 0; later < rules.size(); ++later) {
    if (!rules[later].enabled || rules[later].second_half) continue;
    const Rule* shadow = shadows[later];
    const bool divided = later + 1 < rules.size() && rules[later + 1].second_half;
    if (shadow == nullptr || (divided && shadows[later + 1] == nullptr)) continue;
    context.Warn("shadowed-rule", rules[later].where,
                 "rule \"" + rules[later].name + "\" is never reached: rule \"" + shadow->name + "\" (" +
                     shadow->where.ToString() + ") decides all it would hold for");
  }
}

}  // namespace heloguard
