// Tells a person about our own resolver. Tests: tests/cli/live_test.py, tests/cli/audit_test.py.
#include "app/shared/complaints.h"

#include <cstdio>
#include <string>

namespace heloguard {

void Complaints::Alarm(std::string_view text) {
  const std::string line = "heloguard: " + std::string(text) + "\n";
  std::fputs(line.c_str(), stderr);
}

void WarnOfResolver(const CanaryReport& report, EventSink* sink) {
  if (report.state == ResolverState::kWell) return;
  const bool records = report.state == ResolverState::kNoRecords;
  sink->Alarm(
      "warning: " + std::string(records ? "every DNSSEC state is indeterminate: " : "DNS is not to be trusted: ") +
      report.why);
}

}  // namespace heloguard
