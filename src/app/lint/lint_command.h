// The options and the row of `heloguard lint`.
#pragma once

#include <string>
#include <vector>

#include "app/command.h"

namespace heloguard {

struct LintOptions {
  std::vector<std::string> files;
  std::string local;  // the site's own file, as [policy] local; "": none
  bool strict = false;
  bool all = false;    // every finding, however many
  bool cost = false;   // measure what the patterns cost
  bool print = false;  // the policies themselves, merged, instead of the findings
  std::string format = "text";
};

// Loads every file and prints what is wrong with it. Returns an exit status.
int RunLint(const LintOptions& options);

[[nodiscard]] Command LintCommand();

}  // namespace heloguard
