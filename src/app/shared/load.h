// Finding and loading what a subcommand works with: settings and a policy, with problems printed and an exit status.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/policy/policy.h"
#include "heloguard/settings.h"

namespace heloguard {

// Where settings and policy come from, as given on the command line.
struct Sources {
  std::string config;    // --config; "": /etc/heloguard/heloguard.toml if it is there, else the defaults
  std::string policy;    // --policy; "": the configuration's, else the installed policies/default.toml
  bool warnings = true;  // print warnings too, not only errors
  bool site = true;      // false: without the configuration's candidate and the site's own file
};

// sysexits.h values of an error kind.
[[nodiscard]] int ExitStatus(ErrorKind kind);
// "FILE:LINE:COLUMN: message [id]"; a warning says "warning: " in front of its message.
[[nodiscard]] std::string DiagnosticLine(const Diagnostic& diagnostic);

// More findings than that, nobody reads in a terminal or a log.
inline constexpr std::size_t kMostShown = 50;
// Of many findings the first `most`, as they stand; errors before warnings where there are too many of both.
struct ShownDiagnostics {
  std::vector<const Diagnostic*> shown;
  std::string rest;  // "and 12 more (3 errors, 9 warnings)"; "": that is all
};
[[nodiscard]] ShownDiagnostics FirstOf(const Diagnostics& diagnostics, std::size_t most = kMostShown);

// Prints findings to stderr, the first `most` as "heloguard: FILE:LINE:COLUMN: message" (warnings say "warning: ") and
// how many more there are; returns the exit status of the first error, 0 if there are only warnings. `warnings` false
// leaves those out.
int PrintDiagnostics(const Diagnostics& diagnostics, bool warnings = true, std::size_t most = kMostShown);

struct Loaded {
  Settings settings;
  std::shared_ptr<const Policy> policy;
};
// Loads both and prints what is wrong; nullopt with `*exit_status` set if anything is an error.
[[nodiscard]] std::optional<Loaded> Load(const Sources& sources, int* exit_status);

// The same without printing: what is wrong is added to `diagnostics`. For a daemon that reloads.
[[nodiscard]] std::optional<Loaded> TryLoad(const Sources& sources, Diagnostics* diagnostics);

// Where a policy that comes with the program is installed: "default", "strict".
[[nodiscard]] std::string ShippedPolicy(std::string_view name);

// Today in UTC.
[[nodiscard]] std::chrono::sys_days Today();

}  // namespace heloguard
