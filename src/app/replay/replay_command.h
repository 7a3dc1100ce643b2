// The options and the row of `heloguard replay`.
#pragma once

#include <string>
#include <vector>

#include "app/command.h"
#include "app/shared/load.h"

namespace heloguard {

struct ReplayOptions {
  Sources sources;
  std::vector<std::string> logs;
  std::string against;  // --against: the old policy; "": none
  bool dns = false;
  double dns_rate = 100;        // questions a second
  std::string source = "auto";  // whose lines
  std::string format = "text";
  std::string output;  // "": standard output
};

// Reads the logs, judges their sessions and writes the report. Returns an exit status.
int RunReplay(const ReplayOptions& options);

[[nodiscard]] Command ReplayCommand();

}  // namespace heloguard
