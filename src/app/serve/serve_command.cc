// Adds the options of `heloguard serve` to the command line.
// Tests: tests/cli/serve_test.py, tests/cli/reference_test.py.
#include "app/serve/serve_command.h"

#include <CLI/App.hpp>

#include "app/shared/common_options.h"
#include "app/shared/output.h"
#include "heloguard/settings.h"

namespace heloguard {
namespace {

void AddOptions(CLI::App* app, ServeOptions* options) {
  AddSources(app, &options->sources);
  app->add_flag("--check-config", options->check_config, "load configuration and policy, say what is wrong, and stop");
  app->add_flag("--print-defaults", options->print_defaults, "print a configuration with every setting at its default");
}

int Run(const ServeOptions& options) {
  return options.print_defaults ? PrintOut(PrintDefaultSettings()) : RunServe(options);
}

}  // namespace

Command ServeCommand() {
  return MakeCommand<ServeOptions>(
      {.name = "serve", .summary = "run the milter daemon in the foreground", .add = AddOptions, .run = Run});
}

}  // namespace heloguard
