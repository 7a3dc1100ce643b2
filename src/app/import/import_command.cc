// Adds the options of `heloguard import` to the command line. Tests: tests/cli/import_test.py.
#include "app/import/import_command.h"

#include <CLI/App.hpp>

namespace heloguard {
namespace {

void AddOptions(CLI::App* app, ImportOptions* options) {
  app->add_option("TABLE", options->table,
                  "pcre:PATH, regexp:PATH or cidr:PATH; without a type, the path's extension says it");
  app->add_option("--name", options->name, "what the rules are called, before the number of their line")
      ->type_name("LIST");
  app->footer(
      "The policy goes to standard output, what cannot be said in it to standard error, line by line.\n\n"
      "Exit status: 0 all of the table is in the policy, 1 lines are left over, 66 no such file.");
}

std::string Missing(const CLI::App& /*app*/, const ImportOptions& options) {
  return options.table.empty() ? "TABLE is missing" : "";
}

}  // namespace

Command ImportCommand() {
  return MakeCommand<ImportOptions>({.name = "import",
                                     .summary = "turn a Postfix access table into a policy",
                                     .add = AddOptions,
                                     .check = Missing,
                                     .run = RunImport});
}

}  // namespace heloguard
