// The reference page of the commands, made from CLI11's own option tree.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace heloguard {

// Every command of `root` that --help shows, with its options and its footer, as Markdown.
[[nodiscard]] std::string DescribeCommands(const CLI::App& root);

}  // namespace heloguard
