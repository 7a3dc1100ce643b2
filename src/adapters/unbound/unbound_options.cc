// Which options libunbound gets: timing that gives up on silent servers soon, room for many lookups at once, hardening,
// forwarders. Hands nothing to the library, decides nothing about answers. Tests:
// tests/unit/adapters/unbound/unbound_options_test.cc.
#include "adapters/unbound/unbound_options.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "adapters/unbound/setting_file.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kOutgoingRange = 4'096;  // the library's 16 let one silent server hold everybody else back
constexpr std::size_t kFewestOutgoing = 16;
constexpr std::chrono::seconds kShortestLook{4};

// The rules of DNSSEC, privacy and size, the same wherever answers come from; a configuration file may decide
// otherwise, since it is read after them.
//
// Two options stay as the library has them:
//   private-address          none. Rebinding attacks whoever connects to an address it was told; here addresses are
//   only
//                            compared with the client's, and clients on private networks are ordinary ones.
//   do-not-query-localhost   yes, so that no delegation leads to services of this host. It is "no" only where a server
//                            on loopback is named by a setting: as a forwarder, which then is the only server asked, or
//                            in the root hints.
constexpr std::array<std::pair<const char*, const char*>, 11> kCommon{{
    {"outgoing-num-tcp:", "64"},
    {"edns-buffer-size:", "1232"},
    {"qname-minimisation:", "yes"},
    {"harden-glue:", "yes"},
    {"harden-dnssec-stripped:", "yes"},
    {"harden-below-nxdomain:", "yes"},
    {"harden-large-queries:", "yes"},
    {"harden-short-bufsize:", "yes"},
    {"aggressive-nsec:", "yes"},
    {"key-cache-size:", "4m"},
    {"neg-cache-size:", "1m"},
}};

// Private and documentation addresses are asked for like any other: whoever has such clients has zones for them. Those
// zones hang on no key of the public tree, and a validator would call their answers bogus. Not with a configuration
// file, which decides this itself.
constexpr std::array<std::pair<const char*, const char*>, 2> kLanZones{{
    {"unblock-lan-zones:", "yes"},
    {"insecure-lan-zones:", "yes"},
}};

// The library takes its time-out for a server from past answers, so that one that always answered in a millisecond is
// given up on after a third of a second; a lower bound leaves room for a slow name. It calls a server down when its
// time-out, doubled with each silence, reaches an upper bound, and from then on answers SERVFAIL at once.

// Full recursion: that is kept by server and zone, so that one dead zone costs only its own lookups. A server called
// down is tried again when that is forgotten, and one question then finds out: after an outage of a minute, DNS was
// back in 1 to 8 seconds with 10, in 37 to 55 with 60, and a dead zone cost no more.
constexpr std::array<std::pair<const char*, const char*>, 4> kRecursion{{
    {"infra-cache-min-rtt:", "400"},
    {"infra-cache-max-rtt:", "3000"},
    {"outbound-msg-retry:", "3"},
    {"infra-host-ttl:", "10"},
}};

// Forwarding: the few resolvers answer for all zones, so their silence about dead ones, which anybody can provoke, must
// never make them count as down. The upper bound stays at the library's two minutes, and forgetting the time-out every
// few seconds keeps it well below.
constexpr std::array<std::pair<const char*, const char*>, 3> kForwarding{{
    {"infra-cache-min-rtt:", "1000"},
    {"outbound-msg-retry:", "2"},
    {"infra-host-ttl:", "5"},
}};

template <std::size_t N>
void Append(const std::array<std::pair<const char*, const char*>, N>& rows, Options* options) {
  for (const auto& [name, value] : rows) options->emplace_back(name, value);
}

bool HoldsLoopbackAddress(std::string_view text) {
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    const auto address = IpAddress::Parse(word.substr(0, word.find_first_of("@%")));
    if (address && address->IsLoopback()) return true;
  }
  return false;
}

std::string Join(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

Status PlanConfigFile(const std::string& file, UnboundOptions* plan) {
  if (auto text = ReadSettingFile("unbound_config", file); !text.ok()) return text.error();
  Append(kRecursion, &plan->options);
  plan->config_file = file;
  const std::string shown = EscapeBytes(file);
  plan->description = "as " + shown + " says";
  plan->words.servers = "the servers of " + shown + " (dns.unbound_config)";
  plan->words.anchor = shown + " (dns.unbound_config)";
  plan->words.remedy = plan->words.dnssec_remedy = "change that file";
  return Done{};
}

Status PlanRecursion(const std::string& hints, UnboundOptions* plan) {
  const auto text = ReadSettingFile("root_hints", hints);
  if (!text.ok()) return text.error();
  Append(kRecursion, &plan->options);
  plan->options.emplace_back("root-hints:", hints);
  if (HoldsLoopbackAddress(text.value())) plan->options.emplace_back("do-not-query-localhost:", "no");
  const std::string shown = EscapeBytes(hints);
  plan->description = "full recursion from " + shown;
  plan->words.servers = "the servers found from " + shown + " (dns.root_hints)";
  plan->words.remedy = "set dns.resolvers instead";
  return Done{};
}

Status PlanForwarders(const Settings::Dns& settings, UnboundOptions* plan) {
  std::string source = "dns.resolvers";
  for (const ServerAddress& server : settings.resolvers) {
    plan->forwarders.push_back(server.address.ToString() + "@" + std::to_string(server.port));
  }
  if (plan->forwarders.empty()) {
    const auto text = ReadSettingFile("resolv_conf", settings.resolv_conf);
    if (!text.ok()) return text.error();
    plan->forwarders = NameserversOf(text.value());
    source = "dns.resolv_conf, " + EscapeBytes(settings.resolv_conf);
  }
  Append(kForwarding, &plan->options);
  const std::string servers = Join(plan->forwarders, " ");
  if (HoldsLoopbackAddress(servers)) plan->options.emplace_back("do-not-query-localhost:", "no");
  plan->description = "forward " + EscapeBytes(servers);
  plan->words.servers = EscapeBytes(servers) + " (" + source + ")";
  plan->words.remedy = "set dns.resolvers to others";
  return Done{};
}

// Where questions go. The library refuses to ask loopback servers unless it is told that one is meant.
Status PlanServers(const Settings::Dns& settings, UnboundOptions* plan) {
  if (!settings.unbound_config.empty()) return PlanConfigFile(settings.unbound_config, plan);
  Append(kLanZones, &plan->options);
  plan->words.dnssec_remedy = "set dns.resolvers to ones that pass them on";
  if (settings.root_hints.empty()) return PlanForwarders(settings, plan);
  if (settings.resolvers.empty()) return PlanRecursion(settings.root_hints, plan);
  return SettingError("root_hints", "cannot be used together with dns.resolvers");
}

Status PlanAnchor(const Settings::Dns& settings, UnboundOptions* plan) {
  if (!settings.validate || !settings.unbound_config.empty()) return Done{};
  auto anchor = FindTrustAnchor(settings);
  if (!anchor.ok()) return anchor.error();
  plan->anchor = std::move(anchor).value();
  const char* setting = plan->anchor.kept               ? "dns.auto_trust_anchor"
                        : settings.trust_anchor.empty() ? "package dns-root-data, or set dns.trust_anchor"
                                                        : "dns.trust_anchor";
  plan->words.anchor = EscapeBytes(plan->anchor.file) + " (" + setting + ")";
  return Done{};
}

void PlanCanaries(const Settings::Dns& settings, UnboundOptions* plan) {
  plan->canaries = settings.health_canaries;
  if (!plan->canaries.empty()) return;
  for (const char* name : {".", "com.", "in-addr.arpa."}) plan->canaries.push_back(*DomainName::FromText(name));
}

std::string Footnotes(const Settings::Dns& settings, const UnboundOptions& plan) {
  std::string notes = plan.validate ? ", validating" : ", not validating";
  if (!plan.anchor.file.empty()) notes += " with " + EscapeBytes(plan.anchor.file);
  if (plan.anchor.kept) notes += " (kept up to date)";
  if (plan.max_in_flight < settings.max_in_flight) {
    notes += ", at most " + std::to_string(plan.max_in_flight) + " lookups at once for want of file descriptors";
  }
  return notes;
}

}  // namespace

std::vector<std::string> NameserversOf(std::string_view resolv_conf) {
  std::vector<std::string> servers;
  std::istringstream lines{std::string(resolv_conf)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword;
    std::string address;
    if (!(words >> keyword >> address) || keyword != "nameserver") continue;
    // A link-local server carries its interface: fe80::1%eth0.
    if (IpAddress::Parse(address.substr(0, address.find('%')))) servers.push_back(address + "@53");
  }
  if (servers.empty()) servers.emplace_back("127.0.0.1@53");
  return servers;
}

Result<UnboundOptions> PlanUnbound(const Settings::Dns& settings, std::size_t descriptors) {
  UnboundOptions plan;
  plan.validate = settings.validate;
  // A look starts from nothing, so that a short deadline for warm lookups must not cut it off.
  plan.look_time = std::max<std::chrono::milliseconds>(settings.deadline, kShortestLook);
  plan.max_answer_bytes = settings.max_answer_bytes;
  // Each lookup in flight holds a socket or two; beyond the range it would wait for others, so it is not asked at all.
  const std::size_t range = std::clamp(descriptors / 2, kFewestOutgoing, kOutgoingRange);
  plan.max_in_flight = std::min(settings.max_in_flight, range);
  plan.options.emplace_back("outgoing-range:", std::to_string(range));
  // The last quarter is the engine's, for evidence.
  plan.options.emplace_back("msg-cache-size:", std::to_string(settings.cache_bytes / 4));
  plan.options.emplace_back("rrset-cache-size:", std::to_string(settings.cache_bytes / 2));
  plan.options.emplace_back("module-config:", settings.validate ? "validator iterator" : "iterator");
  Append(kCommon, &plan.options);
  if (auto done = PlanServers(settings, &plan); !done.ok()) return done.error();
  if (auto done = PlanAnchor(settings, &plan); !done.ok()) return done.error();
  PlanCanaries(settings, &plan);
  plan.description += Footnotes(settings, plan);
  return plan;
}

}  // namespace heloguard
