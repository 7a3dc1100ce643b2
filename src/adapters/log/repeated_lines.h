// Keeps one client that comes again and again from filling the log: so many lines a minute, then a count.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "heloguard/policy/action.h"

namespace heloguard {

struct LineKey {
  std::string client;
  std::string rule;
  Outcome outcome = Outcome::kReject;
  friend auto operator<=>(const LineKey&, const LineKey&) = default;
};

// What was kept back of one client with one outcome for one reason.
struct Repeated {
  LineKey key;
  std::size_t count = 0;
  std::chrono::seconds within{0};  // of the first of them all, logged ones included
};

// Thread rule: one call at a time.
class RepeatedLines {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kWindow{1};
  static constexpr std::size_t kMaxGroups = 10'000;  // above that every session has its line

  // `singly`: lines a client and reason may have within kWindow; 0: any number.
  explicit RepeatedLines(std::size_t singly) : singly_(singly) {}

  // Whether this one has a line of its own; otherwise it is counted.
  [[nodiscard]] bool Admit(const LineKey& key, TimePoint now);
  // The counts of groups whose minute is over, or of all; they begin anew with the next line.
  enum class Which : bool { kOver, kAll };
  [[nodiscard]] std::vector<Repeated> Take(TimePoint now, Which which);

 private:
  struct Group {
    TimePoint first;
    std::size_t seen = 0;
  };
  std::size_t singly_;
  std::map<LineKey, Group> groups_;
};

}  // namespace heloguard
