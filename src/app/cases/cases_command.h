// The options and the row of `heloguard test`.
#pragma once

#include <string>
#include <vector>

#include "app/command.h"

namespace heloguard {

struct TestOptions {
  std::vector<std::string> paths;
  std::string policy;   // "": the file beside the cases with the same stem
  bool strict = false;  // a rule no case exercised is a failure
  std::string format = "text";
};

// Runs the cases and prints which of them fail. Returns an exit status.
int RunTest(const TestOptions& options);

[[nodiscard]] Command TestCommand();

}  // namespace heloguard
