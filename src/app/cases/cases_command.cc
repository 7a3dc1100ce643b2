// Adds the options of `heloguard test` to the command line.
// Tests: tests/cli/usage_test.py, tests/cli/test_policy_test.py.
#include "app/cases/cases_command.h"

#include <CLI/App.hpp>

#include "app/shared/common_options.h"

namespace heloguard {
namespace {

void AddOptions(CLI::App* app, TestOptions* options) {
  app->add_option("PATH", options->paths, "files, or directories to search for *.cases");
  app->add_option("--policy", options->policy, "judge by this policy, not the one beside each file")->type_name("FILE");
  app->add_flag("--strict", options->strict,
                "exit status 1 also if a rule that stands in a tested policy was true in no case");
  AddWord(app, "--format", &options->format, {"text", "json", "tap"});
}

std::string Missing(const CLI::App& /*app*/, const TestOptions& options) {
  return options.paths.empty() ? "PATH is missing" : "";
}

}  // namespace

Command TestCommand() {
  return MakeCommand<TestOptions>({.name = "test",
                                   .summary = "run .cases files: sessions and the verdicts a policy should give",
                                   .add = AddOptions,
                                   .check = Missing,
                                   .run = RunTest});
}

}  // namespace heloguard
