// Who a name claims to be, for helo.traits and rdns.traits alike. Private to core.
#pragma once

#include "heloguard/base/domain_name.h"
#include "heloguard/base/enum_set.h"
#include "heloguard/facts/build_facts.h"
#include "heloguard/facts/helo.h"

namespace heloguard {

// The traits of a host name said by, or found in the PTR record of, the client in `inputs`. A PTR name that reads as an
// address (labels 192, 0, 2, 1) has that address' traits beside those of a name.
// REQUIRES: inputs.own is not null.
[[nodiscard]] EnumSet<NameTrait> TraitsOfName(const DomainName& name, const SessionInputs& inputs);

}  // namespace heloguard
