// The options and the row of `heloguard audit`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/shared/load.h"

namespace heloguard {

struct AuditOptions {
  Sources sources;                     // `policy` is not used
  std::optional<std::string> name;     // as typed
  std::vector<std::string> addresses;  // --ip
  std::vector<std::string> servers;    // --smtp
  std::optional<std::string> listen;
  std::vector<std::string> policies;  // --policy; empty: the shipped default and strict
  std::string format = "text";
  bool offline = false;
};

// Checks the name and prints what to put right. Returns an exit status.
int RunAudit(const AuditOptions& options);

[[nodiscard]] Command AuditCommand();

}  // namespace heloguard
