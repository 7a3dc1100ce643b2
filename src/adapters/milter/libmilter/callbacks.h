// The libmilter callbacks of heloguard.
#pragma once

#include "libmilter/mfapi.h"

namespace heloguard {

// The description to register. The callbacks serve Connections::Running(), which has to be there before the first
// connection.
[[nodiscard]] smfiDesc MilterDescription();

}  // namespace heloguard
