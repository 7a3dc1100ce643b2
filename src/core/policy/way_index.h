// Finds, among the ways in which rules can hold, those that may shadow another way, without walking them all. Private
// to core.
//
// Of a rule that shadows another, each condition is implied by one of the other's, and each excuse (`unless`) implies
// one of the other's excuses. What implies a condition has its values among those of that condition, or its networks
// inside them. So each way is filed under the values of just one of its conditions or excuses, the one whose values are
// the rarest so far, and looked up by those of the other way. Thread rule: one check, one thread. The policy outlives
// it unchanged.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "heloguard/policy/policy.h"

namespace heloguard {

// One way in which a rule can hold: all of its `when`, and all of one alternative if it has any.
struct Way {
  std::size_t rule = 0;  // its place in the policy
  const std::vector<Condition>* when = nullptr;
  const std::vector<Condition>* alternative = nullptr;  // null: none
  const std::vector<Condition>* unless = nullptr;

  // Whether `test` holds for one of its conditions; for all of them.
  template <class Test>
  [[nodiscard]] bool Any(const Test& test) const {
    return std::ranges::any_of(*when, test) || (alternative != nullptr && std::ranges::any_of(*alternative, test));
  }
  template <class Test>
  [[nodiscard]] bool All(const Test& test) const {
    return std::ranges::all_of(*when, test) && (alternative == nullptr || std::ranges::all_of(*alternative, test));
  }
  template <class Use>
  void ForEach(const Use& use) const {
    std::ranges::for_each(*when, use);
    if (alternative != nullptr) std::ranges::for_each(*alternative, use);
  }
};

[[nodiscard]] std::vector<Way> WaysOf(const std::vector<Rule>& rules, std::size_t index);

class WayIndex {
 public:
  using Ways = std::vector<std::size_t>;  // numbers of ways, in the order of Add

  // Of the ways of these rules.
  explicit WayIndex(const std::vector<Rule>& rules);

  void Add(const Way& way);
  // Every way that may shadow `narrow` is in one of these; others are too, and one may be in several. Valid until Add.
  [[nodiscard]] std::vector<const Ways*> Candidates(const Way& narrow) const;
  [[nodiscard]] const Way& operator[](std::size_t number) const { return ways_[number]; }

 private:
  using Key = std::uint64_t;  // of a value; two values may share one, which only adds candidates
  using Keys = std::vector<Key>;

  // Ways by their conditions, or by their excuses.
  struct Side {
    std::unordered_map<Key, Ways> ways;
    // The lengths of prefixes in use (IPv4, IPv6), and the lists in which each network stands.
    std::array<std::bitset<129>, 2> lengths;
    std::unordered_map<Key, std::vector<const List*>> lists;
    std::unordered_set<const List*> noted;

    void NoteNetworks(const Condition& condition);
    [[nodiscard]] std::size_t CountAt(Key key) const;
    // Every condition that `inner` implies has one of these keys.
    [[nodiscard]] Keys NarrowKeys(const Condition& inner) const;
    [[nodiscard]] Keys HolderKeys(FactId fact, const IpNetwork& network) const;
    [[nodiscard]] std::size_t CostOf(const Keys& keys) const;
    void Put(const Keys& keys, std::size_t number);
    void Find(const Keys& keys, std::vector<const Ways*>* found) const;
  };

  std::vector<Way> ways_;
  Ways unconditional_;  // of rules without excuses
  Side conditions_, excuses_;
};

}  // namespace heloguard
