// The command line: subcommands, options, exit statuses (CONTRACT section 1).
#pragma once

namespace heloguard {

// Runs the program; returns its exit status. Never throws.
int RunCli(int argc, char** argv) noexcept;

}  // namespace heloguard
