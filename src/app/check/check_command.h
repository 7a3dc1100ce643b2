// The options and the row of `heloguard check`.
#pragma once

#include <optional>
#include <string>

#include "app/command.h"
#include "app/shared/load.h"

namespace heloguard {

struct CheckOptions {
  Sources sources;
  std::string client, helo;  // as typed
  std::optional<std::string> rdns;
  std::optional<std::string> rdns_status;
  std::optional<std::string> batch;
  std::string format = "text";
  bool explain = false;  // the text format always does
  bool offline = false;
  bool authenticated = false, tls = false;
  std::optional<unsigned> port;
};

// Judges one session, or with --batch many, and prints the verdicts. Returns an exit status.
int RunCheck(const CheckOptions& options);

[[nodiscard]] Command CheckCommand();

}  // namespace heloguard
