// Adds the options of `heloguard check` to the command line and says which do not go together.
// Tests: tests/cli/usage_test.py, tests/cli/check_test.py.
#include "app/check/check_command.h"

#include <CLI/App.hpp>

#include "app/shared/common_options.h"

namespace heloguard {
namespace {

void AddOptions(CLI::App* app, CheckOptions* options) {
  AddSources(app, &options->sources);
  options->sources.warnings = false;  // of a policy; lint is for those
  app->add_option("--client", options->client, "the client's IP address")->type_name("IP");
  app->add_option("--helo", options->helo, "what it says in HELO; \\xNN stands for any octet, '' for an empty HELO")
      ->type_name("NAME");
  app->add_option("--rdns", options->rdns, "reverse DNS by hand: a verified name, or none; nothing is looked up for it")
      ->type_name("NAME|none");
  app->add_option("--rdns-status", options->rdns_status,
                  "with or in place of --rdns: pass, fail, permerror or temperror")
      ->type_name("WORD");
  app->add_flag("--offline", options->offline, "no DNS: facts that need it are unknown");
  app->add_option("--port", options->port, "the mail server's port")->type_name("N")->check(CLI::Range(1U, 65535U));
  app->add_flag("--tls", options->tls, "the connection is encrypted");
  app->add_flag("--auth,--authenticated", options->authenticated, "the client has authenticated");
  app->add_option("--batch", options->batch, "judge every line of a table instead (below); '-' is standard input")
      ->type_name("FILE");
  AddWord(app, "--format", &options->format, {"text", "json"});
  app->add_flag("--explain", options->explain, "say what led to the verdict (the text format always does)");
  app->footer(
      "A table for --batch has on each line a client address and a HELO, and perhaps a PTR name (or none) and\n"
      "its status, with tabs between; - stands for what is not known of the PTR name. Each line becomes one JSON\n"
      "object.\n\n"
      "Exit status: 0 accept, 75 tempfail, 77 reject (also where the policy only observes);\n"
      "with --batch 0 whatever the verdicts, 65 if a line could not be read.");
}

std::string Mistake(const CLI::App& app, const CheckOptions& options) {
  if (options.batch) {
    for (const char* option : {"--client", "--helo", "--rdns", "--rdns-status"}) {
      if (app.count(option) != 0) return std::string(option) + " does not go with --batch, which brings its own";
    }
    return "";
  }
  // Asked of CLI11, since an empty HELO is a HELO too.
  if (app.count("--client") == 0) return "--client IP is missing";
  return app.count("--helo") == 0 ? "--helo NAME is missing (--helo '' for an empty HELO)" : "";
}

}  // namespace

Command CheckCommand() {
  return MakeCommand<CheckOptions>({.name = "check",
                                    .summary = "judge a session now, or a table of them, and explain the verdict",
                                    .add = AddOptions,
                                    .check = Mistake,
                                    .run = RunCheck});
}

}  // namespace heloguard
