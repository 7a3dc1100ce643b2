// From the evidence of an audit to its rows: which check passes, which does not, and which record would put it right.
//
// Thread rule: pure functions over values.
#pragma once

#include <span>

#include "audit/audit_evidence.h"
#include "audit/audit_report.h"

namespace heloguard {

// What is true of the name wherever it is said. `given`: addresses it is meant for, for the records to publish.
[[nodiscard]] CheckSection CheckName(const AuditEvidence& evidence, std::span<const IpAddress> given);

// The name at one of its addresses. `refused`: what a refusal by each policy counts as, in their order.
[[nodiscard]] CheckSection CheckAddress(const AuditEvidence& evidence, const AddressEvidence& at,
                                        std::span<const CheckResult> refused);

}  // namespace heloguard
