// The reference page of the commands, made from CLI11's own option tree.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace heloguard {

// Every command of `root` that --help shows, with its options and its footer, as Markdown.
[[nodiscard]] std::string DescribeCommands(const CLI::App& root);

}  // namespace heloguard
