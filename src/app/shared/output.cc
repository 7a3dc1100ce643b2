// Writes results to standard output; output that is lost is an error, not silence. Tests: tests/cli/usage_test.py.
#include "app/shared/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "app/shared/load.h"

namespace heloguard {

int PrintOut(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return 0;
  const Error error{ErrorKind::kUnavailable, "standard output: " + std::generic_category().message(errno), {}};
  return PrintDiagnostics({{Severity::kError, error, ""}});
}

Colour ColourOfTerminal() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool wanted =
      (no_colour == nullptr || *no_colour == '\0') && (term == nullptr || std::string_view(term) != "dumb");
  return wanted && isatty(STDOUT_FILENO) == 1 ? Colour::kOn : Colour::kOff;
}

}  // namespace heloguard
