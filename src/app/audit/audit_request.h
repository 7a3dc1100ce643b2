// What `heloguard audit` was asked for, read from the command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/audit/audit_command.h"
#include "heloguard/facts/helo.h"
#include "heloguard/settings.h"

namespace heloguard {

// A server to ask for its own name.
struct SmtpTarget {
  std::string text;  // as typed, escaped
  DomainName name;   // looked up where there is no address
  std::optional<IpAddress> address;
  std::uint16_t port = 25;
};

struct AuditRequest {
  std::optional<Helo> name;          // nullopt: the one that is heard
  std::vector<IpAddress> addresses;  // unmapped, each once
  std::vector<SmtpTarget> servers;
  std::optional<ServerAddress> listen;
};

// "HOST", "HOST:PORT", "192.0.2.1:25", "2001:db8::1", "[2001:db8::1]:25". nullopt if malformed.
[[nodiscard]] std::optional<SmtpTarget> ParseSmtpTarget(std::string_view text);

// Errors: kUsage, naming the option.
[[nodiscard]] Result<AuditRequest> ReadAuditRequest(const AuditOptions& options);

}  // namespace heloguard
