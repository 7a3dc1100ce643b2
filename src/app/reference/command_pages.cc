// What --help says, as a page: the manual pages and the shell completions are made from it, so that no option can be
// missing there. Knows no command by name. Tests: tests/packaging/.
#include "app/reference/command_pages.h"

#include <CLI/App.hpp>

#include "app/reference/markdown.h"

namespace heloguard {
namespace {

// "`-h` `--help`"; what stands without a name is called by its place.
std::string Names(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += Code("-" + name) + " ";
  for (const std::string& name : option.get_lnames()) names += Code("--" + name) + " ";
  if (names.empty()) return Code(option.get_name(true));
  names.pop_back();
  return names;
}

// What is written after it, without the range that CLI11 adds: "N:UINT in [1 - 65535]".
std::string Value(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0 || option.get_positional()) return "";
  const std::string type = option.get_type_name();
  const std::size_t range = type.find(" in [");
  return Code(range == std::string::npos ? type : type.substr(0, type.rfind(':', range)));
}

std::string Help(const CLI::Option& option) {
  const std::string& preset = option.get_default_str();
  return Cell(option.get_description()) + (preset.empty() ? "" : " (default: " + Code(preset) + ")");
}

std::string OptionTable(const CLI::App& app) {
  std::string table = TableHead({"option", "value", "what it does"});
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty()) table += Row({Names(*option), Value(*option), Help(*option)});
  }
  return table;
}

}  // namespace

std::string DescribeCommands(const CLI::App& root) {
  std::string page = PageHead("Commands", "commands") + "\n" + root.get_description() + "\n" + OptionTable(root);
  for (const CLI::App* command : root.get_subcommands([](const CLI::App* app) { return !app->get_group().empty(); })) {
    page += "\n## " + command->get_name() + "\n\n" + command->get_description() + "\n" + OptionTable(*command);
    if (!command->get_footer().empty()) page += "\n" + command->get_footer() + "\n";
  }
  return page;
}

}  // namespace heloguard
