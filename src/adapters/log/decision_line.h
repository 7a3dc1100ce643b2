// Text that goes to a log, made safe. Pure.
#pragma once

#include <string>
#include <string_view>

namespace heloguard {

// `text` with octets outside printable ASCII as \xNN, at most 4,096 octets. Backslashes stay: the caller has escaped
// what is untrusted already, this only makes sure that a line stays one line.
[[nodiscard]] std::string OneLine(std::string_view text);

// `text` of printable ASCII as a JSON string, quotes included.
[[nodiscard]] std::string JsonString(std::string_view text);

}  // namespace heloguard
