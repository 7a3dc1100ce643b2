// `heloguard test`: finds .cases files and their policies, runs them, reports. Knows neither grammar.
// Tests: tests/cli/test_policy_test.py.
#include <algorithm>
#include <filesystem>
#include <map>

#include "adapters/cases/cases.h"
#include "adapters/toml/policy_reader.h"
#include "app/cases/cases_command.h"
#include "app/cases/cases_report.h"
#include "app/shared/load.h"
#include "app/shared/output.h"
#include "heloguard/base/escape.h"
#include "os/regular_file.h"

namespace heloguard {
namespace {

namespace fs = std::filesystem;

constexpr int kExitFailed = 1;
constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20U;

Diagnostic Missing(const std::string& path, std::string message) {
  return {Severity::kError, {ErrorKind::kNoInput, std::move(message), {.file = path}}, ""};
}

// The .cases files a path stands for, sorted; a policy stands for the file beside it.
std::vector<std::string> Expand(const std::string& path, Diagnostics* problems) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    fs::path file(path);
    if (file.extension() == ".toml") file.replace_extension(".cases");
    if (fs::exists(file, error)) return {file.string()};
    problems->push_back(Missing(file.string(), "no such file"));
    return {};
  }
  std::vector<std::string> found;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;  // a link to nowhere is no file
    if (it->path().extension() == ".cases" && it->is_regular_file(ignored)) found.push_back(it->path().string());
  }
  if (error) problems->push_back(Missing(path, error.message()));
  if (!error && found.empty()) problems->push_back(Missing(path, "no .cases file in this directory or below"));
  std::ranges::sort(found);
  return found;
}

class Tester {
 public:
  explicit Tester(const TestOptions& options) : options_(options) {}

  TestedFile Run(const std::string& path) {
    TestedFile tested;
    tested.path = path;
    const auto text = ReadRegularFile(path, kMaxFileBytes);
    if (!text.ok()) {
      tested.problems.push_back(Missing(path, "cannot be read: " + text.error().message));
      return tested;
    }
    if (text.value().empty()) return tested;  // there is nothing to test
    const CasesFile cases = ReadCases(text.value(), path);
    tested.policy = PolicyFor(cases);
    const LoadedPolicy& loaded = LoadOnce(cases, tested.policy);
    if (loaded.policy == nullptr) {
      tested.problems = cases.diagnostics;
      BlameCases(loaded.diagnostics, cases, tested.policy, &tested.problems);
      return tested;
    }
    tested.result = RunCases(cases, loaded.policy);
    tested.problems = tested.result.diagnostics;
    return tested;
  }

 private:
  [[nodiscard]] std::string PolicyFor(const CasesFile& cases) const {
    if (!options_.policy.empty()) return options_.policy;
    const fs::path path(cases.path);
    if (!cases.policy.empty()) return (path.parent_path() / cases.policy).string();
    return fs::path(path).replace_extension(".toml").string();
  }

  const LoadedPolicy& LoadOnce(const CasesFile& cases, const std::string& path) {
    const auto known = loaded_.find(path);
    if (known != loaded_.end()) return known->second;
    PolicyReadOptions read;
    read.today = cases.today.value_or(Today());
    return loaded_.emplace(path, ReadPolicy(path, read)).first->second;
  }

  // A policy that was not named on the command line is configuration, also when it is missing.
  void BlameCases(const Diagnostics& found, const CasesFile& cases, const std::string& path,
                  Diagnostics* problems) const {
    for (Diagnostic d : found) {
      if (d.error.kind == ErrorKind::kNoInput && options_.policy.empty()) {
        d.error.kind = ErrorKind::kConfig;
        d.error.message = "its policy " + EscapeBytes(path) + ": " + d.error.message;
        d.error.where = cases.policy.empty() ? SourcePosition{.file = cases.path} : cases.policy_where;
      }
      problems->push_back(std::move(d));
    }
  }

  const TestOptions& options_;
  std::map<std::string, LoadedPolicy> loaded_;
};

int StatusOf(const TestRun& run, bool strict) {
  bool failed = strict && std::ranges::any_of(run.coverage, [](const FileCoverage& file) {
                  return !file.included && !file.never.empty();
                });
  for (const TestedFile& file : run.files) {
    const auto error = std::ranges::find(file.problems, Severity::kError, &Diagnostic::severity);
    if (error != file.problems.end()) return ExitStatus(error->error.kind);
    failed = failed || !file.result.failures.empty();
  }
  return failed ? kExitFailed : 0;
}

}  // namespace

int RunTest(const TestOptions& options) {
  Diagnostics missing;
  std::vector<std::string> paths;
  for (const std::string& path : options.paths) {
    for (std::string& file : Expand(path, &missing)) paths.push_back(std::move(file));
  }
  const int missing_status = PrintDiagnostics(missing);
  TestRun run;
  Tester tester(options);
  for (const std::string& path : paths) {
    run.files.push_back(tester.Run(path));
    if (options.format != "json") static_cast<void>(PrintDiagnostics(run.files.back().problems));
  }
  run.coverage = CoverageOf(run.files);
  const int written = PrintOut(PrintTests(run, options.format));
  if (written != 0) return written;
  return missing_status != 0 ? missing_status : StatusOf(run, options.strict);
}

}  // namespace heloguard
