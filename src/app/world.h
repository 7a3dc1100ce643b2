// The world of a session as the real program has it: libunbound, the system's clock, this host's own identity.
#pragma once

#include <memory>

#include "clock.h"
#include "evidence_cache.h"
#include "heloguard/session.h"
#include "heloguard/settings.h"
#include "unbound_resolver.h"

namespace heloguard {

// Owns what a SessionWorld points to. Sessions end before it does. Thread rule: const access from any thread.
struct World {
  SystemClock clock;
  std::unique_ptr<EvidenceCache> evidence;    // null: offline. Hears of the resolver's last answers, so it goes later
  std::unique_ptr<UnboundResolver> resolver;  // null: offline
  SessionWorld session;                       // points into those above and at the sink given
};

enum class Network : std::uint8_t { kLive, kOffline };

// Errors: kConfig (own_names, a resolver setting), kUnavailable (the resolver or the list of interfaces).
// REQUIRES: `sink` not null and outliving the world.
[[nodiscard]] Result<std::unique_ptr<World>> MakeWorld(const Settings& settings, EventSink* sink, Network network);

// What the resolver's canaries say now. Waits for them, a few seconds at most. REQUIRES: the world is live.
[[nodiscard]] CanaryReport LookAtResolver(World* world);

// Who we are: own_names of the settings and the addresses of this host's interfaces, unmapped.
[[nodiscard]] Result<OwnIdentity> IdentifySelf(const std::vector<std::string>& own_names);

}  // namespace heloguard
