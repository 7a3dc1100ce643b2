// The command line: subcommands, options, exit statuses (CONTRACT section 1).
#pragma once

#include <string>

namespace heloguard {

// Runs the program; returns its exit status. Never throws.
int RunCli(int argc, char** argv) noexcept;

// Returns the reference page "commands" as Markdown: every subcommand that --help shows, with its options.
[[nodiscard]] std::string CommandsPage();

}  // namespace heloguard
