// The table of subcommands.
#pragma once

#include <vector>

#include "app/command.h"

namespace heloguard {

// Returns every subcommand in the order of --help, each with options of its own. They belong to one command line: the
// options hold what was typed there.
[[nodiscard]] std::vector<Command> AllCommands();

}  // namespace heloguard
