// Compares conditions fact type by fact type (condition_implication.h). Pure.
// Tests: tests/unit/core/policy/shadowed_rules_test.cc.
#include "core/policy/condition_implication.h"

#include <algorithm>
#include <tuple>

namespace heloguard {
namespace {

// What has no more values than this is walked; a set would cost more.
constexpr std::size_t kFew = 8;

bool Names(const std::vector<std::shared_ptr<const List>>& lists, const std::shared_ptr<const List>& list) {
  return std::ranges::find(lists, list) != lists.end();
}

// Every table of `inner` is one of `outer`, which takes at least the same of its results.
bool TablesInside(const Condition& inner, const Condition& outer) {
  const bool wider = (inner.results - outer.results).empty();
  return std::ranges::all_of(inner.lists,
                             [&](const auto& list) { return !list->table || (wider && Names(outer.lists, list)); });
}

// Networks hold each other or have nothing in common, so that of those left at most one can hold a given one: the last
// that does not begin behind it.
std::vector<IpNetwork> WidestOf(std::vector<IpNetwork> networks) {
  std::ranges::sort(networks, {},
                    [](const IpNetwork& each) { return std::tuple(each.address(), each.prefix_length()); });
  std::vector<IpNetwork> widest;
  for (const IpNetwork& each : networks) {
    if (widest.empty() || !widest.back().Contains(each)) widest.push_back(each);
  }
  return widest;
}

}  // namespace

bool ConditionImplication::AnyContains(const Networks& networks, const IpNetwork& inner) {
  const auto contains = [&inner](const IpNetwork& each) { return each.Contains(inner); };
  if (networks.size() <= kFew) return std::ranges::any_of(networks, contains);
  auto known = widest_.find(&networks);
  if (known == widest_.end()) known = widest_.emplace(&networks, WidestOf(networks)).first;
  const Networks& widest = known->second;
  const auto behind = std::ranges::upper_bound(widest, inner.address(), {}, &IpNetwork::address);
  return behind != widest.begin() && contains(*std::prev(behind));
}

bool ConditionImplication::Covers(const Condition& outer, const Networks& networks) {
  return std::ranges::all_of(networks, [&](const IpNetwork& network) {
    return AnyContains(outer.networks, network) ||
           std::ranges::any_of(outer.lists, [&](const auto& list) { return AnyContains(list->clients, network); });
  });
}

bool ConditionImplication::NetworksInside(const Condition& inner, const Condition& outer) {
  return Covers(outer, inner.networks) && std::ranges::all_of(inner.lists, [&](const auto& list) {
           return Names(outer.lists, list) || Covers(outer, list->clients);
         });
}

bool ConditionImplication::PortsInside(const Condition& inner, const Condition& outer) {
  if (outer.ports.size() <= kFew) {
    return std::ranges::all_of(inner.ports, [&outer](std::uint16_t port) {
      return std::ranges::find(outer.ports, port) != outer.ports.end();
    });
  }
  auto known = ports_.find(&outer);
  if (known == ports_.end()) known = ports_.try_emplace(&outer, outer.ports.begin(), outer.ports.end()).first;
  return std::ranges::all_of(inner.ports, [&](std::uint16_t port) { return known->second.contains(port); });
}

bool ConditionImplication::HasText(const PatternSet& set, const std::string& text) {
  const auto& patterns = set.patterns();
  if (patterns.size() <= kFew) return std::ranges::find(patterns, text, &Pattern::text) != patterns.end();
  const auto [known, fresh] = texts_.try_emplace(&set);
  if (fresh) {
    for (const Pattern& pattern : patterns) known->second.insert(pattern.text);
  }
  return known->second.contains(text);
}

bool ConditionImplication::NamesInside(const Condition& inner, const Condition& outer) {
  const bool lists = std::ranges::all_of(inner.lists, [&outer](const auto& list) { return Names(outer.lists, list); });
  if (!lists || !inner.patterns) return lists;
  return outer.patterns && std::ranges::all_of(inner.patterns->patterns(), [&](const Pattern& pattern) {
           return HasText(*outer.patterns, pattern.text);
         });
}

bool ConditionImplication::Implies(const Condition& inner, const Condition& outer) {
  if (inner.fact != outer.fact) return false;
  switch (SpecOf(inner.fact).type) {
    case FactType::kAddress:
      return TablesInside(inner, outer) && NetworksInside(inner, outer);
    case FactType::kPort:
      return PortsInside(inner, outer);
    case FactType::kBool:
    case FactType::kEnum:
    case FactType::kSet:
      return (inner.mask & ~outer.mask) == 0;
    case FactType::kNames:
      return TablesInside(inner, outer) && NamesInside(inner, outer);
  }
  return false;
}

}  // namespace heloguard
