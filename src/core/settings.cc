// The table of settings: a row says where a setting stands in heloguard.toml, what it takes, what it is for, whether a
// reload applies it, and how its value is read and written (setting_values.h). Defaults are those of struct Settings.
// Tests: tests/unit/core/settings_test.cc.
#include "heloguard/settings.h"

#include <algorithm>
#include <cstdint>

#include "core/setting_values.h"

namespace heloguard {
namespace {

using std::string_view;
using namespace setting_values;  // NOLINT(google-build-using-namespace): the words the rows are written in

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;
constexpr std::size_t kGiB = 1024 * kMiB;
constexpr std::size_t kAnyNumber = SIZE_MAX;  // the file is bounded

using S = Settings;
using M = Settings::Milter;
using D = Settings::Dns;
using L = Settings::Log;

// The order here is the order of the sample file and of the reference.
constexpr SettingSpec kTable[] = {
    {"milter", "socket", "inet:PORT@ADDRESS, inet6:PORT@ADDRESS or unix:PATH", false,
     "Where the MTA reaches the milter. A unix socket is several times faster with Sendmail; its folder must not be "
     "writable by everybody.",
     Text<&S::milter, &M::socket>},
    {"milter", "socket_mode", "0000 to 0777", false, "File mode of a unix socket.",
     FileMode<&S::milter, &M::socket_mode>},
    {"milter", "socket_group", "a group's name", false,
     "Group a unix socket is given to, so that the MTA may open it. Empty: the daemon's own group.",
     Text<&S::milter, &M::socket_group>},
    {"milter", "backlog", "0 to 65535", false,
     "Connections that may wait to be taken up. 0: the library's own default.",
     Integer<&S::milter, &M::backlog, 0, 65'535>},
    {"milter", "on_internal_error", "tempfail | accept", false,
     "What a session is answered when heloguard itself fails.", Word<&S::milter, &M::on_internal_error>},
    {"milter", "drain", "0s to 5m", false, "How long a stop by SIGUSR2 waits for running sessions to end.",
     Duration<&S::milter, &M::drain, 0, 300'000>},

    {"policy", "file", "a path", true, "The policy. Empty: the default policy that was installed with the program.",
     Text<&S::policy, &S::PolicyFiles::file>},
    {"policy", "candidate", "a path", true,
     "A policy judged beside the one in force, on the same sessions: every difference is logged and counted, none is "
     "acted on. What it needs is looked up, but nobody waits for it. Empty: none.",
     Text<&S::policy, &S::PolicyFiles::candidate>},
    {"policy", "local", "a path", true,
     "A policy file of the site's own lists, rules and exemptions, included last; its words win. Upgrades never touch "
     "it. Empty: none.",
     Text<&S::policy, &S::PolicyFiles::local>},

    {"dns",
     "dnssec",
     "validate | off",
     false,
     "Whether answers are validated with DNSSEC. Off: every DNSSEC state is indeterminate.",
     {SettingType::kWord, SetDnssec, PrintDnssec}},
    {"dns", "trust_anchor", "a path", false,
     "File with the root's trust anchor. Empty: the one of the package dns-root-data.",
     Text<&S::dns, &D::trust_anchor>},
    {"dns", "auto_trust_anchor", "a path", false,
     "File in which the library follows the root key through its rollovers by itself (RFC 5011), made from "
     "trust_anchor when it is missing. Its folder must be writable for the service's user and have room: the library "
     "ends the process when it cannot write there. Empty: none, trust_anchor is all there is.",
     Text<&S::dns, &D::auto_trust_anchor>},
    {"dns", "resolv_conf", "a path", false, "File whose nameserver lines say which resolvers are asked.",
     Text<&S::dns, &D::resolv_conf>},
    {"dns", "resolvers", R"("ADDRESS" or "ADDRESS@PORT", 16 at most)", false,
     "Resolvers to ask instead of those of resolv_conf.",
     List<&S::dns, &D::resolvers, ReadResolver, 16, SettingType::kServerList>},
    {"dns", "root_hints", "a path", false,
     "File with the root servers. Not empty: heloguard resolves from the root itself and asks no other resolver.",
     Text<&S::dns, &D::root_hints>},
    {"dns", "unbound_config", "a path", false,
     "An unbound.conf for the resolver library. Not empty: of the rest of this section only dnssec, the limits and "
     "health_* count.",
     Text<&S::dns, &D::unbound_config>},
    {"dns", "deadline", "100ms to 9s", false,
     "How long lookups may take, from the first question on; what is missing then is temperror. The MTA never waits "
     "longer at one step, and Sendmail waits ten seconds.",
     Duration<&S::dns, &D::deadline, 100, 9'000>},
    {"dns", "max_ptr_names", "1 to 30", false, "How many names of one client are verified by a forward lookup.",
     Integer<&S::dns, &D::max_ptr_names, 1, 30>},
    {"dns", "max_lookups", "4 to 200", false, "How many questions one session may ask.",
     Integer<&S::dns, &D::max_lookups, 4, 200>},
    {"dns", "max_in_flight", "16 to 100000", false,
     "How many questions of all sessions may be open. What comes beyond is not asked, and its facts are unknown.",
     Integer<&S::dns, &D::max_in_flight, 16, 100'000>},
    {"dns", "max_answer", "512 to 64KiB", false,
     "The largest answer that is read. A larger one counts as none: temperror.",
     Size<&S::dns, &D::max_answer_bytes, 512, 64 * kKiB>},
    {"dns", "cache", "1MiB to 16GiB", false,
     "Memory for cached answers: a quarter for what is known of clients and HELO names, the rest for the library's "
     "DNS records.",
     Size<&S::dns, &D::cache_bytes, kMiB, 16 * kGiB>},
    {"dns", "health_interval", "0s to 10m", false,
     "How often heloguard looks after its own resolver. While that is ill, no rule that rests on DNS refuses "
     "anything. 0s: never.",
     Duration<&S::dns, &D::health_interval, 0, 600'000>},
    {"dns", "health_canaries", "domain names, 8 at most", false,
     "Zones that always answer: the resolver is ill when none does, twice running. Empty: the root, com. and "
     "in-addr.arpa.",

     List<&S::dns, &D::health_canaries, ReadCanary, 8>},
    {"dns", "health_window", "10s to 1h", false, "The time over which failing lookups are counted.",
     Duration<&S::dns, &D::health_window, 10'000, 3'600'000>},
    {"dns", "health_failure_percent", "10 to 100", false,
     "The resolver is ill when lookups fail for this share of the zones asked for within health_window.",
     Integer<&S::dns, &D::health_failure_percent, 10, 100>},
    {"dns", "health_min_zones", "10 to 10000", false, "Of fewer zones no share is taken.",
     Integer<&S::dns, &D::health_min_zones, 10, 10'000>},
    {"dns", "health_nat_percent", "50 to 100", false,
     "When this share of messages comes from one address that is not public, under many HELO names, address "
     "translation hides who the clients are, and no rule that rests on DNS refuses anything.",
     Integer<&S::dns, &D::health_nat_percent, 50, 100>},
    {"dns", "health_nat_messages", "20 to 100000", false, "That share is taken of this many messages.",
     Integer<&S::dns, &D::health_nat_messages, 20, 100'000>},

    {"limits", "sessions", "1 to 1000000", false,
     "Sessions at once that are judged. What comes beyond this or another limit goes on unjudged, see overload.",
     Integer<&S::limits, &S::Limits::sessions, 1, 1'000'000>},
    {"limits", "sessions_per_network", "1 to 1000000", false,
     "Sessions at once of one client network (/24, in IPv6 /48) that are judged.",
     Integer<&S::limits, &S::Limits::sessions_per_network, 1, 1'000'000>},
    {"limits", "messages_per_session", "1 to 1000000", false, "Messages of one session that are judged.",
     Integer<&S::limits, &S::Limits::messages_per_session, 1, 1'000'000>},
    {"limits", "helos_per_session", "1 to 10000", false,
     "HELO names of one session that are looked up. A message after a later one is judged by the name alone.",
     Integer<&S::limits, &S::Limits::helos_per_session, 1, 10'000>},
    {"limits", "overload", "accept | tempfail", false,
     "What a message beyond a limit is answered at RCPT: accept lets it pass unjudged, tempfail defers it, unless it is "
     "exempt or the policy observes.",
     Word<&S::limits, &S::Limits::overload>},
    {"limits", "trusted", "networks, 100 at most", false,
     "Client networks that only the limit of all sessions holds for: the own relays, a secondary MX.",
     List<&S::limits, &S::Limits::trusted, ReadNetwork, 100>},

    {"log", "target", "stderr | syslog | journal | file", false, "Where log lines go.", Word<&S::log, &L::target>},
    {"log", "file", "a path", false,
     "The log file of target \"file\". When it is moved away or deleted, a new one is opened by itself, for which its "
     "folder must be writable for the service's user.",
     Text<&S::log, &L::file>},
    {"log", "facility",
     "kern | user | mail | daemon | auth | syslog | lpr | news | uucp | cron | authpriv | ftp | local0 | local1 | local2 | local3 | local4 | local5 | local6 | local7",
     false, "Facility of target \"syslog\".", Checked<&S::log, &L::facility, WrongFacility, SettingType::kWord>},
    {"log", "format", "text | json", false, "key=value words, or one JSON object a line.", Word<&S::log, &L::format>},
    {"log", "level", "debug | info | warning | error", false,
     "The least important level that is logged. Judgements are info, every DNS lookup is debug.",
     Word<&S::log, &L::level>},
    {"log", "envelope", "true or false", false, "Whether a judgement's line holds the sender and the recipient.",
     Bool<&S::log, &L::envelope>},
    {"log", "repeats", "0 to 1000000", false,
     "Lines a minute for one client that is refused for one reason; the rest of the minute is one line with their "
     "number. 0: a line for each.",
     Integer<&S::log, &L::repeats, 0, 1'000'000>},
    {"log", "repeats_accepted", "0 to 1000000", false,
     "The same for one client that is accepted for one reason. Messages in which a rule in observe mode is true count too.",
     Integer<&S::log, &L::repeats_accepted, 0, 1'000'000>},
    {"log", "queue", "16 to 1000000", false,
     "Lines that may wait for a slow target. Beyond that the oldest are dropped and counted; no session waits for the "
     "log.",
     Integer<&S::log, &L::queue, 16, 1'000'000>},

    {"metrics", "listen", "ADDRESS:PORT, [IPV6]:PORT or empty", false,
     "Where Prometheus finds /metrics, and anybody /healthz. There is no access control: keep it to addresses you "
     "trust. Empty: nowhere.",
     Checked<&S::metrics, &S::Metrics::listen, WrongListen>},

    {"metrics", "max_connections", "1 to 1000", false,
     "Connections to that port at once. Those beyond are closed, and each has ten seconds for a request.",
     Integer<&S::metrics, &S::Metrics::max_connections, 1, 1'000>},

    {"headers", "authentication_results", "true or false", false,
     "Whether messages get a field Authentication-Results (RFC 8601), in an observing policy too. Fields that come "
     "with a message and bear our authserv_id are removed. Reverse DNS and the SPF record of the HELO name are looked "
     "up for every client then.",
     Bool<&S::headers, &S::Headers::authentication_results>},
    {"headers", "authserv_id", "a host name or other word, 255 octets at most", false,
     "Who the field says it is from. Empty: the MTA's own name, its macro j.",
     Checked<&S::headers, &S::Headers::authserv_id, WrongAuthservId>},

    {"service", "user", "a user's name", false, "User to become after a start as root. Empty: stay.",
     Text<&S::service, &S::Service::user>},
    {"service", "group", "a group's name", false, "Group to become after a start as root. Empty: the user's own.",
     Text<&S::service, &S::Service::group>},
    {"service", "own_names", "host names; a leading dot: everything below", false,
     "Names of this site's mail servers: a stranger who says one in HELO has the trait \"ours\". The MTA's own name "
     "and this host's addresses are known without it.",

     List<&S::service, &S::Service::own_names, ReadOwnName, kAnyNumber>},
    {"service", "help_url", "a URL", false,
     "What {help_url} stands for in replies: a page that tells a refused sender what to do.",
     Text<&S::service, &S::Service::help_url>},
};

}  // namespace

std::span<const SettingSpec> SettingTable() { return kTable; }

const SettingSpec* FindSetting(string_view section, string_view key) {
  const auto* const row = std::find_if(std::begin(kTable), std::end(kTable), [&](const SettingSpec& spec) {
    return spec.section == section && spec.key == key;
  });
  return row == std::end(kTable) ? nullptr : row;
}

std::vector<const SettingSpec*> ChangedSettings(const Settings& before, const Settings& after) {
  std::vector<const SettingSpec*> changed;
  for (const SettingSpec& spec : kTable) {
    if (spec.value.print(before) != spec.value.print(after)) changed.push_back(&spec);
  }
  return changed;
}

}  // namespace heloguard
