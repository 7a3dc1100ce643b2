// The command line: subcommands and options, in one place, through CLI11. Judges only the line itself; every exit
// status of CLI11's own becomes 64 (EX_USAGE). Thread rule: main thread. Tests: tests/cli/usage_test.py.
#include "app/cli.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>

#include "app/commands.h"
#include "app/reference/command_pages.h"
#include "app/reference/reference.h"
#include "app/shared/output.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"

namespace heloguard {
namespace {

struct Options {
  ServeOptions serve;
  bool print_defaults = false;
  bool explain = false;  // the text format always does
  CheckOptions check;
  LintOptions lint;
  TestOptions test;
  ImportOptions import;
  AuditOptions audit;
  ReplayOptions replay;
  std::string facts_format = "text";
  std::string page;
};

// A subcommand and what runs it.
struct Command {
  CLI::App* app;
  int (*run)(const Options&);
};

int Complain(const std::string& message, const CLI::App* command) {
  const std::string of = command == nullptr ? "" : command->get_name() + " ";
  const std::string line = "heloguard: " + message + "\nTry 'heloguard " + of + "--help'.\n";
  std::fputs(line.c_str(), stderr);
  return EX_USAGE;
}

// An option whose value is one of `words`.
void AddWord(CLI::App* app, const std::string& option, std::string* value, std::vector<std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list += (list.empty() ? "" : ", ") + std::string(word);
  app->add_option(option, *value, "one of: " + list)
      ->type_name("WORD")
      ->capture_default_str()
      ->check([words = std::move(words), list](const std::string& word) -> std::string {
        if (std::ranges::find(words, std::string_view(word)) != words.end()) return {};
        return Quoted(word) + " is none of " + list + DidYouMean(word, words);
      });
}

void AddSources(CLI::App* app, Sources* sources) {
  app->add_option("--config", sources->config,
                  "the daemon's configuration (default /etc/heloguard/heloguard.toml if it is there)")
      ->type_name("FILE");
  app->add_option("--policy", sources->policy, "this policy in place of the configuration's")->type_name("FILE");
}

CLI::App* AddServe(CLI::App* root, Options* options) {
  CLI::App* app = root->add_subcommand("serve", "run the milter daemon in the foreground");
  AddSources(app, &options->serve.sources);
  app->add_flag("--check-config", options->serve.check_config,
                "load configuration and policy, say what is wrong, and stop");
  app->add_flag("--print-defaults", options->print_defaults, "print a configuration with every setting at its default");
  return app;
}

CLI::App* AddCheck(CLI::App* root, Options* options) {
  CLI::App* app = root->add_subcommand("check", "judge a session now, or a table of them, and explain the verdict");
  CheckOptions& check = options->check;
  AddSources(app, &check.sources);
  check.sources.warnings = false;  // of a policy; lint is for those
  app->add_option("--client", check.client, "the client's IP address")->type_name("IP");
  app->add_option("--helo", check.helo, "what it says in HELO; \\xNN stands for any octet, '' for an empty HELO")
      ->type_name("NAME");
  app->add_option("--rdns", check.rdns, "reverse DNS by hand: a verified name, or none; nothing is looked up for it")
      ->type_name("NAME|none");
  app->add_option("--rdns-status", check.rdns_status, "with or in place of --rdns: pass, fail, permerror or temperror")
      ->type_name("WORD");
  app->add_flag("--offline", check.offline, "no DNS: facts that need it are unknown");
  app->add_option("--port", check.port, "the mail server's port")->type_name("N")->check(CLI::Range(1U, 65535U));
  app->add_flag("--tls", check.tls, "the connection is encrypted");
  app->add_flag("--auth,--authenticated", check.authenticated, "the client has authenticated");
  app->add_option("--batch", check.batch, "judge every line of a table instead (below); '-' is standard input")
      ->type_name("FILE");
  AddWord(app, "--format", &check.format, {"text", "json"});
  app->add_flag("--explain", options->explain, "say what led to the verdict (the text format always does)");
  app->footer(
      "A table for --batch has on each line a client address and a HELO, and perhaps a PTR name (or none) and\n"
      "its status, with tabs between; - stands for what is not known of the PTR name. Each line becomes one JSON\n"
      "object.\n\n"
      "Exit status: 0 accept, 75 tempfail, 77 reject (also where the policy only observes);\n"
      "with --batch 0 whatever the verdicts, 65 if a line could not be read.");
  return app;
}

CLI::App* AddLint(CLI::App* root, Options* options) {
  CLI::App* app = root->add_subcommand("lint", "load policies as the daemon would and show everything that is wrong");
  app->add_option("FILE", options->lint.files, "policy files");
  app->add_option("--local", options->lint.local, "the site's own file, read last, as [policy] local")->type_name("FILE");
  app->add_flag("--strict", options->lint.strict, "exit status 1 if there are warnings");
  app->add_flag("--cost", options->lint.cost, "measure what matching a name against each list of patterns takes");
  app->add_flag("--print", options->lint.print, "print each policy as one file, with all it includes merged");
  AddWord(app, "--format", &options->lint.format, {"text", "json"});
  return app;
}

CLI::App* AddTest(CLI::App* root, Options* options) {
  CLI::App* app = root->add_subcommand("test", "run .cases files: sessions and the verdicts a policy should give");
  app->add_option("PATH", options->test.paths, "files, or directories to search for *.cases");
  app->add_option("--policy", options->test.policy, "judge by this policy, not the one beside each file")
      ->type_name("FILE");
  app->add_flag("--strict", options->test.strict,
                "exit status 1 also if a rule that stands in a tested policy was true in no case");
  AddWord(app, "--format", &options->test.format, {"text", "json", "tap"});
  return app;
}

CLI::App* AddImport(CLI::App* root, Options* options) {
  CLI::App* app = root->add_subcommand("import", "turn a Postfix access table into a policy");
  app->add_option("TABLE", options->import.table,
                  "pcre:PATH, regexp:PATH or cidr:PATH; without a type, the path's extension says it");
  app->add_option("--name", options->import.name, "what the rules are called, before the number of their line")
      ->type_name("LIST");
  app->footer(
      "The policy goes to standard output, what cannot be said in it to standard error, line by line.\n\n"
      "Exit status: 0 all of the table is in the policy, 1 lines are left over, 66 no such file.");
  return app;
}

CLI::App* AddAudit(CLI::App* root, Options* options) {
  CLI::App* app = root->add_subcommand("audit", "is the HELO name of a server of your own good? what to put right");
  AuditOptions& audit = options->audit;
  app->add_option("NAME", audit.name, "what the server says in HELO; with --listen it may be left out");
  app->add_option("--ip", audit.addresses, "an address the server sends from (default: those of NAME); repeatable")
      ->type_name("IP")
      ->allow_extra_args(false);
  app->add_option("--smtp", audit.servers, "a server to ask for the name it greets with; repeatable")
      ->type_name("HOST[:PORT]")
      ->allow_extra_args(false);
  app->add_option("--listen", audit.listen, "wait here for one SMTP client and audit what it says; takes no mail")
      ->type_name("ADDR:PORT");
  app->add_option("--policy", audit.policies,
                  "judge by this policy (default: the shipped default.toml and strict.toml); repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app->add_option("--config", audit.sources.config, "the daemon's configuration, of which [dns] counts here")
      ->type_name("FILE");
  app->add_flag("--offline", audit.offline, "no DNS: only what can be said without it");
  AddWord(app, "--format", &audit.format, {"text", "json"});
  app->footer(
      "Exit status: 0 nothing fails, 1 a check fails, 69 a server cannot be reached or nobody connects,\n"
      "75 nothing fails, but DNS did not answer everything.");
  return app;
}

CLI::App* AddReplay(CLI::App* root, Options* options) {
  CLI::App* app = root->add_subcommand("replay", "what a policy would have done to the traffic in mail logs");
  ReplayOptions& replay = options->replay;
  AddSources(app, &replay.sources);
  replay.sources.warnings = false;  // of a policy; lint is for those
  app->add_option("LOG", replay.logs, "logs of Postfix, Sendmail or heloguard, packed ones too; '-' is standard input");
  app->add_option("--against", replay.against, "compare with what this policy says, not with what was done")
      ->type_name("FILE");
  app->add_flag("--dns", replay.dns, "look everything up, as DNS is now, in place of what the log says");
  app->add_option("--dns-rate", replay.dns_rate, "questions a second")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 1e6));
  AddWord(app, "--source", &replay.source, {"auto", "mta", "heloguard"});
  AddWord(app, "--format", &replay.format, {"text", "json", "html"});
  app->add_option("--output", replay.output, "write the report here (default: standard output)")->type_name("FILE");
  app->footer(
      "Whose lines are read (--source): the mail server's, or heloguard's own; auto takes heloguard's where there\n"
      "are any, since those tell of the same sessions, and more.\n\n"
      "Exit status: 0 whatever the verdicts, 65 if a log is damaged or has no line of a log, 66 no such file, 69 the\n"
      "report cannot be written, 78 a policy does not load.");
  return app;
}

std::vector<Command> AddCommands(CLI::App* root, Options* options) {
  std::vector<Command> commands;
  commands.push_back({AddServe(root, options), [](const Options& o) {
                        return o.print_defaults ? PrintOut(PrintDefaultSettings()) : RunServe(o.serve);
                      }});
  commands.push_back({AddCheck(root, options), [](const Options& o) { return RunCheck(o.check); }});
  commands.push_back({AddLint(root, options), [](const Options& o) { return RunLint(o.lint); }});
  commands.push_back({AddTest(root, options), [](const Options& o) { return RunTest(o.test); }});
  commands.push_back({AddImport(root, options), [](const Options& o) { return RunImport(o.import); }});
  commands.push_back({AddAudit(root, options), [](const Options& o) { return RunAudit(o.audit); }});
  commands.push_back({AddReplay(root, options), [](const Options& o) { return RunReplay(o.replay); }});
  CLI::App* facts = root->add_subcommand("facts", "what a rule can ask about a session: facts, values, stages, costs");
  AddWord(facts, "--format", &options->facts_format, {"text", "json", "markdown"});
  CLI::App* reference = root->add_subcommand("reference", "print a page of docs/reference, or the names of all");
  reference->add_option("PAGE", options->page, "facts, actions, settings ...");
  reference->group("");  // for those who write the documentation; not in --help
  commands.push_back({facts, [](const Options& o) { return RunFacts(o.facts_format); }});
  commands.push_back({reference, [](const Options& o) { return PrintReference(o.page); }});
  return commands;
}

// What CLI11 cannot say itself; "" if the line is fine.
std::string MissingArgument(const CLI::App& command, const Options& options) {
  const std::string& name = command.get_name();
  if (name == "lint" && options.lint.files.empty()) return "FILE is missing";
  if (name == "test" && options.test.paths.empty()) return "PATH is missing";
  if (name == "import" && options.import.table.empty()) return "TABLE is missing";
  if (name == "replay" && options.replay.logs.empty()) return "LOG is missing";
  if (name == "audit" && !options.audit.name && !options.audit.listen) {
    return "NAME is missing (only with --listen it may be left out)";
  }
  if (name != "check") return "";
  if (options.check.batch) {
    for (const char* option : {"--client", "--helo", "--rdns", "--rdns-status"}) {
      if (command.count(option) != 0) return std::string(option) + " does not go with --batch, which brings its own";
    }
    return "";
  }
  if (command.count("--client") == 0) return "--client IP is missing";
  return command.count("--helo") == 0 ? "--helo NAME is missing (--helo '' for an empty HELO)" : "";
}

// Names after which `word` might have been mistyped: options, or subcommands.
std::vector<std::string> KnownWords(const CLI::App& app, bool options) {
  std::vector<std::string> words;
  if (options) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
  } else {
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App* s) { return !s->get_group().empty(); })) {
      words.push_back(sub->get_name());
    }
  }
  return words;
}

std::string UnknownWord(const CLI::App& app, const std::string& word, std::string_view kind) {
  const std::string typed = word.substr(0, word.find('='));
  const std::vector<std::string> known = KnownWords(app, typed.starts_with('-'));
  const std::vector<std::string_view> views(known.begin(), known.end());
  return std::string(typed.starts_with('-') ? "unknown option " : kind) + Quoted(typed) + DidYouMean(typed, views);
}

int Dispatch(const CLI::App& root, const std::vector<Command>& commands, const Options& options) {
  const auto given = std::ranges::find_if(commands, [](const Command& c) { return c.app->parsed(); });
  const std::vector<std::string> stray = root.remaining();
  if (!stray.empty()) return Complain(UnknownWord(root, stray.front(), "unknown command "), nullptr);
  if (given == commands.end()) return Complain("a command is missing", nullptr);
  const std::vector<std::string> extra = given->app->remaining();
  if (!extra.empty()) return Complain(UnknownWord(*given->app, extra.front(), "too much: "), given->app);
  const std::string missing = MissingArgument(*given->app, options);
  if (!missing.empty()) return Complain(missing, given->app);
  return given->run(options);
}

// CLI11 refuses "--helo=" though an empty HELO is a thing to ask about; it takes "--helo" and "". It wants the words in
// reverse.
std::vector<std::string> Words(int argc, char** argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--helo=") {
      words.insert(words.end(), {"--helo", ""});
    } else {
      words.push_back(word);
    }
  }
  std::ranges::reverse(words);
  return words;
}

std::vector<Command> SetUp(CLI::App* root, Options* options) {
  root->name("heloguard");
  root->description("Judges the names that SMTP clients say in HELO: a milter for Postfix and Sendmail.");
  root->set_version_flag("--version", "heloguard " HELOGUARD_VERSION, "print the version and stop");
  root->set_help_flag("-h,--help", "print this help and stop");
  root->allow_extras();
  root->require_subcommand(0, 1);
  return AddCommands(root, options);
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App root;
  const std::vector<Command> commands = SetUp(&root, &options);
  for (const Command& command : commands) command.app->allow_extras();
  try {
    root.parse(Words(argc, argv));
  } catch (const CLI::Success& e) {  // --help, --version
    return root.exit(e, std::cout, std::cerr);
  } catch (const CLI::ParseError& e) {
    const auto given = std::ranges::find_if(commands, [](const Command& c) { return c.app->parsed(); });
    return Complain(EscapeBytes(e.what()), given == commands.end() ? nullptr : given->app);
  }
  return Dispatch(root, commands, options);
}

}  // namespace

std::string CommandsPage() {
  Options options;
  CLI::App root;
  SetUp(&root, &options);
  return DescribeCommands(root);
}

int RunCli(int argc, char** argv) noexcept {
  try {
    return Run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "heloguard: internal error: %s\n", e.what());
  } catch (...) {
    std::fputs("heloguard: internal error\n", stderr);
  }
  return EX_SOFTWARE;
}

}  // namespace heloguard
