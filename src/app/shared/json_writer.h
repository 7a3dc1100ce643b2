// JSON on one line with its keys in the order written. Strings put in are escaped or ASCII by construction; whatever
// is no UTF-8 all the same (a file name) is replaced, not refused.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace heloguard {

using Json = nlohmann::ordered_json;

// Without a line feed; octets outside ASCII as \u escapes.
[[nodiscard]] inline std::string ToLine(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace heloguard
