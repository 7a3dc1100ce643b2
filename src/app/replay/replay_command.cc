// Adds the options of `heloguard replay` to the command line. Tests: tests/cli/replay_test.py.
#include "app/replay/replay_command.h"

#include <CLI/App.hpp>

#include "app/shared/common_options.h"

namespace heloguard {
namespace {

void AddOptions(CLI::App* app, ReplayOptions* options) {
  AddSources(app, &options->sources);
  options->sources.warnings = false;  // of a policy; lint is for those
  app->add_option("LOG", options->logs,
                  "logs of Postfix, Sendmail or heloguard, packed ones too; '-' is standard input");
  app->add_option("--against", options->against, "compare with what this policy says, not with what was done")
      ->type_name("FILE");
  app->add_flag("--dns", options->dns, "look everything up, as DNS is now, in place of what the log says");
  app->add_option("--dns-rate", options->dns_rate, "questions a second")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 1e6));
  AddWord(app, "--source", &options->source, {"auto", "mta", "heloguard"});
  AddWord(app, "--format", &options->format, {"text", "json", "html"});
  app->add_option("--output", options->output, "write the report here (default: standard output)")->type_name("FILE");
  app->footer(
      "Whose lines are read (--source): the mail server's, or heloguard's own; auto takes heloguard's where there\n"
      "are any, since those tell of the same sessions, and more.\n\n"
      "Exit status: 0 whatever the verdicts, 65 if a log is damaged or has no line of a log, 66 no such file, 69 the\n"
      "report cannot be written, 78 a policy does not load.");
}

std::string Missing(const CLI::App& /*app*/, const ReplayOptions& options) {
  return options.logs.empty() ? "LOG is missing" : "";
}

}  // namespace

Command ReplayCommand() {
  return MakeCommand<ReplayOptions>({.name = "replay",
                                     .summary = "what a policy would have done to the traffic in mail logs",
                                     .add = AddOptions,
                                     .check = Missing,
                                     .run = RunReplay});
}

}  // namespace heloguard
