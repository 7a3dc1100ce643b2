// How much one session, one client network and all of them together may have of us. What is over a limit goes on
// unjudged, or is deferred at RCPT where the settings say so; it is never refused for good.
//
// Thread rule: any thread. Nothing is told with a lock held.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "heloguard/ports.h"
#include "heloguard/settings.h"
#include "os/lock_guarded.h"

namespace heloguard {

class SessionLimits final : public SessionAdmission {
 public:
  // Clock and sink outlive this. `sink` hears OverLimit of every session or message, and of each limit an alarm once a
  // minute that names the client's network.
  SessionLimits(Settings::Limits limits, const Clock* clock, EventSink* sink)
      : limits_(std::move(limits)), clock_(clock), sink_(sink) {}

  std::optional<Limit> Enter(const std::optional<IpAddress>& client) override;
  void Leave(const std::optional<IpAddress>& client) override;
  std::optional<Limit> Count(Limit limit, std::size_t number, const std::optional<IpAddress>& client) override;
  [[nodiscard]] Outcome overload() const override {
    return limits_.overload == Overload::kTempfail ? Outcome::kTempfail : Outcome::kAccept;
  }

  // Sessions open now.
  [[nodiscard]] std::size_t open() const;

 private:
  static constexpr std::size_t kLimits = EnumNames<Limit>.size();
  struct State {
    std::size_t open = 0;
    std::unordered_map<std::string, std::size_t> by_network;
    std::array<std::optional<Clock::TimePoint>, kLimits> told;
  };
  [[nodiscard]] bool IsTrusted(const std::optional<IpAddress>& client) const;
  [[nodiscard]] std::size_t MaxOf(Limit limit) const;
  void Tell(Limit limit, const std::optional<IpAddress>& client);

  const Settings::Limits limits_;
  const Clock* const clock_;
  EventSink* const sink_;
  LockGuarded<State> state_;
};

}  // namespace heloguard
