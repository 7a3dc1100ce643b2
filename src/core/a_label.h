// A-labels (RFC 5890 section 2.3.2.1). Private to core.
#pragma once

#include <string>

namespace heloguard {

// True if `label`, which starts with "xn--", is the encoding of a Unicode label that IDNA2008 allows, and is what that
// label encodes to again. False for broken Punycode, for code points that no domain name may hold, and for anything
// that is no LDH label. `label` in lower case.
[[nodiscard]] bool IsValidALabel(const std::string& label);

}  // namespace heloguard
