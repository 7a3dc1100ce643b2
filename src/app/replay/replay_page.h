// The report of a replay as one HTML page that needs nothing beside itself: no network, no other file, no server.
//
// Thread rule: pure functions.
#pragma once

#include <string>

#include "app/shared/json_writer.h"

namespace heloguard {

// The page for the object that --format json prints. Keys that are missing count as zero or empty.
[[nodiscard]] std::string ReplayPage(const Json& report);

}  // namespace heloguard
