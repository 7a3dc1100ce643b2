// Hands a plan to a libunbound context.
//
// Thread rule: REQUIRES that no other context is being configured (the library's parser is not reentrant).
#pragma once

#include <vector>

#include "adapters/unbound/unbound_context.h"
#include "adapters/unbound/unbound_options.h"
#include "heloguard/base/domain_name.h"
#include "heloguard/base/result.h"

namespace heloguard {

// Returns the names of the trust anchors, none without validation. Errors: kConfig with the setting's name, kInternal
// for an option the library does not know.
[[nodiscard]] Result<std::vector<DomainName>> ConfigureContext(const UnboundOptions& plan, ContextUse use, ub_ctx* ctx);

}  // namespace heloguard
