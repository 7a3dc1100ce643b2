// Values of conditions as keys, and the ways that are filed under them (way_index.h). Pure.
// Tests: tests/unit/core/policy/shadowed_rules_test.cc.
#include "core/policy/way_index.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <span>

namespace heloguard {
namespace {

enum class Kind : std::uint8_t { kAny, kList, kNetwork, kText, kPort, kWord };

// FNV-1a, over what tells values apart.
class Hash {
 public:
  Hash(FactId fact, Kind kind) {
    Add(static_cast<std::uint64_t>(fact));
    Add(static_cast<std::uint64_t>(kind));
  }
  Hash& Add(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x100000001b3U;
    return *this;
  }
  Hash& Add(const IpNetwork& network) {
    for (const std::uint8_t octet : network.address().bytes()) Add(octet);
    return Add(network.prefix_length());
  }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

template <class T>
std::span<const T> First(const std::vector<T>& values, std::size_t most) {
  return std::span<const T>(values).first(std::min(values.size(), most));
}

std::uint64_t ListKey(FactId fact, const List* list) {
  return Hash(fact, Kind::kList).Add(std::hash<const List*>()(list)).value();
}

std::uint64_t AnyKey(FactId fact) { return Hash(fact, Kind::kAny).value(); }

std::uint64_t NetworkKey(FactId fact, const IpNetwork& network) {
  return Hash(fact, Kind::kNetwork).Add(network).value();
}

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kSome = 16;  // enough to tell the rare from the common

// Keys of all values but networks and lists, `most` of each kind at most. A condition that implies another has only
// keys that the other has as well.
std::vector<std::uint64_t> ValueKeys(const Condition& condition, std::size_t most) {
  std::vector<std::uint64_t> keys;
  const FactId fact = condition.fact;
  for (const std::uint16_t port : First(condition.ports, most)) {
    keys.push_back(Hash(fact, Kind::kPort).Add(port).value());
  }
  for (std::uint64_t word = 0; word < 32; ++word) {
    if ((condition.mask >> word & 1U) != 0) keys.push_back(Hash(fact, Kind::kWord).Add(word).value());
  }
  if (!condition.patterns) return keys;
  for (const Pattern& pattern : First(condition.patterns->patterns(), most)) {
    keys.push_back(Hash(fact, Kind::kText).Add(std::hash<std::string>()(pattern.text)).value());
  }
  return keys;
}

// The same and keys of networks and lists.
std::vector<std::uint64_t> WideKeys(const Condition& condition, std::size_t most) {
  std::vector<std::uint64_t> keys = ValueKeys(condition, most);
  for (const IpNetwork& network : First(condition.networks, most)) keys.push_back(NetworkKey(condition.fact, network));
  for (const auto& list : First(condition.lists, most)) keys.push_back(ListKey(condition.fact, list.get()));
  return keys;
}

std::size_t ValuesIn(const Condition& condition) {
  return condition.ports.size() + condition.networks.size() + condition.lists.size() +
         (condition.patterns ? condition.patterns->patterns().size() : 0);
}

// One network of the condition, the first it has; null if it has none.
const IpNetwork* NetworkOf(const Condition& condition) {
  if (!condition.networks.empty()) return &condition.networks.front();
  for (const auto& list : condition.lists) {
    if (!list->clients.empty()) return &list->clients.front();
  }
  return nullptr;
}

}  // namespace

std::vector<Way> WaysOf(const std::vector<Rule>& rules, std::size_t index) {
  const Rule& rule = rules[index];
  if (rule.any.empty()) return {{index, &rule.when, nullptr, &rule.unless}};
  std::vector<Way> ways;
  for (const auto& alternative : rule.any) ways.push_back({index, &rule.when, &alternative, &rule.unless});
  return ways;
}

void WayIndex::Side::NoteNetworks(const Condition& condition) {
  const auto note = [this](const IpNetwork& each) {
    lengths[each.address().is_v4() ? 0 : 1].set(each.prefix_length());
  };
  std::ranges::for_each(condition.networks, note);
  for (const auto& list : condition.lists) {
    if (!noted.insert(list.get()).second) continue;
    std::ranges::for_each(list->clients, note);
    for (const IpNetwork& network : list->clients) lists[NetworkKey(condition.fact, network)].push_back(list.get());
  }
}

std::size_t WayIndex::Side::CountAt(Key key) const {
  const auto known = ways.find(key);
  return known == ways.end() ? 0 : known->second.size();
}

// Keys of the networks that hold this one, and of the lists in which they stand; the narrowest network last.
WayIndex::Keys WayIndex::Side::HolderKeys(FactId fact, const IpNetwork& network) const {
  Keys keys;
  const auto& used = lengths[network.address().is_v4() ? 0 : 1];
  for (unsigned length = 0; length <= network.prefix_length(); ++length) {
    if (!used[length]) continue;
    const Key holder = NetworkKey(fact, IpNetwork(network.address(), length));
    const auto in = lists.find(holder);
    if (in != lists.end()) {
      for (const List* list : in->second) keys.push_back(ListKey(fact, list));
    }
    keys.push_back(holder);
  }
  return keys;
}

WayIndex::Keys WayIndex::Side::NarrowKeys(const Condition& inner) const {
  Keys keys = ValueKeys(inner, kSome);
  const bool address = SpecOf(inner.fact).type == FactType::kAddress;
  // The networks of a list may stand in another; a table, or a list of names, has to be the same.
  for (const auto& list : First(inner.lists, address ? kAll : kSome)) {
    if (!address || list->table) keys.push_back(ListKey(inner.fact, list.get()));
  }
  const IpNetwork* network = address && keys.empty() ? NetworkOf(inner) : nullptr;
  if (network != nullptr) return HolderKeys(inner.fact, *network);
  if (keys.empty()) return {AnyKey(inner.fact)};  // an empty list holds for nothing and implies anything
  return {*std::ranges::min_element(keys, {}, [this](Key key) { return CountAt(key); })};
}

// What filing a way under these keys costs: the keys, and the ways that a search meets under the last one.
std::size_t WayIndex::Side::CostOf(const Keys& keys) const {
  return keys.empty() ? 0 : CountAt(keys.back()) + keys.size();
}

void WayIndex::Side::Put(const Keys& keys, std::size_t number) {
  for (const Key key : keys) {
    Ways& filed = ways[key];
    if (filed.empty() || filed.back() != number) filed.push_back(number);
  }
}

void WayIndex::Side::Find(const Keys& keys, std::vector<const Ways*>* found) const {
  for (const Key key : keys) {
    const auto known = ways.find(key);
    if (known != ways.end()) found->push_back(&known->second);
  }
}

WayIndex::WayIndex(const std::vector<Rule>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (const Way& way : WaysOf(rules, i)) {
      way.ForEach([this](const Condition& each) { conditions_.NoteNetworks(each); });
    }
    for (const Condition& each : rules[i].unless) excuses_.NoteNetworks(each);
  }
}

void WayIndex::Add(const Way& way) {
  const std::size_t number = ways_.size();
  ways_.push_back(way);
  const Condition* condition = nullptr;
  Keys excuse;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  way.ForEach([&](const Condition& each) {
    std::size_t cost = 0;
    for (const Key key : WideKeys(each, kSome)) cost = std::max(cost, conditions_.CountAt(key));
    cost += ValuesIn(each);
    if (cost >= least) return;
    least = cost;
    condition = &each;
  });
  for (const Condition& each : *way.unless) {
    Keys keys = excuses_.NarrowKeys(each);
    const std::size_t cost = excuses_.CostOf(keys);
    if (cost >= least) continue;
    least = cost;
    condition = nullptr;
    excuse = std::move(keys);
  }
  if (condition != nullptr) {
    conditions_.Put(WideKeys(*condition, kAll), number);
    conditions_.Put({AnyKey(condition->fact)}, number);
  } else if (!excuse.empty()) {
    excuses_.Put(excuse, number);
  } else {
    unconditional_.push_back(number);
  }
}

std::vector<const WayIndex::Ways*> WayIndex::Candidates(const Way& narrow) const {
  std::vector<const Ways*> found{&unconditional_};
  narrow.ForEach([&](const Condition& each) { conditions_.Find(conditions_.NarrowKeys(each), &found); });
  for (const Condition& each : *narrow.unless) {
    excuses_.Find(WideKeys(each, kAll), &found);
    excuses_.Find({AnyKey(each.fact)}, &found);
  }
  return found;
}

}  // namespace heloguard
