// The table of settings, and the text forms of their values.
//
// A row holds everything about a setting: where it stands in heloguard.toml, its default, what it takes, what it is for
// and the code that takes it over. This file reads no files and knows no TOML beyond how a default is written.
// Tests: tests/unit/core/settings_test.cc.
#include "heloguard/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "heloguard/base/domain_name.h"
#include "heloguard/base/port.h"
#include "heloguard/judge/authentication_results.h"

namespace heloguard {
namespace {

using std::string_view;

constexpr std::size_t kMaxTextSetting = 1024;  // paths and socket texts are far shorter
constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;
constexpr std::size_t kGiB = 1024 * kMiB;

constexpr std::array<string_view, 20> kFacilities{
    "kern",     "user", "mail",   "daemon", "auth",   "syslog", "lpr",    "news",   "uucp",   "cron",
    "authpriv", "ftp",  "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};
constexpr std::array<string_view, 2> kDnssecWords{"validate", "off"};

// All of `text` as a decimal number without sign; nullopt if it is none or does not fit.
std::optional<std::uint64_t> ParseNumber(string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  return number;
}

struct Unit {
  string_view name;
  std::uint64_t factor;
};
constexpr std::array<Unit, 4> kTimeUnits{{{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
constexpr std::array<Unit, 4> kSizeUnits{{{"", 1}, {"KiB", kKiB}, {"MiB", kMiB}, {"GiB", kGiB}}};

// "NUMBER" and a unit of the table, multiplied out; nullopt if malformed or above 2^53.
template <std::size_t N>
std::optional<std::uint64_t> ParseQuantity(string_view text, const std::array<Unit, N>& units) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = ParseNumber(text.substr(0, digits));
  const string_view unit_name = text.substr(digits);
  const auto* const unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit_name; });
  if (!number || unit == units.end()) return std::nullopt;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 53U;
  if (*number > kMost / unit->factor) return std::nullopt;
  return *number * unit->factor;
}

// --- one setter a type of value; kSection and kMember say where it goes ---

constexpr string_view kOutOfRange = "is out of range";

template <auto kSection, auto kMember>
auto& Target(Settings& settings) {
  return settings.*kSection.*kMember;
}

bool IsPlainText(string_view text) {
  return text.size() <= kMaxTextSetting && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
         });
}

template <auto kSection, auto kMember>
std::string SetText(Settings& settings, string_view text) {
  if (!IsPlainText(text)) return "holds control characters or is too long";
  Target<kSection, kMember>(settings) = text;
  return "";
}

template <auto kSection, auto kMember, std::uint64_t kLow, std::uint64_t kHigh>
std::string SetInteger(Settings& settings, string_view text) {
  const auto number = ParseNumber(text);
  if (!number || *number < kLow || *number > kHigh) return std::string(kOutOfRange);
  using Number = std::remove_reference_t<decltype(Target<kSection, kMember>(settings))>;
  static_assert(kHigh <= static_cast<std::uint64_t>(std::numeric_limits<Number>::max()));
  Target<kSection, kMember>(settings) = static_cast<Number>(*number);
  return "";
}

template <auto kSection, auto kMember>
std::string SetBool(Settings& settings, string_view text) {
  if (text != "true" && text != "false") return "is neither true nor false";
  Target<kSection, kMember>(settings) = text == "true";
  return "";
}

template <auto kSection, auto kMember, std::int64_t kLowMs, std::int64_t kHighMs>
std::string SetDuration(Settings& settings, string_view text) {
  const auto duration = ParseDuration(text);
  if (!duration) return "is not a duration";
  if (duration->count() < kLowMs || duration->count() > kHighMs) return std::string(kOutOfRange);
  Target<kSection, kMember>(settings) = *duration;
  return "";
}

template <auto kSection, auto kMember, std::size_t kLow, std::size_t kHigh>
std::string SetSize(Settings& settings, string_view text) {
  const auto size = ParseSize(text);
  if (!size) return "is not a size";
  if (*size < kLow || *size > kHigh) return std::string(kOutOfRange);
  Target<kSection, kMember>(settings) = *size;
  return "";
}

template <auto kSection, auto kMember>
std::string SetMode(Settings& settings, string_view text) {
  unsigned mode = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, mode, 8);
  const bool octal = problem == std::errc{} && stop == end && (text.size() == 3 || text.size() == 4);
  if (!octal) return "is not a file mode";
  if (mode > 0777) return std::string(kOutOfRange);
  Target<kSection, kMember>(settings) = mode;
  return "";
}

constexpr string_view kWrongWord = "is not a word it takes";

template <auto kSection, auto kMember>
std::string SetWord(Settings& settings, string_view text) {
  using E = std::remove_reference_t<decltype(Target<kSection, kMember>(settings))>;
  const auto value = FromName<E>(text);
  if (!value) return std::string(kWrongWord);
  Target<kSection, kMember>(settings) = *value;
  return "";
}

std::string SetFacility(Settings& settings, string_view text) {
  if (std::find(kFacilities.begin(), kFacilities.end(), text) == kFacilities.end()) return std::string(kWrongWord);
  settings.log.facility = text;
  return "";
}

std::string SetDnssec(Settings& settings, string_view text) {
  if (std::find(kDnssecWords.begin(), kDnssecWords.end(), text) == kDnssecWords.end()) return std::string(kWrongWord);
  settings.dns.validate = text == kDnssecWords[0];
  return "";
}

std::string AddResolver(Settings& settings, string_view text) {
  constexpr std::size_t kMostResolvers = 16;
  if (settings.dns.resolvers.size() >= kMostResolvers) return "is one too many";
  const std::size_t at = text.find('@');
  const auto address = IpAddress::Parse(text.substr(0, at));
  ServerAddress server;
  if (at != string_view::npos) {
    const auto port = ParsePort(text.substr(at + 1));
    if (!port) return "has a bad port";
    server.port = *port;
  }
  if (!address) return "is not an IP address";
  server.address = *address;
  settings.dns.resolvers.push_back(server);
  return "";
}

std::string AddCanary(Settings& settings, string_view text) {
  constexpr std::size_t kMostCanaries = 8;
  if (settings.dns.health_canaries.size() >= kMostCanaries) return "is one too many";
  const auto name = DomainName::FromText(text);
  if (!name) return "is not a domain name";
  settings.dns.health_canaries.push_back(*name);
  return "";
}

std::string SetListen(Settings& settings, string_view text) {
  if (!text.empty() && !ParseListenAddress(text)) return "is not an address with a port";
  settings.metrics.listen = text;
  return "";
}

std::string SetAuthservId(Settings& settings, string_view text) {
  if (!text.empty() && !IsAuthservId(text)) return "is not a name that needs no quotes (RFC 8601 section 2.5)";
  settings.headers.authserv_id = text;
  return "";
}

std::string AddOwnName(Settings& settings, string_view text) {
  const string_view name = text.substr(!text.empty() && text.front() == '.' ? 1 : 0);
  const auto domain = DomainName::FromText(name);
  const bool host = domain && !domain->empty() && domain->IsHostName() && !IpAddress::Parse(name);
  if (!host) return "is not a host name";
  settings.service.own_names.emplace_back(text);
  return "";
}

using S = Settings;
using M = Settings::Milter;
using D = Settings::Dns;
using L = Settings::Log;

// The order here is the order of the sample file and of the reference.
constexpr SettingSpec kTable[] = {
    {"milter", "socket", SettingType::kText, R"("inet:8891@127.0.0.1")",
     "inet:PORT@ADDRESS, inet6:PORT@ADDRESS or unix:PATH", false,
     "Where the MTA reaches the milter. A unix socket is several times faster with Sendmail; its folder must not be "
     "writable by everybody.",
     SetText<&S::milter, &M::socket>},
    {"milter", "socket_mode", SettingType::kMode, R"("0660")", "0000 to 0777", false, "File mode of a unix socket.",
     SetMode<&S::milter, &M::socket_mode>},
    {"milter", "socket_group", SettingType::kText, R"("")", "a group's name", false,
     "Group a unix socket is given to, so that the MTA may open it. Empty: the daemon's own group.",
     SetText<&S::milter, &M::socket_group>},
    {"milter", "backlog", SettingType::kInteger, "0", "0 to 65535", false,
     "Connections that may wait to be taken up. 0: the library's own default.",
     SetInteger<&S::milter, &M::backlog, 0, 65'535>},
    {"milter", "on_internal_error", SettingType::kWord, R"("tempfail")", "tempfail | accept", false,
     "What a session is answered when heloguard itself fails.", SetWord<&S::milter, &M::on_internal_error>},
    {"milter", "drain", SettingType::kDuration, R"("10s")", "0s to 5m", false,
     "How long a stop by SIGUSR2 waits for running sessions to end.", SetDuration<&S::milter, &M::drain, 0, 300'000>},

    {"policy", "file", SettingType::kText, R"("")", "a path", true,
     "The policy. Empty: the default policy that was installed with the program.",
     SetText<&S::policy, &S::PolicyFiles::file>},
    {"policy", "candidate", SettingType::kText, R"("")", "a path", true,
     "A policy judged beside the one in force, on the same sessions: every difference is logged and counted, none is "
     "acted on. What it needs is looked up, but nobody waits for it. Empty: none.",
     SetText<&S::policy, &S::PolicyFiles::candidate>},
    {"policy", "local", SettingType::kText, R"("")", "a path", true,
     "A policy file of the site's own lists, rules and exemptions, included last; its words win. Upgrades never touch "
     "it. Empty: none.",
     SetText<&S::policy, &S::PolicyFiles::local>},

    {"dns", "dnssec", SettingType::kWord, R"("validate")", "validate | off", false,
     "Whether answers are validated with DNSSEC. Off: every DNSSEC state is indeterminate.", SetDnssec},
    {"dns", "trust_anchor", SettingType::kText, R"("")", "a path", false,
     "File with the root's trust anchor. Empty: the one of the package dns-root-data.",
     SetText<&S::dns, &D::trust_anchor>},
    {"dns", "auto_trust_anchor", SettingType::kText, R"("")", "a path", false,
     "File in which the library follows the root key through its rollovers by itself (RFC 5011), made from "
     "trust_anchor "
     "when it is missing. Its folder must be writable for the service's user and have room: the library ends the "
     "process "
     "when it cannot write there. Empty: none, trust_anchor is all there is.",
     SetText<&S::dns, &D::auto_trust_anchor>},
    {"dns", "resolv_conf", SettingType::kText, R"("/etc/resolv.conf")", "a path", false,
     "File whose nameserver lines say which resolvers are asked.", SetText<&S::dns, &D::resolv_conf>},
    {"dns", "resolvers", SettingType::kServerList, "[]", R"("ADDRESS" or "ADDRESS@PORT", 16 at most)", false,
     "Resolvers to ask instead of those of resolv_conf.", AddResolver},
    {"dns", "root_hints", SettingType::kText, R"("")", "a path", false,
     "File with the root servers. Not empty: heloguard resolves from the root itself and asks no other resolver.",
     SetText<&S::dns, &D::root_hints>},
    {"dns", "unbound_config", SettingType::kText, R"("")", "a path", false,
     "An unbound.conf for the resolver library. Not empty: of the rest of this section only dnssec, the limits and "
     "health_* "
     "count.",
     SetText<&S::dns, &D::unbound_config>},
    {"dns", "deadline", SettingType::kDuration, R"("4s")", "100ms to 9s", false,
     "How long lookups may take, from the first question on; what is missing then is temperror. The MTA never waits "
     "longer at one step, and Sendmail waits ten seconds.",
     SetDuration<&S::dns, &D::deadline, 100, 9'000>},
    {"dns", "max_ptr_names", SettingType::kInteger, "10", "1 to 30", false,
     "How many names of one client are verified by a forward lookup.", SetInteger<&S::dns, &D::max_ptr_names, 1, 30>},
    {"dns", "max_lookups", SettingType::kInteger, "40", "4 to 200", false, "How many questions one session may ask.",
     SetInteger<&S::dns, &D::max_lookups, 4, 200>},
    {"dns", "max_in_flight", SettingType::kInteger, "2000", "16 to 100000", false,
     "How many questions of all sessions may be open. What comes beyond is not asked, and its facts are unknown.",
     SetInteger<&S::dns, &D::max_in_flight, 16, 100'000>},
    {"dns", "max_answer", SettingType::kSize, R"("16KiB")", "512 to 64KiB", false,
     "The largest answer that is read. A larger one counts as none: temperror.",
     SetSize<&S::dns, &D::max_answer_bytes, 512, 64 * kKiB>},
    {"dns", "cache", SettingType::kSize, R"("64MiB")", "1MiB to 16GiB", false,
     "Memory for cached answers: a quarter for what is known of clients and HELO names, the rest for the library's DNS "
     "records.",
     SetSize<&S::dns, &D::cache_bytes, kMiB, 16 * kGiB>},
    {"dns", "health_interval", SettingType::kDuration, R"("30s")", "0s to 10m", false,
     "How often heloguard looks after its own resolver. While that is ill, no rule that rests on DNS refuses anything. "
     "0s: never.",
     SetDuration<&S::dns, &D::health_interval, 0, 600'000>},
    {"dns", "health_canaries", SettingType::kTextList, "[]", "domain names, 8 at most", false,
     "Zones that always answer: the resolver is ill when none does, twice running. Empty: the root, com. and "
     "in-addr.arpa.",
     AddCanary},
    {"dns", "health_window", SettingType::kDuration, R"("1m")", "10s to 1h", false,
     "The time over which failing lookups are counted.", SetDuration<&S::dns, &D::health_window, 10'000, 3'600'000>},
    {"dns", "health_failure_percent", SettingType::kInteger, "80", "10 to 100", false,
     "The resolver is ill when lookups fail for this share of the zones asked for within health_window.",
     SetInteger<&S::dns, &D::health_failure_percent, 10, 100>},
    {"dns", "health_min_zones", SettingType::kInteger, "50", "10 to 10000", false, "Of fewer zones no share is taken.",
     SetInteger<&S::dns, &D::health_min_zones, 10, 10'000>},
    {"dns", "health_nat_percent", SettingType::kInteger, "95", "50 to 100", false,
     "When this share of messages comes from one address that is not public, under many HELO names, address "
     "translation hides who the clients are, and no rule that rests on DNS refuses anything.",
     SetInteger<&S::dns, &D::health_nat_percent, 50, 100>},
    {"dns", "health_nat_messages", SettingType::kInteger, "200", "20 to 100000", false,
     "That share is taken of this many messages.", SetInteger<&S::dns, &D::health_nat_messages, 20, 100'000>},

    {"log", "target", SettingType::kWord, R"("stderr")", "stderr | syslog | journal | file", false,
     "Where log lines go.", SetWord<&S::log, &L::target>},
    {"log", "file", SettingType::kText, R"("")", "a path", false,
     "The log file of target \"file\". When it is moved away or deleted, a new one is opened by itself, for which its "
     "folder must be writable for the service's user.",
     SetText<&S::log, &L::file>},
    {"log", "facility", SettingType::kWord, R"("mail")",
     "kern | user | mail | daemon | auth | syslog | lpr | news | uucp | cron | authpriv | ftp | local0 | local1 | "
     "local2 "
     "| local3 | local4 | local5 | local6 | local7",
     false, "Facility of target \"syslog\".", SetFacility},
    {"log", "format", SettingType::kWord, R"("text")", "text | json", false,
     "key=value words, or one JSON object a line.", SetWord<&S::log, &L::format>},
    {"log", "level", SettingType::kWord, R"("info")", "debug | info | warning | error", false,
     "The least important level that is logged. Judgements are info, every DNS lookup is debug.",
     SetWord<&S::log, &L::level>},
    {"log", "envelope", SettingType::kBool, "true", "true or false", false,
     "Whether a judgement's line holds the sender and the recipient.", SetBool<&S::log, &L::envelope>},
    {"log", "repeats", SettingType::kInteger, "10", "0 to 1000000", false,
     "Lines a minute for one client that is refused for one reason; the rest of the minute is one line with their "
     "number. 0: a line for each.",
     SetInteger<&S::log, &L::repeats, 0, 1'000'000>},
    {"log", "queue", SettingType::kInteger, "8192", "16 to 1000000", false,
     "Lines that may wait for a slow target. Beyond that the oldest are dropped and counted; no session waits for the "
     "log.",
     SetInteger<&S::log, &L::queue, 16, 1'000'000>},

    {"metrics", "listen", SettingType::kText, R"("127.0.0.1:9911")", "ADDRESS:PORT, [IPV6]:PORT or empty", false,
     "Where Prometheus finds /metrics, and anybody /healthz. There is no access control: keep it to addresses you "
     "trust. "
     "Empty: nowhere.",
     SetListen},

    {"headers", "authentication_results", SettingType::kBool, "false", "true or false", false,
     "Whether messages get a field Authentication-Results (RFC 8601), in an observing policy too. Fields that come "
     "with "
     "a message and bear our authserv_id are removed. Reverse DNS and the SPF record of the HELO name are looked up "
     "for "
     "every client then.",
     SetBool<&S::headers, &S::Headers::authentication_results>},
    {"headers", "authserv_id", SettingType::kText, R"("")", "a host name or other word, 255 octets at most", false,
     "Who the field says it is from. Empty: the MTA's own name, its macro j.", SetAuthservId},

    {"service", "user", SettingType::kText, R"("")", "a user's name", false,
     "User to become after a start as root. Empty: stay.", SetText<&S::service, &S::Service::user>},
    {"service", "group", SettingType::kText, R"("")", "a group's name", false,
     "Group to become after a start as root. Empty: the user's own.", SetText<&S::service, &S::Service::group>},
    {"service", "own_names", SettingType::kTextList, "[]", "host names; a leading dot: everything below", false,
     "Names of this site's mail servers: a stranger who says one in HELO has the trait \"ours\". The MTA's own name "
     "and "
     "this host's addresses are known without it.",
     AddOwnName},
    {"service", "help_url", SettingType::kText, R"("")", "a URL", false,
     "What {help_url} stands for in replies: a page that tells a refused sender what to do.",
     SetText<&S::service, &S::Service::help_url>},
};

}  // namespace

std::span<const SettingSpec> SettingTable() { return kTable; }

const SettingSpec* FindSetting(string_view section, string_view key) {
  const auto* const row = std::find_if(std::begin(kTable), std::end(kTable), [&](const SettingSpec& spec) {
    return spec.section == section && spec.key == key;
  });
  return row == std::end(kTable) ? nullptr : row;
}

std::optional<std::chrono::milliseconds> ParseDuration(string_view text) {
  const auto count = ParseQuantity(text, kTimeUnits);
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*count));
}

std::optional<std::size_t> ParseSize(string_view text) {
  const auto count = ParseQuantity(text, kSizeUnits);
  if (!count) return std::nullopt;
  return static_cast<std::size_t>(*count);
}

std::optional<ServerAddress> ParseListenAddress(string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == string_view::npos) return std::nullopt;
  string_view host = text.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::Parse(host);
  const auto port = ParseNumber(text.substr(colon + 1));  // 0: any that is free
  if (!address || !port || *port > 65'535 || address->is_v6() != brackets) return std::nullopt;
  return ServerAddress{*address, static_cast<std::uint16_t>(*port)};
}

}  // namespace heloguard
