// Adds the options of `heloguard facts` to the command line. Tests: tests/cli/reference_test.py.
#include "app/reference/facts_command.h"

#include <CLI/App.hpp>

#include "app/shared/common_options.h"

namespace heloguard {
namespace {

void AddOptions(CLI::App* app, FactsOptions* options) {
  AddWord(app, "--format", &options->format, {"text", "json", "markdown"});
}

}  // namespace

Command FactsCommand() {
  return MakeCommand<FactsOptions>({.name = "facts",
                                    .summary = "what a rule can ask about a session: facts, values, stages, costs",
                                    .add = AddOptions,
                                    .run = RunFacts});
}

}  // namespace heloguard
