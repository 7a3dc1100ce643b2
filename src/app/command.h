// A subcommand as a row: its name, one line of help, its options, its check and its run. The folder of a subcommand
// writes the row, commands.cc lists the rows, cli.cc iterates over them. Names no CLI11 header, so that only the files
// that add options compile it.
//
// Thread rule: main thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace heloguard {

// What a folder says of its subcommand. `Options` is the struct that CLI11 fills and `run` reads.
template <typename Options>
struct CommandRow {
  std::string_view name;
  std::string_view summary;
  // Adds options, footer and group to `app`. `*options` has its defaults and outlives the parsing of the command line.
  void (*add)(CLI::App* app, Options* options);
  // Called when CLI11 found nothing wrong: returns what is wrong with the options taken together, "" if nothing is.
  // Null: there is nothing more to check.
  std::string (*check)(const CLI::App& app, const Options& options) = nullptr;
  // Returns the exit status. Called only if `check` returned "".
  int (*run)(const Options& options);
};

// A row that owns the options of one command line, whatever their type. Copies share the options.
struct Command {
  std::string_view name;
  std::string_view summary;
  std::function<void(CLI::App* app)> add;
  std::function<std::string(const CLI::App& app)> check;
  std::function<int()> run;
};

// Returns the row with options of its own, at their defaults.
template <typename Options>
[[nodiscard]] Command MakeCommand(const CommandRow<Options>& row) {
  const auto options = std::make_shared<Options>();
  return {row.name, row.summary, [add = row.add, options](CLI::App* app) { add(app, options.get()); },
          [check = row.check, options](const CLI::App& app) {
            return check == nullptr ? std::string() : check(app, *options);
          },
          [run = row.run, options] { return run(*options); }};
}

}  // namespace heloguard
