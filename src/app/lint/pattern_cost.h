// What matching a name against a policy's patterns costs on this machine.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "app/shared/json_writer.h"
#include "heloguard/policy/policy.h"

namespace heloguard {

struct PatternCost {
  std::string what;          // "@generic", or the rule whose own patterns they are
  std::size_t patterns = 0;  // of a Postfix table, its lines
  std::size_t passes = 0;    // over a name: sets, and patterns that no set takes
  std::chrono::duration<double, std::nano> each{};  // a name, warm, the median of a few runs
};

// Of each list with patterns, each pattern table, and each rule with patterns of its own. Takes some ten milliseconds
// each.
[[nodiscard]] std::vector<PatternCost> MeasurePatterns(const Policy& policy, const std::vector<std::string>& names);

// A table for people, "" without costs; and for programs.
[[nodiscard]] std::string CostText(const std::vector<PatternCost>& costs);
[[nodiscard]] Json CostJson(const std::vector<PatternCost>& costs);

}  // namespace heloguard
