// Port numbers as text.
//
// Thread rule: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace heloguard {

// All of `text` as a port in decimal; nullopt for anything else and for 0, which is no port to connect to.
[[nodiscard]] std::optional<std::uint16_t> ParsePort(std::string_view text);

}  // namespace heloguard
