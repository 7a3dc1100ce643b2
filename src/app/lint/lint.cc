// `heloguard lint`: loads policies as the daemon does and shows every finding. Knows no check itself.
// Tests: tests/cli/lint_test.py.
#include <algorithm>
#include <cstdio>

#include "adapters/toml/policy_printer.h"
#include "adapters/toml/policy_reader.h"
#include "app/lint/known_good_names.h"
#include "app/lint/lint_command.h"
#include "app/lint/pattern_cost.h"
#include "app/shared/json_writer.h"
#include "app/shared/load.h"
#include "app/shared/output.h"
#include "app/shared/text.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

constexpr int kExitFailed = 1;  // something that was to be judged failed

struct Linted {
  std::string file;
  LoadedPolicy loaded;
  std::vector<PatternCost> costs;
  [[nodiscard]] std::size_t Count(Severity severity) const {
    return static_cast<std::size_t>(std::ranges::count(loaded.diagnostics, severity, &Diagnostic::severity));
  }
};

std::size_t PatternsIn(const std::vector<Condition>& conditions) {
  std::size_t count = 0;
  for (const Condition& condition : conditions) {
    if (condition.patterns != nullptr) count += condition.patterns->patterns().size();
  }
  return count;
}

std::size_t PatternsIn(const Policy& policy) {
  std::size_t count = 0;
  for (const auto& [name, list] : policy.lists) {
    if (list->patterns != nullptr) count += list->patterns->patterns().size();
    if (list->table != nullptr && list->table->kind() != TableKind::kCidr) count += list->table->lines().size();
  }
  for (const Rule& rule : policy.rules) {
    count += PatternsIn(rule.when) + PatternsIn(rule.unless);
    for (const auto& alternative : rule.any) count += PatternsIn(alternative);
  }
  return count;
}

// As they were written: one that a Postfix table divides is one.
std::size_t RulesIn(const Policy& policy) {
  return static_cast<std::size_t>(std::ranges::count(policy.rules, false, &Rule::second_half));
}

std::string SummaryLine(const Linted& linted) {
  const std::size_t errors = linted.Count(Severity::kError);
  const std::size_t warnings = linted.Count(Severity::kWarning);
  std::string line = EscapeBytes(linted.file) + ": ";
  if (linted.loaded.policy != nullptr) {
    line += "ok (" + Counted(RulesIn(*linted.loaded.policy), "rule") + ", " +
            Counted(PatternsIn(*linted.loaded.policy), "pattern") + ")";
  } else {
    line += Counted(errors, "error");
  }
  if (warnings != 0) line += ", " + Counted(warnings, "warning");
  return line + "\n";
}

Json FindingsJson(const Diagnostics& diagnostics) {
  Json findings = Json::array();
  for (const Diagnostic& d : diagnostics) {
    findings.push_back({{"severity", d.severity == Severity::kError ? "error" : "warning"},
                        {"file", EscapeBytes(d.error.where.file)},
                        {"line", d.error.where.line},
                        {"column", d.error.where.column},
                        {"message", d.error.message},
                        {"id", d.id}});
  }
  return findings;
}

std::string AllAsJson(const std::vector<Linted>& all) {
  Json files = Json::array();
  for (const Linted& linted : all) {
    files.push_back({{"file", EscapeBytes(linted.file)},
                     {"errors", linted.Count(Severity::kError)},
                     {"warnings", linted.Count(Severity::kWarning)},
                     {"findings", FindingsJson(linted.loaded.diagnostics)}});
    if (!linted.costs.empty()) files.back()["cost"] = CostJson(linted.costs);
  }
  return ToLine({{"files", std::move(files)}}) + "\n";
}

int StatusOf(const std::vector<Linted>& all, bool strict) {
  bool warned = false;
  for (const Linted& linted : all) {
    const auto& diagnostics = linted.loaded.diagnostics;
    const auto error = std::ranges::find(diagnostics, Severity::kError, &Diagnostic::severity);
    if (error != diagnostics.end()) return ExitStatus(error->error.kind);
    warned = warned || !diagnostics.empty();
  }
  return strict && warned ? kExitFailed : 0;
}

}  // namespace

int RunLint(const LintOptions& options) {
  std::vector<Linted> all;
  PolicyReadOptions read;
  read.today = Today();
  read.local = options.local;
  read.known_good = KnownGoodNames();
  for (const std::string& file : options.files) {
    all.push_back({file, ReadPolicy(file, read), {}});
    const auto& policy = all.back().loaded.policy;
    if (options.cost && policy) all.back().costs = MeasurePatterns(*policy, read.known_good);
  }
  std::string text;
  if (options.format == "json") {
    text = AllAsJson(all);
  } else {
    for (const Linted& linted : all) {
      const std::size_t most = options.all ? linted.loaded.diagnostics.size() : kMostShown;
      static_cast<void>(PrintDiagnostics(linted.loaded.diagnostics, true, most));
      if (!options.print) text += SummaryLine(linted) + CostText(linted.costs);
      if (options.print && linted.loaded.policy) text += PrintPolicy(*linted.loaded.policy);
    }
  }
  const int written = PrintOut(text);
  return written != 0 ? written : StatusOf(all, options.strict);
}

}  // namespace heloguard
