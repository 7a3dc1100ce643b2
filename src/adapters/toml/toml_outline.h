// How deep a TOML text nests, found without parsing it.
//
// toml++ builds, walks and destroys what it reads by recursion: a key of 50,000 dotted parts overflows the stack. So no
// text reaches it that nests deeper than kMaxNesting.
// Thread rule: pure function.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "heloguard/base/result.h"

namespace heloguard {

// The depth of a value is the number of key parts, "[" of arrays and "{" of inline tables on the way from the top of
// the file to it; the parts of the [header] above it count. "a.b = [1]" below [x] is 4 deep.
inline constexpr std::size_t kMaxNesting = 128;

// Where `text` first nests deeper than `limit`: the key part or the bracket, in lines and columns as toml++ counts them
// (columns in code points), `file` left empty; nullopt: nowhere. Exact for a text that is TOML. In one that is not, it
// finds all that toml++ would build before it stops at the error.
[[nodiscard]] std::optional<SourcePosition> FindDeepNesting(std::string_view text, std::size_t limit = kMaxNesting);

}  // namespace heloguard
