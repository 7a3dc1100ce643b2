// How errors print. The one format every message of the program has: FILE:LINE:COLUMN: message.
//
// Knows nothing of where messages go. Tests: tests/unit/core/base/result_test.cc.
#include "heloguard/base/result.h"

#include <algorithm>

namespace heloguard {

std::string SourcePosition::ToString() const {
  if (file.empty() || line == 0) return file;
  std::string text = file + ":" + std::to_string(line);
  if (column != 0) text += ":" + std::to_string(column);
  return text;
}

std::string Error::ToString() const {
  const std::string position = where.ToString();
  return position.empty() ? message : position + ": " + message;
}

bool HasErrors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::kError; });
}

void AddError(Diagnostics* out, SourcePosition where, std::string message) {
  out->push_back({Severity::kError, {ErrorKind::kConfig, std::move(message), std::move(where)}, ""});
}

}  // namespace heloguard
