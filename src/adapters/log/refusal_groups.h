// Keeps one client that is refused again and again from filling the log: so many lines a minute, then a count.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "heloguard/policy/action.h"

namespace heloguard {

struct RefusalKey {
  std::string client;
  std::string rule;
  Outcome outcome = Outcome::kReject;
  friend auto operator<=>(const RefusalKey&, const RefusalKey&) = default;
};

// What was kept back of one client's refusals for one reason.
struct RepeatedRefusals {
  RefusalKey key;
  std::size_t count = 0;
  std::chrono::seconds within{0};  // of the first of them all, logged ones included
};

// Thread rule: one call at a time.
class RefusalGroups {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kWindow{1};
  static constexpr std::size_t kMaxGroups = 10'000;  // above that every refusal has its line

  // `singly`: lines a client and reason may have within kWindow; 0: any number.
  explicit RefusalGroups(std::size_t singly) : singly_(singly) {}

  // Whether this refusal has a line of its own; otherwise it is counted.
  [[nodiscard]] bool Admit(const RefusalKey& key, TimePoint now);
  // The counts of groups whose minute is over, or of all; they begin anew with their next refusal.
  enum class Which : bool { kOver, kAll };
  [[nodiscard]] std::vector<RepeatedRefusals> Take(TimePoint now, Which which);

 private:
  struct Group {
    TimePoint first;
    std::size_t seen = 0;
  };
  std::size_t singly_;
  std::map<RefusalKey, Group> groups_;
};

}  // namespace heloguard
