// Options that several subcommands have in common, added to CLI11 in one way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/shared/load.h"

namespace CLI {
class App;
}

namespace heloguard {

// Adds `option`, whose value is one of `words`; its default is what `*value` holds. Any other word is refused, with a
// suggestion. `*value` and what `words` refers to outlive the parsing.
void AddWord(CLI::App* app, const std::string& option, std::string* value, std::vector<std::string_view> words);

// Adds --config and --policy. `*sources` outlives the parsing.
void AddSources(CLI::App* app, Sources* sources);

}  // namespace heloguard
