// Adds the options of `heloguard audit` to the command line. Tests: tests/cli/audit_test.py.
#include "app/audit/audit_command.h"

#include <CLI/App.hpp>

#include "app/shared/common_options.h"

namespace heloguard {
namespace {

void AddOptions(CLI::App* app, AuditOptions* options) {
  app->add_option("NAME", options->name, "what the server says in HELO; with --listen it may be left out");
  app->add_option("--ip", options->addresses, "an address the server sends from (default: those of NAME); repeatable")
      ->type_name("IP")
      ->allow_extra_args(false);
  app->add_option("--smtp", options->servers, "a server to ask for the name it greets with; repeatable")
      ->type_name("HOST[:PORT]")
      ->allow_extra_args(false);
  app->add_option("--listen", options->listen, "wait here for one SMTP client and audit what it says; takes no mail")
      ->type_name("ADDR:PORT");
  app->add_option("--policy", options->policies,
                  "judge by this policy (default: the shipped default.toml and strict.toml); repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app->add_option("--config", options->sources.config, "the daemon's configuration, of which [dns] counts here")
      ->type_name("FILE");
  app->add_flag("--offline", options->offline, "no DNS: only what can be said without it");
  AddWord(app, "--format", &options->format, {"text", "json"});
  app->footer(
      "Exit status: 0 nothing fails, 1 a check fails, 69 a server cannot be reached or nobody connects,\n"
      "75 nothing fails, but DNS did not answer everything.");
}

std::string Missing(const CLI::App& /*app*/, const AuditOptions& options) {
  return !options.name && !options.listen ? "NAME is missing (only with --listen it may be left out)" : "";
}

}  // namespace

Command AuditCommand() {
  return MakeCommand<AuditOptions>({.name = "audit",
                                    .summary = "is the HELO name of a server of your own good? what to put right",
                                    .add = AddOptions,
                                    .check = Missing,
                                    .run = RunAudit});
}

}  // namespace heloguard
