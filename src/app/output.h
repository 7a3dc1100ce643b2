// Standard output, with its failures.
#pragma once

#include <string_view>

namespace heloguard {

// Writes and flushes. 0, or the exit status of a full disk or a closed pipe, which is then reported.
[[nodiscard]] int PrintOut(std::string_view text);

}  // namespace heloguard
