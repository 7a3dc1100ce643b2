// Reads the arguments of `heloguard audit`. Judges no name: any bytes may be audited.
// Tests: tests/unit/app/audit/audit_request_test.cc, tests/cli/audit_test.py.
#include "app/audit/audit_request.h"

#include <algorithm>

#include "app/shared/check_request.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/port.h"

namespace heloguard {
namespace {

Error Refuse(std::string_view option, std::string_view text, std::string_view what) {
  return {
      ErrorKind::kUsage, std::string(option) + ": \"" + EscapeBytes(text, 80) + "\" is no " + std::string(what), {}};
}

}  // namespace

std::optional<SmtpTarget> ParseSmtpTarget(std::string_view text) {
  SmtpTarget target;
  target.text = EscapeBytes(text);
  const bool brackets = text.size() > 2 && text.front() == '[' && text.back() == ']';
  target.address = IpAddress::Parse(brackets ? text.substr(1, text.size() - 2) : text);
  if (target.address) return target;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    const auto port = ParsePort(text.substr(colon + 1));
    if (!port) return std::nullopt;
    target.port = *port;
    if (const auto server = ParseListenAddress(text)) {
      target.address = server->address;
      return target;
    }
  }
  const auto name = DomainName::FromText(text.substr(0, colon));
  if (!name || name->empty() || !name->IsHostName()) return std::nullopt;
  target.name = *name;
  return target;
}

Result<AuditRequest> ReadAuditRequest(const AuditOptions& options) {
  AuditRequest request;
  if (options.name) request.name = ParseHelo(UnescapeBytes(*options.name));
  for (const std::string& text : options.addresses) {
    const auto address = IpAddress::Parse(text);
    if (!address) return Refuse("--ip", text, "IP address");
    if (std::ranges::find(request.addresses, address->Unmapped()) == request.addresses.end()) {
      request.addresses.push_back(address->Unmapped());
    }
  }
  for (const std::string& text : options.servers) {
    const auto target = ParseSmtpTarget(text);
    if (!target) return Refuse("--smtp", text, "server; HOST, HOST:PORT or [IPV6]:PORT is");
    request.servers.push_back(*target);
  }
  if (options.listen) {
    request.listen = ParseListenAddress(*options.listen);
    if (!request.listen)
      return Refuse("--listen", *options.listen, "address to listen on; 192.0.2.1:2525 or [::]:2525 is");
  }
  return request;
}

}  // namespace heloguard
