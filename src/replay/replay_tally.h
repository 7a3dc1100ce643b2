// What a replay counts, in memory that does not grow with the log: tables are capped, and say so.
//
// Thread rule: one thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "heloguard/logged_session.h"
#include "heloguard/policy/policy.h"
#include "replay/replay_judge.h"

namespace heloguard {

inline constexpr std::size_t kOutcomes = EnumNames<Outcome>.size();
inline constexpr std::size_t kMtaOutcomes = EnumNames<MtaOutcome>.size();
using OutcomeCounts = std::array<std::uint64_t, kOutcomes>;

// From one outcome to another.
struct ReplayChange {
  Outcome from = Outcome::kAccept, to = Outcome::kAccept;
  friend auto operator<=>(const ReplayChange&, const ReplayChange&) = default;
};
// How the verdict differs from what it is compared to: the old policy's, what heloguard's own log says, or what the
// mail server did. What a mail server refuses for reasons of its own it goes on refusing, so that there only a harder
// answer is a change; nothing is where the client brought no mail. nullopt: no change, or one that is not certain,
// since what the log does not tell might make both the same.
[[nodiscard]] std::optional<ReplayChange> ChangeOf(const LoggedSession& session, const ReplayJudgement& judgement);
// True for a change that is none only because it is not certain.
[[nodiscard]] bool MayChange(const LoggedSession& session, const ReplayJudgement& judgement);

// Distinct addresses and what was seen of each, as bits. Above the cap new ones are not counted.
class AddressTable {
 public:
  AddressTable(std::size_t bits, std::size_t most) : words_((bits + 63) / 64), most_(most) {}
  // True if that bit was not set for the address before.
  bool Mark(const IpAddress& address, std::size_t bit);
  [[nodiscard]] std::size_t size() const { return index_.size(); }
  [[nodiscard]] bool full() const { return full_; }

 private:
  struct Hash {
    std::size_t operator()(const IpAddress& address) const;
  };
  const std::size_t words_, most_;
  std::unordered_map<IpAddress, std::size_t, Hash> index_;
  std::vector<std::uint64_t> bits_;
  bool full_ = false;
};

struct ReplayRuleCount {
  std::uint64_t sessions = 0, decided = 0, clients = 0, changed = 0;
};
// `refused` of those judged: refusals and deferrals.
struct ReplayNetworkCount {
  std::uint64_t sessions = 0, judged = 0, refused = 0, changed = 0;
};
struct ReplayChangeCount {
  std::uint64_t sessions = 0, clients = 0;
};
struct ReplayBucket {
  OutcomeCounts verdicts{};
  std::map<std::size_t, std::uint64_t> by_row;  // of refusals and deferrals
};
// Verdicts over time. Times far from all others, of a clock that was wrong, would leave one bar of the others.
struct ReplayTimes {
  std::int64_t bucket_seconds = 60;
  std::map<std::int64_t, ReplayBucket> buckets;  // by number: start / bucket_seconds
  std::uint64_t left_out = 0;                    // sessions
};

// One client whose verdict would change: by address, HELO, change and what the mail server did.
struct ReplayClient {
  LoggedSession example;
  std::shared_ptr<const ReplayJudgement> judgement;
  ReplayChange change;
  std::optional<std::string> reply;
  std::uint64_t sessions = 0;
  LogTime first{}, last{};
};

class ReplayTally {
 public:
  static constexpr std::size_t kMaxClients = 500'000;       // told apart
  static constexpr std::size_t kMaxNetworks = 200'000;      // told apart
  static constexpr std::size_t kMaxChangedClients = 5'000;  // shown
  static constexpr std::int64_t kMaxBuckets = 400;

  explicit ReplayTally(const Policy& policy);

  // Returns a client that is new among the changed ones, whose reply is still to be found; else nullptr.
  ReplayClient* Add(const LoggedSession& session, std::shared_ptr<const ReplayJudgement> judgement);

  // Rules of the policy in its order, then the thresholds' tempfail and reject.
  [[nodiscard]] std::size_t RowOf(const ReplayVerdict& verdict) const;
  [[nodiscard]] std::size_t score_tempfail_row() const { return rule_count_; }
  [[nodiscard]] std::size_t score_reject_row() const { return rule_count_ + 1; }

  // No more than kMaxBuckets from first to last: those around the median session, as far as there is no gap of more
  // than two years.
  [[nodiscard]] ReplayTimes OverTime() const;

  std::uint64_t sessions = 0, judged = 0, undecided = 0, own = 0;
  std::uint64_t may_change = 0;              // see MayChange
  std::uint64_t authentication_unknown = 0;  // accepted only since the client may have authenticated
  std::uint64_t rdns_unknown = 0;            // judged without knowing how the client's reverse DNS stands
  OutcomeCounts verdicts{};
  std::array<std::uint64_t, kMtaOutcomes> mta{};    // of all sessions
  std::array<OutcomeCounts, kMtaOutcomes> cross{};  // of those judged
  std::array<std::uint64_t, EnumNames<LogSource>.size()> sources{};
  std::vector<ReplayRuleCount> rows;
  std::map<ReplayChange, ReplayChangeCount> changes;
  std::unordered_map<std::string, ReplayNetworkCount> networks;
  std::uint64_t network_sessions_not_kept = 0;
  std::vector<ReplayClient> changed_clients;
  std::uint64_t changed_sessions_not_kept = 0;
  AddressTable clients;

 private:
  void AddRules(const ReplayVerdict& verdict, const IpAddress* client, bool changed);
  void AddToNetwork(const IpAddress& client, const ReplayNetworkCount& more);
  void AddToBucket(LogTime time, const ReplayVerdict& verdict);
  ReplayClient* AddChanged(const LoggedSession& session, std::shared_ptr<const ReplayJudgement> judgement,
                           const ReplayChange& change);

  const std::size_t rule_count_;
  ReplayTimes times_;
  std::unordered_map<std::string, std::size_t> changed_index_;
};

}  // namespace heloguard
