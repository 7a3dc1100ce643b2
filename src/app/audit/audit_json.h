// An audit as one JSON object.
#pragma once

#include <string>

#include "audit/audit_report.h"

namespace heloguard {

// Without a line feed. Pure.
[[nodiscard]] std::string AuditJson(const AuditReport& report);

}  // namespace heloguard
