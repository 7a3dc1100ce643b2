// Which options libunbound gets: timing that gives up on silent servers soon, room for many lookups at once, anchors,
// forwarders. Decides nothing about answers. Tests: tests/unit/dns/unbound_options_test.cc, tests/dnsworld.
#include "unbound_options.h"

#include <unbound.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

namespace heloguard {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kOutgoingRange = 4'096;  // the library's 16 let one silent server hold everybody else back
constexpr std::size_t kFewestOutgoing = 16;
constexpr std::array<const char*, 2> kSystemAnchors{"/usr/share/dns/root.key", "/usr/share/dns/root.ds"};

// The rules of DNSSEC, privacy and size, the same wherever answers come from.
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

// Full recursion: that is kept by server and zone, so that one dead zone costs only its own lookups.
constexpr std::array<std::pair<const char*, const char*>, 5> kRecursion{{
    {"infra-cache-min-rtt:", "400"},
    {"infra-cache-max-rtt:", "3000"},
    {"outbound-msg-retry:", "3"},
    {"infra-host-ttl:", "60"},
    {"infra-keep-probing:", "yes"},
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

Error ConfigError(std::string_view setting, std::string_view what) {
  return {ErrorKind::kConfig, "dns." + std::string(setting) + ": " + std::string(what), {}};
}

Result<std::string> ReadSmallFile(std::string_view setting, const std::string& path) {
  constexpr std::size_t kMaxFile = 1U << 20U;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFile, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return ConfigError(setting, "cannot read " + EscapeBytes(path) + ": " + std::strerror(errno != 0 ? errno : EIO));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

bool IsReadable(const std::string& path) { return std::ifstream(path).is_open(); }

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

// Where questions go. The library refuses to ask loopback servers unless it is told that one is meant.
Result<Done> PlanServers(const Settings::Dns& settings, UnboundOptions* plan) {
  if (!settings.unbound_config.empty()) {
    if (auto text = ReadSmallFile("unbound_config", settings.unbound_config); !text.ok()) return text.error();
    Append(kRecursion, &plan->options);
    plan->config_file = settings.unbound_config;
    plan->description = "as " + EscapeBytes(settings.unbound_config) + " says";
    return Done{};
  }
  Append(kLanZones, &plan->options);
  if (!settings.root_hints.empty()) {
    if (!settings.resolvers.empty()) return ConfigError("root_hints", "cannot be used together with dns.resolvers");
    const auto text = ReadSmallFile("root_hints", settings.root_hints);
    if (!text.ok()) return text.error();
    Append(kRecursion, &plan->options);
    plan->options.emplace_back("root-hints:", settings.root_hints);
    if (HoldsLoopbackAddress(text.value())) plan->options.emplace_back("do-not-query-localhost:", "no");
    plan->description = "full recursion from " + EscapeBytes(settings.root_hints);
    return Done{};
  }
  for (const ServerAddress& server : settings.resolvers) {
    plan->forwarders.push_back(server.address.ToString() + "@" + std::to_string(server.port));
  }
  if (plan->forwarders.empty()) {
    const auto text = ReadSmallFile("resolv_conf", settings.resolv_conf);
    if (!text.ok()) return text.error();
    plan->forwarders = NameserversOf(text.value());
  }
  Append(kForwarding, &plan->options);
  const std::string servers = Join(plan->forwarders, " ");
  if (HoldsLoopbackAddress(servers)) plan->options.emplace_back("do-not-query-localhost:", "no");
  plan->description = "forward " + servers;
  return Done{};
}

Result<Done> PlanAnchor(const Settings::Dns& settings, UnboundOptions* plan) {
  if (!settings.validate || !settings.unbound_config.empty()) return Done{};
  plan->trust_anchor = settings.trust_anchor;
  if (plan->trust_anchor.empty()) {
    const auto* found = std::ranges::find_if(kSystemAnchors, IsReadable);
    if (found == kSystemAnchors.end()) {
      return ConfigError("trust_anchor", std::string("cannot read ") + kSystemAnchors[0] +
                                             " (package dns-root-data): name a file, or set dns.dnssec = \"off\"");
    }
    plan->trust_anchor = *found;
  }
  const auto text = ReadSmallFile("trust_anchor", plan->trust_anchor);
  if (!text.ok()) return text.error();
  if (AnchorsOf(text.value()).empty()) {
    return ConfigError("trust_anchor", "no DS or DNSKEY record in " + EscapeBytes(plan->trust_anchor));
  }
  return Done{};
}

std::string Footnotes(const Settings::Dns& settings, const UnboundOptions& plan) {
  std::string notes = plan.validate ? ", validating" : ", not validating";
  if (!plan.trust_anchor.empty()) notes += " with " + EscapeBytes(plan.trust_anchor);
  if (plan.max_in_flight < settings.max_in_flight) {
    notes += ", at most " + std::to_string(plan.max_in_flight) + " lookups at once for want of file descriptors";
  }
  return notes;
}

struct FreeDeleter {
  void operator()(char* text) const { std::free(text); }
};

// An option's value as the context has it now, lists one element a line.
std::string CurrentOption(ub_ctx* ctx, const char* name) {
  char* value = nullptr;
  if (ub_ctx_get_option(ctx, name, &value) != 0 || value == nullptr) return {};
  const std::unique_ptr<char, FreeDeleter> owned(value);
  return value;
}

// The anchors the configuration file names, in whatever way.
std::vector<DomainName> AnchorsInContext(ub_ctx* ctx) {
  std::vector<DomainName> anchors = AnchorsOf(CurrentOption(ctx, "trust-anchor"));
  for (const char* option : {"trust-anchor-file", "auto-trust-anchor-file"}) {
    std::istringstream paths(CurrentOption(ctx, option));
    for (std::string path; std::getline(paths, path);) {
      const auto text = ReadSmallFile("unbound_config", path);
      if (!text.ok()) continue;
      const auto more = AnchorsOf(text.value());
      anchors.insert(anchors.end(), more.begin(), more.end());
    }
  }
  // BIND's format, which is not read here: such a file is there for the root's key.
  if (!CurrentOption(ctx, "trusted-keys-file").empty()) anchors.emplace_back();
  return anchors;
}

// The library as packaged lacks some of the daemon's modules, and naming such a one ends in a crash at the second
// lookup.
Result<bool> ContextValidates(ub_ctx* ctx) {
  constexpr std::array<std::string_view, 3> kModules{"iterator", "respip", "validator"};
  bool validates = false;
  std::istringstream modules(CurrentOption(ctx, "module-config"));
  for (std::string module; modules >> module;) {
    if (std::ranges::find(kModules, module) == kModules.end()) {
      return ConfigError("unbound_config", "module-config: \"" + EscapeBytes(module) + "\" is not in the library");
    }
    validates |= module == "validator";
  }
  return validates;
}

Result<std::vector<DomainName>> ConfigureFromFile(const UnboundOptions& plan, ub_ctx* ctx) {
  const std::string shown = EscapeBytes(plan.config_file);
  if (ub_ctx_config(ctx, plan.config_file.c_str()) != 0) {
    return ConfigError("unbound_config", shown + " has errors (the lines above name them)");
  }
  if (!plan.validate) {
    if (ub_ctx_set_option(ctx, "module-config:", "iterator") != 0) {
      return Error{ErrorKind::kInternal, "libunbound refuses module-config", {}};
    }
    return std::vector<DomainName>{};
  }
  const auto validates = ContextValidates(ctx);
  if (!validates.ok()) return validates.error();
  auto anchors = AnchorsInContext(ctx);
  if (!validates.value() || anchors.empty()) {
    const std::string lacks = validates.value() ? "no readable trust anchor" : "no validator";
    return ConfigError("unbound_config", shown + " has " + lacks + "; set dns.dnssec = \"off\" if that is meant");
  }
  return anchors;
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

std::vector<DomainName> AnchorsOf(std::string_view zone_text) {
  std::vector<DomainName> anchors;
  std::istringstream lines{std::string(zone_text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find(';')));
    std::string owner;
    words >> owner;
    const auto name = DomainName::FromText(owner);
    bool is_key = false;
    for (std::string word; words >> word;) is_key |= word == "DS" || word == "DNSKEY";
    if (name && is_key) anchors.push_back(*name);
  }
  std::ranges::sort(anchors);
  anchors.erase(std::unique(anchors.begin(), anchors.end()), anchors.end());
  return anchors;
}

Result<UnboundOptions> PlanUnbound(const Settings::Dns& settings, std::size_t descriptors) {
  UnboundOptions plan;
  plan.validate = settings.validate;
  // Each lookup in flight holds a socket or two; beyond the range it would wait for others, so it is not asked at all.
  const std::size_t range = std::clamp(descriptors / 2, kFewestOutgoing, kOutgoingRange);
  plan.max_in_flight = std::min(settings.max_in_flight, range);
  plan.options.emplace_back("outgoing-range:", std::to_string(range));
  plan.options.emplace_back("msg-cache-size:", std::to_string(settings.cache_bytes / 3));
  plan.options.emplace_back("rrset-cache-size:", std::to_string(settings.cache_bytes - settings.cache_bytes / 3));
  plan.options.emplace_back("module-config:", settings.validate ? "validator iterator" : "iterator");
  Append(kCommon, &plan.options);
  if (auto done = PlanServers(settings, &plan); !done.ok()) return done.error();
  if (auto done = PlanAnchor(settings, &plan); !done.ok()) return done.error();
  plan.description += Footnotes(settings, plan);
  return plan;
}

Result<std::vector<DomainName>> ConfigureContext(const UnboundOptions& plan, ub_ctx* ctx) {
  for (const auto& [name, value] : plan.options) {
    if (ub_ctx_set_option(ctx, name.c_str(), value.c_str()) != 0) {
      return Error{ErrorKind::kInternal, "libunbound refuses " + name + " " + EscapeBytes(value), {}};
    }
  }
  for (const std::string& server : plan.forwarders) {
    if (ub_ctx_set_fwd(ctx, server.c_str()) != 0) {
      return ConfigError("resolvers", "libunbound refuses " + EscapeBytes(server));
    }
  }
  if (!plan.config_file.empty()) return ConfigureFromFile(plan, ctx);
  if (plan.trust_anchor.empty()) return std::vector<DomainName>{};
  if (ub_ctx_add_ta_file(ctx, plan.trust_anchor.c_str()) != 0) {
    return ConfigError("trust_anchor", "libunbound refuses " + EscapeBytes(plan.trust_anchor));
  }
  const auto text = ReadSmallFile("trust_anchor", plan.trust_anchor);
  if (!text.ok()) return text.error();
  return AnchorsOf(text.value());
}

}  // namespace heloguard
