// An audit as a table for people.
#pragma once

#include <string>

#include "app/shared/text.h"
#include "audit/audit_report.h"

namespace heloguard {

// Pure.
[[nodiscard]] std::string AuditText(const AuditReport& report, Colour colour);

}  // namespace heloguard
