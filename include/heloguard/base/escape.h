// Untrusted bytes on their way out: log lines, replies, reports, error messages.
//
// Only printable ASCII without the backslash is shown as it is; every other octet becomes \xNN. Bytes of UTF-8 are no
// exception: look-alikes and right-to-left marks in a log are an attack of their own. Every untrusted byte that leaves
// the program passes through here, or through the JSON writer, which calls it.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace heloguard {

// `bytes` with octets outside printable ASCII, and backslashes, as \xNN. The result has at most `cap` octets; a cut
// falls between octets of the input and is marked by a final "...".
[[nodiscard]] std::string EscapeBytes(std::string_view bytes, std::size_t cap = 1024);

// The reverse of EscapeBytes, for input: \xNN becomes the octet, \\ a backslash. Anything else stays, so this never
// fails.
[[nodiscard]] std::string UnescapeBytes(std::string_view text);

// `text` in double quotes, in single ones if it has quotes or backslashes of its own, for error messages. Octets
// outside printable ASCII become \xNN, a backslash stays; about `cap` octets are shown, then "...".
[[nodiscard]] std::string Quoted(std::string_view text, std::size_t cap = 80);

}  // namespace heloguard
