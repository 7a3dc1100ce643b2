// Keeps one client's lookups from taking what all share. Every question a session asks is let through or held back
// here; one that is held back is unknown to whoever asks it alone, and refuses nobody.
//
// Questions count for the client's network and for the zone asked (heloguard/dns/zone.h), until the resolver answers,
// not until our deadline: a question that nobody waits for any more still keeps the resolver and its forwarder busy.
// Held back is
//
//   zone     a question to a zone that does not answer while others do. After two in a row to which it was silent, one
//            is let through from time to time, less often each time. So it is where a few are under way and none was
//            answered for a second in which others were. The others count as not answered (temperror), as resolvers
//            remember failures (RFC 9520 section 3.2)
//   network  one from a network of which a sixteenth of the limit is under way, and more than it got answers to
//   share    above half of the limit: one from a network, or to a zone, that has an eighth of what is left (the dynamic
//            threshold of A. Choudhury and E. Hahne, 1998), or from a network that has more under way than a few and
//            what it got answers to, as TCP opens a window. What is left is a reserve that no client or zone reaches
//   full     at the limit: any
//
// Thread rule: any thread. Nothing is told with a lock held.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "heloguard/ports.h"
#include "os/lock_guarded.h"

namespace heloguard {

class LookupShares final : public LookupAdmission {
 public:
  // Hears how each question ended, with the zone it counted for.
  using Heard = std::function<void(const DomainName& zone, const std::optional<IpAddress>& client, const DnsAnswer&)>;

  // Of `limit` questions at once. Clock and sink outlive this; `sink` hears DnsHeldBack, and once a minute an alarm
  // that names the client's network.
  LookupShares(std::size_t limit, const Clock* clock, EventSink* sink) : limit_(limit), clock_(clock), sink_(sink) {}

  // REQUIRES: nothing was asked yet; what `heard` refers to outlives the resolver.
  void Tell(Heard heard) { heard_ = std::move(heard); }

  [[nodiscard]] std::optional<HeldBack> Admit(const DnsQuestion& question,
                                              const std::optional<IpAddress>& client) override;
  void Ended(const DnsQuestion& question, const std::optional<IpAddress>& client, const DnsAnswer& answer) override;

  // Questions under way.
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  // Forgets who was silent: for when our own resolver was ill, and the silence was its own.
  void Forgive();

 private:
  // Of one network or zone. Answers and silences of the last minute or so: both halve every thirty seconds.
  struct Load {
    std::size_t in_flight = 0;
    double answered = 0;
    double silent = 0;
    Clock::TimePoint halved{};
    unsigned silent_in_a_row = 0;
    Clock::TimePoint heard{};    // the last answer, or when the first question under way was asked
    Clock::TimePoint silence{};  // when the last silence that counted was heard of
    Clock::TimePoint retry{};    // of a silent zone: before this nothing is asked
  };
  static constexpr std::size_t kMoments = 256;  // a quarter of a second each
  using Loads = std::unordered_map<std::string, Load>;
  struct State {
    Loads networks, zones;
    std::array<std::int64_t, kMoments> moments{};  // those in which a zone answered, each at its remainder
    Clock::TimePoint answered{};                   // when a zone last answered
    Clock::TimePoint resumed{};                    // when one did after none had for as long as a silence is
    Clock::TimePoint swept{};
    Clock::TimePoint told{};
    bool ever_told = false;
  };

  [[nodiscard]] std::optional<HeldBack> Refusal(const State& state, const Load& zone, const Load* network,
                                                Clock::TimePoint now) const;
  static Load& Find(Loads* loads, const std::string& key, Clock::TimePoint now);
  static void Count(Load* load, const DnsAnswer& answer, bool blamed, Clock::TimePoint now);
  // Whether some zone answered soon after the question was asked, but not at that very time: an outage of our own may
  // have begun with it.
  static bool OthersAnswered(const State& state, Clock::TimePoint asked);
  static void Sweep(State* state, Clock::TimePoint now);
  // The alarm's text if one is due.
  static std::string Telling(State* state, HeldBack why, const std::optional<IpAddress>& client, const Load* network,
                             Clock::TimePoint now);

  const std::size_t limit_;
  const Clock* const clock_;
  EventSink* const sink_;
  Heard heard_;
  LockGuarded<State> state_;
  std::atomic<std::size_t> in_flight_{0};
};

}  // namespace heloguard
