// A judgement as one JSON object, keys stable and documented.
#pragma once

#include <string>

#include "heloguard/session.h"

namespace heloguard {

// One line without its line feed. Pure.
[[nodiscard]] std::string CheckJson(const SessionReport& report);

}  // namespace heloguard
