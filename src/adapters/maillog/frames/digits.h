// Numbers in log lines.
#pragma once

#include <charconv>
#include <string_view>

namespace heloguard {

// The decimal number that `text` begins with; 0 if it begins with none, or with one too large.
template <class Number>
[[nodiscard]] Number LeadingNumber(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace heloguard
