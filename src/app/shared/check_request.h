// A session to judge that no MTA reports: from the command line of `check` and `audit`, or a line of a batch.
//
// Thread rule: pure functions; JudgeRequest may run on several threads at once if the world's ports may.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/shared/command_services.h"
#include "heloguard/session.h"

namespace heloguard {

struct CheckRequest {
  IpAddress client;
  std::string helo;  // hostile bytes
  std::optional<SuppliedRdns> rdns;
  std::optional<std::uint16_t> port;
  bool tls = false;
  bool authenticated = false;
};

// An address, unmapped. The error has no position.
[[nodiscard]] Result<IpAddress> ParseClient(std::string_view text);

// Reverse DNS told by hand: a name with \xNN escapes, or "none"; and one of pass, fail, permerror, temperror. A name
// without a status is verified. nullopt stands for what was not said, `kNotKnown` for a status that is said to be
// unknown; nothing said gives nullopt. The error has no position.
inline constexpr std::string_view kNotKnown = "-";
[[nodiscard]] Result<std::optional<SuppliedRdns>> ParseRdns(const std::optional<std::string>& name,
                                                            const std::optional<std::string>& status);

// Judges in a session of its own, with every fact and all the evidence; `use` gets the report.
void JudgeRequest(const CheckRequest& request, const std::shared_ptr<const Policy>& policy,
                  const CommandServices& world, const std::function<void(const SessionReport&)>& use);

}  // namespace heloguard
