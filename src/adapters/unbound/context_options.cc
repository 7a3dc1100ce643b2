// Options, forwarders, configuration file and trust anchors into a context, in the one order in which they count.
// Decides nothing about answers. Tests: tests/unit/adapters/unbound/unbound_resolver_test.cc, canary_look_test.cc,
// tests/dnsworld.
#include "adapters/unbound/context_options.h"

#include <unbound.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <sstream>

#include "adapters/unbound/setting_file.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

// A canary asks a handful of questions and goes. It does not tell the root's servers which keys we trust (RFC 8145) all
// over again.
constexpr std::array<std::pair<const char*, const char*>, 7> kCanary{{
    {"outgoing-range:", "64"},
    {"outgoing-num-tcp:", "8"},
    {"msg-cache-size:", "256k"},
    {"rrset-cache-size:", "256k"},
    {"key-cache-size:", "128k"},
    {"neg-cache-size:", "64k"},
    {"trust-anchor-signaling:", "no"},
}};

struct FreeDeleter {
  void operator()(char* text) const { std::free(text); }
};

Status SetOption(ub_ctx* ctx, const std::string& name, const std::string& value) {
  if (ub_ctx_set_option(ctx, name.c_str(), value.c_str()) == 0) return Done{};
  return Error{ErrorKind::kInternal, "libunbound refuses " + name + " " + EscapeBytes(value), {}};
}

// An option's value as the context has it now, lists one element a line.
std::string CurrentOption(ub_ctx* ctx, const char* name) {
  char* value = nullptr;
  if (ub_ctx_get_option(ctx, name, &value) != 0 || value == nullptr) return {};
  const std::unique_ptr<char, FreeDeleter> owned(value);
  return value;
}

std::vector<std::string> CurrentList(ub_ctx* ctx, const char* name) {
  std::vector<std::string> elements;
  std::istringstream lines(CurrentOption(ctx, name));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) elements.push_back(line);
  }
  return elements;
}

// The anchors the configuration file names, in whatever way.
std::vector<DomainName> AnchorsInContext(ub_ctx* ctx) {
  std::vector<DomainName> anchors = AnchorsOf(CurrentOption(ctx, "trust-anchor"));
  for (const char* option : {"trust-anchor-file", "auto-trust-anchor-file"}) {
    for (const std::string& path : CurrentList(ctx, option)) {
      const auto text = ReadSettingFile("unbound_config", path);
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
      return SettingError("unbound_config", "module-config: \"" + EscapeBytes(module) + "\" is not in the library");
    }
    validates |= module == "validator";
  }
  return validates;
}

// The library ends the process when it cannot write such a file.
Status CheckKeptAnchors(ub_ctx* ctx) {
  for (const std::string& path : CurrentList(ctx, "auto-trust-anchor-file")) {
    if (const auto writable = RequireWritableFolder("unbound_config", path); !writable.ok()) {
      return Error{ErrorKind::kConfig,
                   writable.error().message + "; name " + EscapeBytes(path) +
                       " as trust-anchor-file instead of auto-trust-anchor-file",
                   {}};
    }
  }
  return Done{};
}

Status ReadConfigFile(const UnboundOptions& plan, ub_ctx* ctx) {
  // The library would wait for a FIFO's writer.
  if (const auto text = ReadSettingFile("unbound_config", plan.config_file); !text.ok()) return text.error();
  if (ub_ctx_config(ctx, plan.config_file.c_str()) == 0) return Done{};
  return SettingError("unbound_config", EscapeBytes(plan.config_file) + " has errors (the lines above name them)");
}

Result<std::vector<DomainName>> AnchorsOfConfigFile(const UnboundOptions& plan, ub_ctx* ctx) {
  const auto validates = ContextValidates(ctx);
  if (!validates.ok()) return validates.error();
  if (auto kept = CheckKeptAnchors(ctx); !kept.ok()) return kept.error();
  auto anchors = AnchorsInContext(ctx);
  if (validates.value() && !anchors.empty()) return anchors;
  const std::string lacks = validates.value() ? "no readable trust anchor" : "no validator";
  return SettingError("unbound_config",
                      EscapeBytes(plan.config_file) + " has " + lacks + "; set dns.dnssec = \"off\" if that is meant");
}

// A kept file belongs to the one context that does the work: a canary only takes its keys.
bool AddAnchors(const TrustAnchor& anchor, const std::string& text, bool canary, ub_ctx* ctx) {
  if (!anchor.kept) return ub_ctx_add_ta_file(ctx, anchor.file.c_str()) == 0;
  if (!canary) return ub_ctx_add_ta_autr(ctx, anchor.file.c_str()) == 0;
  const auto add = [ctx](const std::string& record) { return ub_ctx_add_ta(ctx, record.c_str()) == 0; };
  return std::ranges::all_of(KeysInForce(text), add);
}

Result<std::vector<DomainName>> AnchorsOfSettings(const TrustAnchor& anchor, bool canary, ub_ctx* ctx) {
  const char* setting = anchor.kept ? "auto_trust_anchor" : "trust_anchor";
  const auto text = ReadSettingFile(setting, anchor.file);
  if (!text.ok()) return text.error();
  if (!AddAnchors(anchor, text.value(), canary, ctx)) {
    return SettingError(setting, "libunbound refuses " + EscapeBytes(anchor.file));
  }
  auto anchors = AnchorsOf(text.value());
  if (!anchors.empty()) return anchors;
  return SettingError(setting, "no key in force in " + EscapeBytes(anchor.file));  // it was revoked since the start
}

}  // namespace

Result<std::vector<DomainName>> ConfigureContext(const UnboundOptions& plan, ContextUse use, ub_ctx* ctx) {
  for (const auto& [name, value] : plan.options) {
    if (auto set = SetOption(ctx, name, value); !set.ok()) return set.error();
  }
  for (const std::string& server : plan.forwarders) {
    if (ub_ctx_set_fwd(ctx, server.c_str()) != 0) {
      return SettingError("resolvers", "libunbound refuses " + EscapeBytes(server));
    }
  }
  if (!plan.config_file.empty()) {
    if (auto read = ReadConfigFile(plan, ctx); !read.ok()) return read.error();
  }
  if (use.canary) {
    for (const auto& [name, value] : kCanary) {
      if (auto set = SetOption(ctx, name, value); !set.ok()) return set.error();
    }
  }
  if (!plan.validate || !use.validate) {
    if (auto set = SetOption(ctx, "module-config:", "iterator"); !set.ok()) return set.error();
    return std::vector<DomainName>{};
  }
  if (!plan.config_file.empty()) return AnchorsOfConfigFile(plan, ctx);
  return AnchorsOfSettings(plan.anchor, use.canary, ctx);
}

}  // namespace heloguard
