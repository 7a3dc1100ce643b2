// Whether our own resolver is to be trusted. While it is ill, what DNS says of clients may be our own fault, and
// sessions let rules that rest on it only observe (evaluate.h).
//
// Ill, for one of three reasons, each with its own way back:
//   canary    names that always answer do not, or do not validate: at the first look after the start, later at two
//             looks running. Well at the next good look.
//   failures  lookups fail for too large a share of the zones asked for within the window. Only zones count that
//   answered
//             within the last hour: whoever says names in dead zones, however many, shows nothing of our resolver. A
//             zone counts once, however many ask for it, and fails only if nothing in it answers. Well below three
//             quarters of that share, or when too few zones are asked for.
//   nat       nearly all messages come from one address that is not public, under many HELO names: address translation
//             hides the clients. A relay or an application server says the same few names. Well when the share falls.
//
// Thread rule: any thread. What is told goes out without a lock held.
#pragma once

#include <array>
#include <atomic>
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

  void LookedUp(const DnsQuestion& question, const DnsAnswer& answer) override;
  void Judged(const SessionReport& report) override;
  // What the canaries said, now and then.
  void Looked(const CanaryReport& report);

 private:
  enum class Cause : std::uint8_t { kCanary, kFailures, kNat };
  static constexpr std::size_t kCauses = 3;
  static constexpr std::size_t kBuckets = 6;
  static constexpr std::size_t kMaxZones = 4'096;   // a bucket; more tell no more
  static constexpr std::size_t kMaxAlive = 16'384;  // zones known to answer

  struct Bucket {
    Clock::TimePoint start{};
    std::unordered_map<std::size_t, bool> answered;  // by zone
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
  };

  // True when it opened a new bucket.
  bool Count(State* state, std::size_t zone, bool answered) const;
  void WeighCanary(State* state, const CanaryReport& report, News* news) const;
  void WeighFailures(State* state) const;
  void WeighMessages(State* state) const;
  void ForgetOldZones(State* state) const;
  // After any change of `causes`.
  void Conclude(State* state, News* news);
  void Tell(const News& news) const;

  const Settings::Dns limits_;
  const Clock* const clock_;
  EventSink* const told_;
  LockGuarded<State> state_;
  std::atomic<bool> ill_{false};
};

// The zone a question counts for: of a PTR the client's /24 or /32, of a name its organisational domain.
[[nodiscard]] DomainName HealthZoneOf(const DnsQuestion& question);

}  // namespace heloguard
