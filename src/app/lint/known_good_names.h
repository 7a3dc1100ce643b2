// Host names in the manner of large senders (policies/lists/known-good.txt), which no policy should refuse.
#pragma once

#include <string>
#include <vector>

namespace heloguard {

[[nodiscard]] std::vector<std::string> KnownGoodNames();

}  // namespace heloguard
