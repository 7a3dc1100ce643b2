// Tests: tests/unit/core/settings_test.cc.
#include "core/setting_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "heloguard/base/port.h"
#include "heloguard/judge/authentication_results.h"

namespace heloguard::setting_values {
namespace {

using std::string_view;

constexpr std::array<string_view, 20> kFacilities{
    "kern",     "user", "mail",   "daemon", "auth",   "syslog", "lpr",    "news",   "uucp",   "cron",
    "authpriv", "ftp",  "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};
constexpr std::array<string_view, 2> kDnssecWords{"off", "validate"};

}  // namespace

bool IsPlainText(string_view text) {
  constexpr std::size_t kMaxText = 1024;  // paths and socket texts are far shorter
  return text.size() <= kMaxText &&
         std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

std::optional<std::uint64_t> ParseNumber(string_view text, int base) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number, base);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::string TomlText(string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string TomlText(const ServerAddress& server) {
  const std::string port = server.port == ServerAddress{}.port ? "" : "@" + std::to_string(server.port);
  return TomlText(server.address.ToString() + port);
}

std::string TomlText(const DomainName& name) { return TomlText(name.ToText()); }

std::string TomlText(const IpNetwork& network) { return TomlText(network.ToString()); }

std::string SetDnssec(Settings& settings, string_view text) {
  const auto* const word = std::ranges::find(kDnssecWords, text);
  if (word == kDnssecWords.end()) return std::string(kWrongWord);
  settings.dns.validate = word != kDnssecWords.begin();
  return "";
}

std::string PrintDnssec(const Settings& settings) { return TomlText(kDnssecWords[settings.dns.validate ? 1 : 0]); }

std::string WrongFacility(string_view text) {
  return std::ranges::find(kFacilities, text) == kFacilities.end() ? std::string(kWrongWord) : "";
}

std::string WrongListen(string_view text) {
  return text.empty() || ParseListenAddress(text) ? "" : "is not an address with a port";
}

std::string WrongAuthservId(string_view text) {
  return text.empty() || IsAuthservId(text) ? "" : "is not a name that needs no quotes (RFC 8601 section 2.5)";
}

std::string ReadNetwork(string_view text, IpNetwork* network) {
  const auto parsed = IpNetwork::Parse(text);
  if (!parsed) return "is not a network";
  *network = *parsed;
  return "";
}

std::string ReadResolver(string_view text, ServerAddress* server) {
  const std::size_t at = text.find('@');
  const auto address = IpAddress::Parse(text.substr(0, at));
  if (at != string_view::npos) {
    const auto port = ParsePort(text.substr(at + 1));
    if (!port) return "has a bad port";
    server->port = *port;
  }
  if (!address) return "is not an IP address";
  server->address = *address;
  return "";
}

std::string ReadCanary(string_view text, DomainName* name) {
  const auto domain = DomainName::FromText(text);
  // What is not printable would be escaped in print, and read as another name.
  if (!domain || domain->ToText().find('\\') != string_view::npos) return "is not a domain name";
  *name = *domain;
  return "";
}

std::string ReadOwnName(string_view text, std::string* name) {
  const string_view host = text.substr(!text.empty() && text.front() == '.' ? 1 : 0);
  const auto domain = DomainName::FromText(host);
  if (!domain || domain->empty() || !domain->IsHostName() || IpAddress::Parse(host)) return "is not a host name";
  *name = text;
  return "";
}

}  // namespace heloguard::setting_values

namespace heloguard {

std::optional<ServerAddress> ParseListenAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::Parse(host);
  const auto port = setting_values::ParseNumber(text.substr(colon + 1));  // 0: any that is free
  if (!address || !port || *port > 65'535 || address->is_v6() != brackets) return std::nullopt;
  return ServerAddress{*address, static_cast<std::uint16_t>(*port)};
}

}  // namespace heloguard
