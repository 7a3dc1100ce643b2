// The command line, through CLI11: builds it from the table of subcommands, answers --help and --version, says what is
// wrong with what was typed, and runs the subcommand that was named. Knows no subcommand by name. Every exit status of
// CLI11's own becomes 64 (EX_USAGE).
//
// Thread rule: main thread. Tests: tests/cli/usage_test.py.
#include "app/cli.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>

#include "app/commands.h"
#include "app/reference/command_pages.h"
#include "app/shared/output.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"

namespace heloguard {
namespace {

// A row of the table and CLI11's part of it, which writes into the row's options.
struct Subcommand {
  Command command;
  CLI::App* app;
};

int Complain(const std::string& message, const CLI::App* command) {
  const std::string of = command == nullptr ? "" : command->get_name() + " ";
  const std::string line = "heloguard: " + message + "\nTry 'heloguard " + of + "--help'.\n";
  std::fputs(line.c_str(), stderr);
  return EX_USAGE;
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

// Null if the command line names no subcommand.
const Subcommand* Given(const std::vector<Subcommand>& subcommands) {
  const auto given = std::ranges::find_if(subcommands, [](const Subcommand& s) { return s.app->parsed(); });
  return given == subcommands.end() ? nullptr : &*given;
}

int Dispatch(const CLI::App& root, const Subcommand* given) {
  const std::vector<std::string> stray = root.remaining();
  if (!stray.empty()) return Complain(UnknownWord(root, stray.front(), "unknown command "), nullptr);
  if (given == nullptr) return Complain("a command is missing", nullptr);
  const std::vector<std::string> extra = given->app->remaining();
  if (!extra.empty()) return Complain(UnknownWord(*given->app, extra.front(), "too much: "), given->app);
  const std::string mistake = given->command.check(*given->app);
  if (!mistake.empty()) return Complain(mistake, given->app);
  return given->command.run();
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

// Adds every row of the table to `root`. The result outlives the parsing.
std::vector<Subcommand> SetUp(CLI::App* root) {
  root->name("heloguard");
  root->description("Judges the names that SMTP clients say in HELO: a milter for Postfix and Sendmail.");
  root->set_version_flag("--version", "heloguard " HELOGUARD_VERSION, "print the version and stop");
  root->set_help_flag("-h,--help", "print this help and stop");
  root->allow_extras();
  root->require_subcommand(0, 1);
  std::vector<Subcommand> subcommands;
  for (Command& command : AllCommands()) {
    CLI::App* app = root->add_subcommand(std::string(command.name), std::string(command.summary));
    app->allow_extras();
    command.add(app);
    subcommands.push_back({std::move(command), app});
  }
  return subcommands;
}

int Run(int argc, char** argv) {
  CLI::App root;
  const std::vector<Subcommand> subcommands = SetUp(&root);
  try {
    root.parse(Words(argc, argv));
  } catch (const CLI::Success& e) {  // --help, --version
    return root.exit(e, std::cout, std::cerr);
  } catch (const CLI::ParseError& e) {
    const Subcommand* given = Given(subcommands);
    return Complain(EscapeBytes(e.what()), given == nullptr ? nullptr : given->app);
  }
  return Dispatch(root, Given(subcommands));
}

}  // namespace

std::string CommandsPage() {
  CLI::App root;
  const std::vector<Subcommand> subcommands = SetUp(&root);
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
