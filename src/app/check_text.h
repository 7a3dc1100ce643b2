// A judgement explained for people.
#pragma once

#include <string>

#include "heloguard/session.h"
#include "text_parts.h"

namespace heloguard {

// Several lines: the session, every fact, every rule tried, the DNS evidence, the verdict and the reply. Pure.
[[nodiscard]] std::string CheckText(const SessionReport& report, Colour colour);

}  // namespace heloguard
