// `heloguard reference PAGE`: prints a page of the reference, or without a name the names of all. Tests:
// tests/cli/reference_test.py.
#include "app/reference/reference_command.h"

#include <CLI/App.hpp>

#include "app/reference/reference.h"
#include "app/shared/load.h"
#include "app/shared/output.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"

namespace heloguard {
namespace {

struct ReferenceOptions {
  std::string page;
};

void AddOptions(CLI::App* app, ReferenceOptions* options) {
  app->add_option("PAGE", options->page, "facts, actions, settings ...");
  app->group("");  // for those who write the documentation; not in --help
}

int Run(const ReferenceOptions& options) {
  const std::string& page = options.page;
  if (page.empty()) {
    std::string names;
    for (const std::string_view name : ReferencePages()) names += std::string(name) + "\n";
    return PrintOut(names);
  }
  if (const auto text = ReferencePage(page)) return PrintOut(*text);
  const std::vector<std::string_view> pages = ReferencePages();
  const Error error{ErrorKind::kUsage, "no page \"" + EscapeBytes(page, 80) + "\"" + DidYouMean(page, pages), {}};
  return PrintDiagnostics({{Severity::kError, error, ""}});
}

}  // namespace

Command ReferenceCommand() {
  return MakeCommand<ReferenceOptions>({.name = "reference",
                                        .summary = "print a page of docs/reference, or the names of all",
                                        .add = AddOptions,
                                        .run = Run});
}

}  // namespace heloguard
