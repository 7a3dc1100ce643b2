// What sessions need as the real program has it: libunbound, the system's clock, this host's own identity.
#pragma once

#include <memory>

#include "adapters/unbound/unbound_resolver.h"
#include "app/shared/command_services.h"
#include "engine/evidence_cache.h"
#include "engine/limits/lookup_shares.h"
#include "heloguard/session.h"
#include "heloguard/settings.h"
#include "os/clock.h"

namespace heloguard {

// Owns what services point to. Sessions end before it does. Thread rule: const access from any thread.
struct LiveServices {
  SystemClock clock;
  std::unique_ptr<LookupShares> shares;       // null unless the network is shared. The same holds for it
  std::unique_ptr<EvidenceCache> evidence;    // null: offline. Hears of the resolver's last answers, so it goes later
  std::unique_ptr<Resolver> doubting;         // null unless SettleResolver found cause. The same holds for it
  std::unique_ptr<UnboundResolver> resolver;  // null: offline
  CommandServices session;                    // points into those above and at the sink given
};

// kShared: strangers decide what is asked, so each has a share.
enum class Network : std::uint8_t { kLive, kShared, kOffline };

// Errors: kConfig (own_names, a resolver setting), kUnavailable (the resolver or the list of interfaces).
// REQUIRES: `sink` not null and outliving the services.
[[nodiscard]] Result<std::unique_ptr<LiveServices>> MakeLiveServices(const Settings& settings, EventSink* sink,
                                                                     Network network);

// What the resolver's canaries say now. Waits for them, a few seconds at most. REQUIRES: the services are live.
[[nodiscard]] CanaryReport LookAtResolver(LiveServices* services);

// For commands, which look once and then ask: looks, tells `sink` what is wrong, and from then on takes a denial of a
// resolver that denies what exists, or answers nothing, for no answer (unless it validates). Whether all is well.
// REQUIRES: the services are live and nothing was asked of it yet.
[[nodiscard]] bool SettleResolver(LiveServices* services, EventSink* sink);

// Who we are: own_names of the settings and the addresses of this host's interfaces, unmapped.
[[nodiscard]] Result<OwnIdentity> IdentifySelf(const std::vector<std::string>& own_names);

}  // namespace heloguard
