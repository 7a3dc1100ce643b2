// Whether our own resolver is to be trusted. While it is ill, what DNS says of clients may be our own fault, and
// sessions let rules that rest on it only observe (evaluate.h).
//
// Ill, for one of three reasons, each with its own way back:
//   canary    names that always answer do not, or do not validate: at the first look after the start, later at two
//             looks running. Well at the next good look.
//   failures  lookups fail for too large a share both of the zones asked for within the window and of the client
//   networks
//             they were asked for, and a look at the canaries, taken at once, is bad as well: one is enough then. Zones
//             that fail while canaries answer never make it ill, or whoever owns some domains could switch it off. Only
//             zones count that answered within the last hour. A zone or network counts once, however many questions,
//             and fails only if none of them is answered. Well at the next good look, when the share falls below three
//             quarters, or when too few zones are asked for.
//   nat       nearly all messages come from one address that is not public, under many HELO names: address translation
//             hides the clients. A relay or an application server says the same few names. Well when the share falls.
//
// Thread rule: any thread. What is told goes out without a lock held.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "heloguard/session.h"
#include "heloguard/settings.h"
#include "os/lock_guarded.h"

namespace heloguard {

class ResolverHealth final : public EventSink, public ResolverTrust {
 public:
  // `told` gets the alarms and HealthChanged. Both outlive this.
  ResolverHealth(const Settings::Dns& limits, const Clock* clock, EventSink* told);

  [[nodiscard]] bool ill() const override { return ill_.load(std::memory_order_relaxed); }

  // A question for a session of `client` that counts for `zone` has ended.
  void Answered(const DomainName& zone, const std::optional<IpAddress>& client, const DnsAnswer& answer);
  void Judged(const SessionReport& report) override;
  // What the canaries said, now and then.
  void Looked(const CanaryReport& report);
  // `look` is called when a look at the canaries is wanted at once, with no lock held. REQUIRES: nothing was told yet.
  void OnSuspicion(std::function<void()> look) { look_ = std::move(look); }

 private:
  enum class Cause : std::uint8_t { kCanary, kFailures, kNat };
  static constexpr std::size_t kCauses = 3;
  static constexpr std::size_t kBuckets = 6;
  static constexpr std::size_t kMaxZones = 4'096;   // a bucket; more tell no more
  static constexpr std::size_t kMaxAlive = 16'384;  // zones known to answer

  struct Bucket {
    Clock::TimePoint start{};
    std::unordered_map<std::size_t, bool> zones, networks;  // whether any question of theirs was answered
  };
  struct Message {
    IpAddress client;
    std::size_t helo = 0;
  };
  struct State {
    std::array<Bucket, kBuckets> buckets;  // of the window, in turn
    std::size_t current = 0;
    std::unordered_map<std::size_t, Clock::TimePoint> alive;  // zones that answered, and when last
    std::vector<Message> messages;                            // the last ones, in turn
    std::size_t next_message = 0;
    unsigned bad_looks = 0;
    bool looked = false;                      // a look came back
    bool looking_at_once = false;             // one was asked for because lookups fail
    bool records_came = false;                // one had DNSSEC records, good or bad
    bool told_of_records = false;             // that answers come without DNSSEC records
    std::array<std::string, kCauses> causes;  // why ill; "" if not
    bool ill = false;
    EnumSet<ResolverState> told;  // what the alarms of this illness said of canaries
  };
  // Something to say when the lock is gone.
  struct News {
    std::vector<std::string> alarms;
    bool changed = false;
    bool look = false;
  };
  struct Share {
    std::size_t all = 0, failed = 0;
    [[nodiscard]] bool Reaches(std::size_t percent) const { return failed * 100 >= all * percent; }
  };

  // True when it opened a new bucket.
  bool Count(State* state, std::size_t zone, std::size_t network, bool answered) const;
  // Of the zones or networks of the window.
  [[nodiscard]] Share FailedOf(const State& state, std::unordered_map<std::size_t, bool> Bucket::*of) const;
  void WeighCanary(State* state, const CanaryReport& report, News* news) const;
  void WeighFailures(State* state, News* news) const;
  void WeighMessages(State* state) const;
  void ForgetOldZones(State* state) const;
  // After any change of `causes`.
  void Conclude(State* state, News* news);
  void Tell(const News& news) const;

  const Settings::Dns limits_;
  const Clock* const clock_;
  EventSink* const told_;
  std::function<void()> look_;
  LockGuarded<State> state_;
  std::atomic<bool> ill_{false};
};

}  // namespace heloguard
