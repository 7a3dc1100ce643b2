// A judgement explained for people.
#pragma once

#include <string>

#include "app/shared/text.h"
#include "heloguard/session.h"

namespace heloguard {

// Several lines: the session, every fact, every rule tried, the DNS evidence, the verdict and the reply. Pure.
[[nodiscard]] std::string CheckText(const SessionReport& report, Colour colour);

}  // namespace heloguard
