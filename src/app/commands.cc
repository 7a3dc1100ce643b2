// The table of subcommands. A new one is a folder, a row here and its sources in CMakeLists.txt.
// Tests: tests/cli/usage_test.py; the ctest label docs compares docs/reference/commands.md with the rows.
#include "app/commands.h"

#include "app/audit/audit_command.h"
#include "app/cases/cases_command.h"
#include "app/check/check_command.h"
#include "app/import/import_command.h"
#include "app/lint/lint_command.h"
#include "app/reference/facts_command.h"
#include "app/reference/reference_command.h"
#include "app/replay/replay_command.h"
#include "app/serve/serve_command.h"

namespace heloguard {

std::vector<Command> AllCommands() {
  return {ServeCommand(), CheckCommand(),  LintCommand(),  TestCommand(),     ImportCommand(),
          AuditCommand(), ReplayCommand(), FactsCommand(), ReferenceCommand()};
}

}  // namespace heloguard
