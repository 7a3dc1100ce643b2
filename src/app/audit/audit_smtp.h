// The parts of an audit that talk with mail servers: asking one for its own name, and hearing what one says in HELO.
#pragma once

#include <optional>

#include "adapters/smtp/smtp_listener.h"
#include "app/audit/audit_request.h"
#include "app/shared/command_services.h"
#include "audit/audit_report.h"
#include "heloguard/session.h"

namespace heloguard {

// Asks `target` what it calls itself and compares with the audited name. Sets *unreachable where it cannot be asked.
[[nodiscard]] CheckSection CheckServer(const SmtpTarget& target, const Helo& helo, const CommandServices& world,
                                       bool* unreachable);

// Opens the port, says so on stderr, and hears one client. Errors: kUnavailable: the port, nobody came, or the client
// left without HELO.
[[nodiscard]] Result<HeardHelo> HearClient(const ServerAddress& listen);
// What was heard, against the name that was expected, if any.
[[nodiscard]] CheckSection CheckHeard(const HeardHelo& heard, const AuditRequest& request);

}  // namespace heloguard
