// Hands a plan to a libunbound context.
//
// Thread rule: REQUIRES that no other context is being configured (the library's parser is not reentrant).
#pragma once

#include <vector>

#include "heloguard/domain_name.h"
#include "heloguard/result.h"
#include "unbound_context.h"
#include "unbound_options.h"

namespace heloguard {

// Returns the names of the trust anchors, none without validation. Errors: kConfig with the setting's name, kInternal
// for an option the library does not know.
[[nodiscard]] Result<std::vector<DomainName>> ConfigureContext(const UnboundOptions& plan, ContextUse use, ub_ctx* ctx);

}  // namespace heloguard
