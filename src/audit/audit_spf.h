// The SPF record of a HELO name: is there one, is it right, and what does it say of an address?
#pragma once

#include <optional>

#include "audit/audit_evidence.h"
#include "audit/audit_report.h"

namespace heloguard {

// The record itself. nullopt where it was not looked up, or nobody could publish one. Pure.
[[nodiscard]] std::optional<CheckRow> CheckSpfRecord(const AuditEvidence& evidence);
// What it says of one address; nullopt without a record. Pure.
[[nodiscard]] std::optional<CheckRow> CheckSpfAt(const AuditEvidence& evidence, const AddressEvidence& at);

}  // namespace heloguard
