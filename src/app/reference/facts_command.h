// The options and the row of `heloguard facts`.
#pragma once

#include <string>

#include "app/command.h"

namespace heloguard {

struct FactsOptions {
  std::string format = "text";
};

// Prints the table of facts. Returns an exit status.
int RunFacts(const FactsOptions& options);

[[nodiscard]] Command FactsCommand();

}  // namespace heloguard
