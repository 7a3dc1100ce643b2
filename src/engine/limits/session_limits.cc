// Counts sessions and says which limit one is over (session_limits.h). What a session then does is session.cc's.
// Tests: tests/scenario/session_limits_test.cc.
#include "engine/limits/session_limits.h"

#include <algorithm>

#include "heloguard/dns/zone.h"

namespace heloguard {
namespace {

constexpr std::chrono::seconds kTellEvery{60};

std::string NetworkText(const std::optional<IpAddress>& client) {
  return client ? ClientNetworkOf(*client).ToString() : "no address";
}

}  // namespace

bool SessionLimits::IsTrusted(const std::optional<IpAddress>& client) const {
  if (!client) return true;  // a program of this host
  return std::ranges::any_of(limits_.trusted, [&](const IpNetwork& network) { return network.Contains(*client); });
}

std::size_t SessionLimits::MaxOf(Limit limit) const {
  switch (limit) {
    case Limit::kSessions:
      return limits_.sessions;
    case Limit::kSessionsPerNetwork:
      return limits_.sessions_per_network;
    case Limit::kMessagesPerSession:
      return limits_.messages_per_session;
    case Limit::kHelosPerSession:
      return limits_.helos_per_session;
  }
  return 0;
}

std::optional<Limit> SessionLimits::Enter(const std::optional<IpAddress>& client) {
  const bool trusted = IsTrusted(client);
  const std::string network = NetworkText(client);
  const std::optional<Limit> over = state_.With([&](State& state) -> std::optional<Limit> {
    const std::size_t all = ++state.open;
    const std::size_t of_network = ++state.by_network[network];
    if (all > limits_.sessions) return Limit::kSessions;
    if (!trusted && of_network > limits_.sessions_per_network) return Limit::kSessionsPerNetwork;
    return std::nullopt;
  });
  if (over) Tell(*over, client);
  return over;
}

void SessionLimits::Leave(const std::optional<IpAddress>& client) {
  const std::string network = NetworkText(client);
  state_.With([&](State& state) {
    --state.open;
    const auto it = state.by_network.find(network);
    if (--it->second == 0) state.by_network.erase(it);
  });
}

std::optional<Limit> SessionLimits::Count(Limit limit, std::size_t number, const std::optional<IpAddress>& client) {
  if (number <= MaxOf(limit) || IsTrusted(client)) return std::nullopt;
  Tell(limit, client);
  return limit;
}

std::size_t SessionLimits::open() const {
  return state_.With([](const State& state) { return state.open; });
}

void SessionLimits::Tell(Limit limit, const std::optional<IpAddress>& client) {
  sink_->OverLimit(limit);
  const auto now = clock_->Now();
  const bool due = state_.With([&](State& state) {
    auto& told = state.told[static_cast<std::size_t>(limit)];
    if (told && now - *told < kTellEvery) return false;
    told = now;
    return true;
  });
  if (!due) return;
  const std::string does =
      limits_.overload == Overload::kTempfail ? "is deferred at RCPT" : "goes on unjudged, or judged without DNS";
  sink_->Alarm("client network " + NetworkText(client) + " is over limits." + std::string(NameOf(limit)) + " (" +
               std::to_string(MaxOf(limit)) + "): what comes beyond " + does);
}

}  // namespace heloguard
