// The syntax that replies and their templates share: printable text, lines, enhanced status codes. Private to core.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/result.h"

namespace heloguard {

// True if `text` has digits only, one at least.
[[nodiscard]] bool AllDigits(std::string_view text);

// True if `text` is printable ASCII and LF.
[[nodiscard]] bool IsReplyText(std::string_view text);

// The lines of `text` without blanks at their ends; empty ones are left out.
[[nodiscard]] std::vector<std::string> ReplyLines(std::string_view text);

// Three numbers joined by dots, whatever their size: what a reader would take for an enhanced status code.
[[nodiscard]] bool LooksEnhanced(std::string_view word);

// A valid enhanced status code of any class (RFC 3463 section 2): class "." subject "." detail, subject and detail of
// one to three digits without leading zeros.
[[nodiscard]] bool IsEnhanced(std::string_view word);

// How many octets of text a line has room for behind "550 " and the enhanced code ("": none).
[[nodiscard]] std::size_t MaxLineText(std::string_view enhanced);

// The error of a reply that cannot be sent, without a position.
[[nodiscard]] Error BadReply(std::string message);

}  // namespace heloguard
