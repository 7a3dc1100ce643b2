// Reads ports. Tests: tests/unit/core/base/port_test.cc.
#include "heloguard/base/port.h"

#include <charconv>
#include <system_error>

namespace heloguard {

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace heloguard
