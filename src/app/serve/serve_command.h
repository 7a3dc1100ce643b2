// The options and the row of `heloguard serve`.
#pragma once

#include "app/command.h"
#include "app/shared/load.h"

namespace heloguard {

struct ServeOptions {
  Sources sources;
  bool check_config = false;
  bool print_defaults = false;
};

// Runs the daemon until it is stopped, or with --check-config only loads what it would need. Returns an exit status.
int RunServe(const ServeOptions& options);

[[nodiscard]] Command ServeCommand();

}  // namespace heloguard
