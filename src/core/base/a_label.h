// A-labels (RFC 5890 section 2.3.2.1). Private to core.
#pragma once

#include <optional>
#include <string>

namespace heloguard {

// True if `label`, which starts with "xn--", is the encoding of a Unicode label that IDNA2008 allows, and is what that
// label encodes to again. False for broken Punycode, for code points that no domain name may hold, and for anything
// that is no LDH label. `label` in lower case.
[[nodiscard]] bool IsValidALabel(const std::string& label);

// A name in UTF-8 with its U-labels as A-labels, in lower case; nullopt if it is no UTF-8 or no name that IDNA2008
// allows. REQUIRES: no NUL in it.
[[nodiscard]] std::optional<std::string> ToALabels(const std::string& name);

}  // namespace heloguard
