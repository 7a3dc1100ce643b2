// Domains that have no meaning on the Internet: special-use domains and private endings.
//
// Special-use are those of RFC 6761, 6762, 7686, 8375, 9476 and .internal; private endings are seen in the wild (.lan,
// .home, .corp, .localdomain ...). The list is one table in special_use.cc.
//
// Thread rule: pure functions.
#pragma once

#include "heloguard/base/domain_name.h"

namespace heloguard {

// True at or under a domain of the table. The documentation names of RFC 6761 section 6.5 (.example, example.com ...)
// are not in it: they stand for ordinary names.
[[nodiscard]] bool IsSpecialUse(const DomainName& name);

// True for localhost, localhost.localdomain, and any name under .localhost or .localdomain. The bare word localdomain
// names no host.
[[nodiscard]] bool IsLocalhostName(const DomainName& name);

}  // namespace heloguard
