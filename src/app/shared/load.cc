// Finds and loads settings and a policy for a subcommand, and prints what is wrong with them. Decides which file is
// meant; knows nothing of their grammar. Tests: tests/cli.
#include "app/shared/load.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "adapters/toml/policy_reader.h"
#include "adapters/toml/settings_reader.h"
#include "app/shared/text.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

constexpr const char* kDefaultConfig = "/etc/heloguard/heloguard.toml";
constexpr const char* kDefaultPolicy = HELOGUARD_DATA_DIR "/policies/default.toml";

bool Exists(const std::string& path) {
  std::error_code ignored;  // a file that cannot be looked at is reported when it is read
  return std::filesystem::exists(path, ignored);
}

// A file nobody named on the command line is part of the configuration, also when it is missing.
void BlameConfiguration(Diagnostics* diagnostics) {
  for (Diagnostic& d : *diagnostics) {
    if (d.error.kind == ErrorKind::kNoInput) d.error.kind = ErrorKind::kConfig;
  }
}

// Files named in a configuration are relative to it, as includes are to their policy.
void ResolveBeside(const std::string& config, std::string* file) {
  if (!file->empty()) *file = (std::filesystem::path(config).parent_path() / *file).string();
}

struct PolicyChoice {
  std::string path;
  bool named_on_command_line = false;
};

PolicyChoice ChoosePolicy(const Sources& sources, const Settings& settings) {
  if (!sources.policy.empty()) return {sources.policy, true};
  if (!settings.policy.file.empty()) return {settings.policy.file, false};
  return {kDefaultPolicy, false};
}

std::optional<Settings> TryLoadSettings(const Sources& sources, Diagnostics* diagnostics) {
  const bool named = !sources.config.empty();
  if (!named && !Exists(kDefaultConfig)) return Settings{};
  const std::string path = named ? sources.config : kDefaultConfig;
  LoadedSettings loaded = ReadSettings(path);
  if (!named) BlameConfiguration(&loaded.diagnostics);
  const bool failed = HasErrors(loaded.diagnostics);
  diagnostics->insert(diagnostics->end(), loaded.diagnostics.begin(), loaded.diagnostics.end());
  if (failed) return std::nullopt;
  ResolveBeside(path, &loaded.settings.policy.file);
  ResolveBeside(path, &loaded.settings.policy.candidate);
  ResolveBeside(path, &loaded.settings.policy.local);
  return std::move(loaded.settings);
}

std::shared_ptr<const Policy> TryLoadPolicy(const PolicyChoice& choice, const Settings& settings,
                                            Diagnostics* diagnostics) {
  if (choice.path == kDefaultPolicy && !Exists(choice.path)) {
    const Error missing{ErrorKind::kConfig,
                        "the default policy is not installed; name one with --policy FILE, or in the configuration: "
                        "[policy] file = \"FILE\"",
                        {.file = choice.path}};
    diagnostics->push_back({Severity::kError, missing, ""});
    return nullptr;
  }
  PolicyReadOptions options;
  options.today = Today();
  options.local = settings.policy.local;
  LoadedPolicy loaded = ReadPolicy(choice.path, options);
  if (!choice.named_on_command_line) BlameConfiguration(&loaded.diagnostics);
  diagnostics->insert(diagnostics->end(), loaded.diagnostics.begin(), loaded.diagnostics.end());
  return std::move(loaded.policy);
}

}  // namespace

std::string DiagnosticLine(const Diagnostic& diagnostic) {
  const std::string where = EscapeBytes(diagnostic.error.where.ToString());  // a file name is any octets
  return (where.empty() ? "" : where + ": ") + (diagnostic.severity == Severity::kWarning ? "warning: " : "") +
         diagnostic.error.message + (diagnostic.id.empty() ? "" : " [" + diagnostic.id + "]");
}

ShownDiagnostics FirstOf(const Diagnostics& diagnostics, std::size_t most) {
  const auto count = [&diagnostics](Severity severity) {
    return static_cast<std::size_t>(std::ranges::count(diagnostics, severity, &Diagnostic::severity));
  };
  std::size_t errors = std::min(count(Severity::kError), most);
  std::size_t warnings = std::min(count(Severity::kWarning), most - errors);
  ShownDiagnostics first;
  if (errors + warnings < diagnostics.size()) {
    const std::size_t more_errors = count(Severity::kError) - errors;
    const std::size_t more_warnings = count(Severity::kWarning) - warnings;
    first.rest = "and " + std::to_string(more_errors + more_warnings) + " more (" + Counted(more_errors, "error") +
                 ", " + Counted(more_warnings, "warning") + ")";
  }
  for (const Diagnostic& each : diagnostics) {
    std::size_t& left = each.severity == Severity::kError ? errors : warnings;
    if (left == 0) continue;
    --left;
    first.shown.push_back(&each);
  }
  return first;
}

int PrintDiagnostics(const Diagnostics& diagnostics, bool warnings, std::size_t most) {
  Diagnostics wanted = diagnostics;
  if (!warnings) std::erase_if(wanted, [](const Diagnostic& d) { return d.severity == Severity::kWarning; });
  const ShownDiagnostics first = FirstOf(wanted, most);
  std::string text;
  for (const Diagnostic* each : first.shown) text += "heloguard: " + DiagnosticLine(*each) + "\n";
  if (!first.rest.empty()) text += "heloguard: " + first.rest + "\n";
  std::fputs(text.c_str(), stderr);
  const auto error = std::ranges::find(wanted, Severity::kError, &Diagnostic::severity);
  return error == wanted.end() ? 0 : ExitStatus(error->error.kind);
}

std::optional<Loaded> TryLoad(const Sources& sources, Diagnostics* diagnostics) {
  std::optional<Settings> settings = TryLoadSettings(sources, diagnostics);
  if (!settings) return std::nullopt;
  if (!sources.site) {
    settings->policy.candidate.clear();
    settings->policy.local.clear();
  }
  std::shared_ptr<const Policy> policy = TryLoadPolicy(ChoosePolicy(sources, *settings), *settings, diagnostics);
  if (policy == nullptr) return std::nullopt;
  if (!settings->policy.candidate.empty()) {
    const auto both = std::make_shared<Policy>(*policy);
    both->candidate = TryLoadPolicy({settings->policy.candidate, false}, *settings, diagnostics);
    if (both->candidate == nullptr) return std::nullopt;
    policy = both;
  }
  return Loaded{*std::move(settings), std::move(policy)};
}

std::optional<Loaded> Load(const Sources& sources, int* exit_status) {
  Diagnostics diagnostics;
  std::optional<Loaded> loaded = TryLoad(sources, &diagnostics);
  const int status = PrintDiagnostics(diagnostics, sources.warnings);
  if (!loaded) *exit_status = status == 0 ? ExitStatus(ErrorKind::kInternal) : status;
  return loaded;
}

std::string ShippedPolicy(std::string_view name) {
  return HELOGUARD_DATA_DIR "/policies/" + std::string(name) + ".toml";
}

std::chrono::sys_days Today() { return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()); }

}  // namespace heloguard
