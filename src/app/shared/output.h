// Standard output, with its failures, and whether it shows colours.
#pragma once

#include <string_view>

#include "app/shared/text.h"

namespace heloguard {

// Writes and flushes. 0, or the exit status of a full disk or a closed pipe, which is then reported.
[[nodiscard]] int PrintOut(std::string_view text);

// Only on a terminal that is not "dumb", and not with NO_COLOR (no-color.org).
[[nodiscard]] Colour ColourOfTerminal();

}  // namespace heloguard
