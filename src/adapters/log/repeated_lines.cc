// Counts lines by client, outcome and reason. Reads no clock. Tests: tests/unit/adapters/log/repeated_lines_test.cc.
#include "adapters/log/repeated_lines.h"

namespace heloguard {

bool RepeatedLines::Admit(const LineKey& key, TimePoint now) {
  if (singly_ == 0) return true;
  const auto known = groups_.find(key);
  if (known == groups_.end() && groups_.size() >= kMaxGroups) return true;
  Group& group = known == groups_.end() ? groups_[key] : known->second;
  if (group.seen == 0) group.first = now;
  return ++group.seen <= singly_;
}

std::vector<Repeated> RepeatedLines::Take(TimePoint now, Which which) {
  std::vector<Repeated> due;
  for (auto it = groups_.begin(); it != groups_.end();) {
    const auto& [key, group] = *it;
    if (which == Which::kOver && now - group.first < kWindow) {
      ++it;
      continue;
    }
    if (group.seen > singly_) {
      due.push_back({key, group.seen - singly_, std::chrono::duration_cast<std::chrono::seconds>(now - group.first)});
    }
    it = groups_.erase(it);
  }
  return due;
}

}  // namespace heloguard
