// An audit as a table for people.
#pragma once

#include <string>

#include "audit_report.h"
#include "text_parts.h"

namespace heloguard {

// Pure.
[[nodiscard]] std::string AuditText(const AuditReport& report, Colour colour);

}  // namespace heloguard
