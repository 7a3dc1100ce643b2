// The options and the row of `heloguard import`.
#pragma once

#include <string>

#include "app/command.h"

namespace heloguard {

struct ImportOptions {
  std::string table;  // "pcre:PATH", or a path whose extension says the type
  std::string name;   // of the rules, a line's number is added; "": from the file's name
};

// Prints the policy that the table becomes. Returns an exit status.
int RunImport(const ImportOptions& options);

[[nodiscard]] Command ImportCommand();

}  // namespace heloguard
