// The parts of the replay page that are there without its script: what was replayed, and the totals.
//
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "app/shared/json_writer.h"

namespace heloguard {

// As text of an element or as a quoted attribute's value.
[[nodiscard]] std::string EscapeHtml(std::string_view text);

[[nodiscard]] std::string ReplayTitle(const Json& report);  // plain text
// Whose answers the log has, as plain text: "the mail server" or "heloguard".
[[nodiscard]] std::string_view ReplayDoer(const Json& report);
[[nodiscard]] std::string ReplayMeta(const Json& report);     // HTML: policy, period, log, version
[[nodiscard]] std::string ReplaySummary(const Json& report);  // HTML: the answer in one sentence, then the totals
[[nodiscard]] std::string ReplayCross(const Json& report);    // HTML: the MTA's answers against the policy's
[[nodiscard]] std::string ReplayRules(const Json& report);    // HTML: rows of rules, for readers without the script

}  // namespace heloguard
