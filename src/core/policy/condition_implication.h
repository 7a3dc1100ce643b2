// Whether one condition holds whenever another does, as far as their texts tell. Private to core.
//
// Sound, not complete: it compares conditions on the same fact only, so a yes is always true. What long conditions and
// lists need for a quick answer is built at the first question and kept.
// Thread rule: one check, one thread. The policy outlives it unchanged.
#pragma once

#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "heloguard/policy/policy.h"

namespace heloguard {

class ConditionImplication {
 public:
  // Whenever `inner` holds, `outer` does. Transitive.
  [[nodiscard]] bool Implies(const Condition& inner, const Condition& outer);

 private:
  using Networks = std::vector<IpNetwork>;
  using Texts = std::unordered_set<std::string_view>;

  [[nodiscard]] bool NetworksInside(const Condition& inner, const Condition& outer);
  [[nodiscard]] bool Covers(const Condition& outer, const Networks& networks);
  [[nodiscard]] bool AnyContains(const Networks& networks, const IpNetwork& inner);
  [[nodiscard]] bool PortsInside(const Condition& inner, const Condition& outer);
  [[nodiscard]] bool NamesInside(const Condition& inner, const Condition& outer);
  [[nodiscard]] bool HasText(const PatternSet& set, const std::string& text);

  std::unordered_map<const Networks*, Networks> widest_;  // those that no other holds, in order
  std::unordered_map<const Condition*, std::unordered_set<std::uint16_t>> ports_;
  std::unordered_map<const PatternSet*, Texts> texts_;
};

}  // namespace heloguard
