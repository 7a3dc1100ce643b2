// What can be told of a TOML text without parsing it: where its headers stand, and whether it nests too deep.
//
// toml++ builds, walks and destroys what it reads by recursion: a key of 50,000 dotted parts overflows the stack. So no
// text reaches it that nests deeper than kMaxNesting.
// Thread rule: pure function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "heloguard/base/result.h"

namespace heloguard {

// The depth of a value is the number of key parts, "[" of arrays and "{" of inline tables on the way from the top of
// the file to it; the parts of the [header] above it count. "a.b = [1]" below [x] is 4 deep.
inline constexpr std::size_t kMaxNesting = 128;

// A [header] or [[header]], which begins a line.
struct TomlHeader {
  std::string_view name;       // its first part; "" for one in quotes
  bool element = false;        // it is [[name]] and nothing more: a new element of the array `name`
  std::size_t line_begin = 0;  // of its line, in octets from the beginning of the text
  std::uint32_t line = 0;
};

struct TomlOutline {
  std::vector<TomlHeader> headers;
  // The key part or the bracket that is the first beyond the limit, in lines and columns as toml++ counts them (columns
  // in code points), `file` left empty. What follows it was not looked at.
  std::optional<SourcePosition> too_deep;
};

// Exact for a text that is TOML. In one that is not, it is exact up to the error at which toml++ stops. The headers
// view `text`.
[[nodiscard]] TomlOutline OutlineOf(std::string_view text, std::size_t limit = kMaxNesting);

}  // namespace heloguard
