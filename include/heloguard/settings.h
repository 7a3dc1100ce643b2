// The daemon's settings (heloguard.toml), each a row of one table: parser, --print-defaults, sample file,
// docs/reference/settings.md and a reload's warnings all read it. Defaults stand in the struct alone.
//
// Text forms: durations "4s", "300ms", "10m"; sizes "64MiB", "512KiB"; modes octal strings "0660"; servers "ADDRESS" or
// "ADDRESS@PORT".
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/domain_name.h"
#include "heloguard/base/enum_set.h"
#include "heloguard/base/ip_address.h"
#include "heloguard/base/result.h"

namespace heloguard {

enum class OnInternalError : std::uint8_t { kTempfail, kAccept };
template <>
inline constexpr std::array<std::string_view, 2> EnumNames<OnInternalError>{"tempfail", "accept"};
enum class Overload : std::uint8_t { kAccept, kTempfail };
template <>
inline constexpr std::array<std::string_view, 2> EnumNames<Overload>{"accept", "tempfail"};
enum class LogTarget : std::uint8_t { kStderr, kSyslog, kJournal, kFile };
template <>
inline constexpr std::array<std::string_view, 4> EnumNames<LogTarget>{"stderr", "syslog", "journal", "file"};
enum class LogFormat : std::uint8_t { kText, kJson };
template <>
inline constexpr std::array<std::string_view, 2> EnumNames<LogFormat>{"text", "json"};
enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
template <>
inline constexpr std::array<std::string_view, 4> EnumNames<LogLevel>{"debug", "info", "warning", "error"};

struct ServerAddress {
  IpAddress address;
  std::uint16_t port = 53;
  friend bool operator==(const ServerAddress&, const ServerAddress&) = default;
};

struct Settings {
  struct Milter {
    std::string socket = "inet:8891@127.0.0.1";  // libmilter's form, or unix:PATH
    unsigned socket_mode = 0660;
    std::string socket_group;
    int backlog = 0;  // 0: the library's own
    OnInternalError on_internal_error = OnInternalError::kTempfail;
    std::chrono::milliseconds drain{10'000};
    friend bool operator==(const Milter&, const Milter&) = default;
  } milter;
  struct PolicyFiles {
    std::string file;
    std::string candidate;
    std::string local;
    friend bool operator==(const PolicyFiles&, const PolicyFiles&) = default;
  } policy;
  struct Dns {
    bool validate = true;           // dnssec = "validate" | "off"
    std::string trust_anchor;       // "": the one of the package dns-root-data
    std::string auto_trust_anchor;  // not "": kept up to date by itself (RFC 5011), made from trust_anchor
    std::string resolv_conf = "/etc/resolv.conf";
    std::vector<ServerAddress> resolvers;  // not empty: instead of resolv_conf
    std::string root_hints;                // not "": full recursion, no forwarding
    std::string unbound_config;            // not "": read as it is, the rest of this section except limits ignored
    std::chrono::milliseconds deadline{4'000};
    std::size_t max_ptr_names = 10;
    std::size_t max_lookups = 40;
    std::size_t max_in_flight = 2'000;
    std::size_t max_answer_bytes = 16U << 10U;
    std::size_t cache_bytes = 64U << 20U;               // a quarter for evidence, the rest for the library
    std::chrono::milliseconds health_interval{30'000};  // 0: the resolver's health is not looked after
    std::vector<DomainName> health_canaries;            // empty: the root, com. and in-addr.arpa.
    std::chrono::milliseconds health_window{60'000};
    unsigned health_failure_percent = 80;
    std::size_t health_min_zones = 50;
    unsigned health_nat_percent = 95;
    std::size_t health_nat_messages = 200;
    friend bool operator==(const Dns&, const Dns&) = default;
  } dns;
  struct Limits {
    std::size_t sessions = 10'000;
    std::size_t sessions_per_network = 500;
    std::size_t messages_per_session = 1'000;
    std::size_t helos_per_session = 20;
    Overload overload = Overload::kAccept;
    std::vector<IpNetwork> trusted;
    friend bool operator==(const Limits&, const Limits&) = default;
  } limits;
  struct Log {
    LogTarget target = LogTarget::kStderr;
    std::string file;  // for target file
    std::string facility = "mail";
    LogFormat format = LogFormat::kText;
    LogLevel level = LogLevel::kInfo;
    std::size_t queue = 8'192;             // lines
    std::size_t repeats = 10;              // lines a minute for one client refused for one reason; 0: all
    std::size_t repeats_accepted = 1'000;  // for one client accepted for one reason
    bool envelope = true;                  // log from and to
    friend bool operator==(const Log&, const Log&) = default;
  } log;
  struct Metrics {
    std::string listen = "127.0.0.1:9911";  // "": none
    std::size_t max_connections = 50;
    friend bool operator==(const Metrics&, const Metrics&) = default;
  } metrics;
  struct Headers {
    bool authentication_results = false;
    std::string authserv_id;  // "": the MTA's name, macro j
    friend bool operator==(const Headers&, const Headers&) = default;
  } headers;
  struct Service {
    std::string user;
    std::string group;
    std::vector<std::string> own_names;  // a leading dot: everything below
    std::string help_url;
    friend bool operator==(const Service&, const Service&) = default;
  } service;
  friend bool operator==(const Settings&, const Settings&) = default;
};

enum class SettingType : std::uint8_t {
  kText,
  kInteger,
  kBool,
  kDuration,
  kSize,
  kMode,
  kWord,
  kTextList,
  kServerList
};
// How a setting's value is read and written.
struct SettingValue {
  SettingType type;
  // Takes the value's text form over, of a list one element at a time. Returns what is wrong with it, and then changes
  // nothing; "" if fine.
  std::string (*set)(Settings&, std::string_view text);
  std::string (*print)(const Settings&);  // as written in TOML, lists whole
};
// One row of the table.
struct SettingSpec {
  std::string_view section;
  std::string_view key;
  std::string_view range;  // for people, and the words of kWord separated by " | "
  bool reload;             // a reload applies it
  std::string_view help;
  SettingValue value;

  [[nodiscard]] std::string DefaultText() const { return value.print(Settings{}); }
};
[[nodiscard]] std::span<const SettingSpec> SettingTable();
[[nodiscard]] const SettingSpec* FindSetting(std::string_view section, std::string_view key);
// The rows whose values differ, in the table's order.
[[nodiscard]] std::vector<const SettingSpec*> ChangedSettings(const Settings& before, const Settings& after);
// The whole table as a commented TOML file, every setting at its default.
[[nodiscard]] std::string PrintDefaultSettings();

// "192.0.2.1:9911", "[::1]:9911"; nullopt if malformed. Port 0 is any that is free.
[[nodiscard]] std::optional<ServerAddress> ParseListenAddress(std::string_view text);

}  // namespace heloguard
