// Text as the most lenient reader of a header field sees it. Private to core/judge.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace heloguard {

// `text` with encoded words (RFC 2047) and percent-encodings decoded, once each and whatever the charset. What is not
// encoded stays as it is.
[[nodiscard]] std::string DecodeEncodings(std::string_view text);

// `text` in lower case without what a reader may pass over: blanks, controls and invisible characters of Unicode,
// octets that are no UTF-8, quotes and backslashes. Full-width characters and the dots of other scripts become ASCII;
// all else is UTF-8.
[[nodiscard]] std::string FoldLoosely(std::string_view text);

}  // namespace heloguard
