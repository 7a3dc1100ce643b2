// A judgement explained for people.
#pragma once

#include <string>

#include "heloguard/session.h"

namespace heloguard {

enum class Colour : std::uint8_t { kOff, kOn };

// Several lines: the session, every fact, every rule tried, the DNS evidence, the verdict and the reply. Pure.
[[nodiscard]] std::string CheckText(const SessionReport& report, Colour colour);

}  // namespace heloguard
