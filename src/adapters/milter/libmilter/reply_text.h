// The text of a reply in the form smfi_setreply takes.
#pragma once

#include <string>
#include <string_view>

namespace heloguard {

inline constexpr std::size_t kMaxMilterReplyText = 980;  // libmilter refuses a longer one

// `text` with every percent sign doubled (the MTA undoubles them; a single one voids the whole text), cut to
// kMaxMilterReplyText, never in the middle of a pair. Pure.
[[nodiscard]] std::string MilterReplyText(std::string_view text);

}  // namespace heloguard
