// `check --batch`: many sessions from a table, one JSON object a line, in the order of the lines.
#pragma once

#include <memory>
#include <string>

#include "app/shared/command_services.h"
#include "heloguard/session.h"

namespace heloguard {

struct BatchOptions {
  std::string file;  // "-": standard input
  bool tls = false;
  bool authenticated = false;
  std::optional<std::uint16_t> port;
};

// Returns an exit status: 0 whatever the verdicts, 65 if any line could not be read.
int RunBatch(const BatchOptions& options, const std::shared_ptr<const Policy>& policy, const CommandServices& world);

}  // namespace heloguard
