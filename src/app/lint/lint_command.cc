// Adds the options of `heloguard lint` to the command line. Tests: tests/cli/usage_test.py, tests/cli/lint_test.py.
#include "app/lint/lint_command.h"

#include <CLI/App.hpp>

#include "app/shared/common_options.h"

namespace heloguard {
namespace {

void AddOptions(CLI::App* app, LintOptions* options) {
  app->add_option("FILE", options->files, "policy files");
  app->add_option("--local", options->local, "the site's own file, read last, as [policy] local")->type_name("FILE");
  app->add_flag("--strict", options->strict, "exit status 1 if there are warnings");
  app->add_flag("--all", options->all, "show every finding, not only the first 50 of each file");
  app->add_flag("--cost", options->cost, "measure what matching a name against each list of patterns takes");
  app->add_flag("--print", options->print, "print each policy as one file, with all it includes merged");
  AddWord(app, "--format", &options->format, {"text", "json"});
}

std::string Missing(const CLI::App& /*app*/, const LintOptions& options) {
  return options.files.empty() ? "FILE is missing" : "";
}

}  // namespace

Command LintCommand() {
  return MakeCommand<LintOptions>({.name = "lint",
                                   .summary = "load policies as the daemon would and show everything that is wrong",
                                   .add = AddOptions,
                                   .check = Missing,
                                   .run = RunLint});
}

}  // namespace heloguard
