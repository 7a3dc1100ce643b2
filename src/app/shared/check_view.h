// What the text and the JSON form of a judgement share.
#pragma once

#include <optional>
#include <string>

#include "heloguard/dns/spf.h"
#include "heloguard/session.h"

namespace heloguard {

// What decided.
struct Decision {
  Outcome outcome = Outcome::kAccept;
  std::optional<std::string> rule;    // escaped; nullopt: none
  std::optional<std::string> action;  // of that rule, or "score"; nullopt: nothing decided
};
[[nodiscard]] Decision DecisionOf(const SessionReport& report);

// What the candidate policy beside the judged one would do, at RCPT; nullopt: there is none.
[[nodiscard]] std::optional<Decision> CandidateDecision(const SessionReport& report);

// How spf.helo came about; nullopt if it has no value.
[[nodiscard]] std::optional<SpfEvaluation> SpfOf(const SessionReport& report);

// A HELO text, escaped, never cut: it was cut to kMaxHeloBytes when it was parsed.
[[nodiscard]] std::string EscapedHelo(std::string_view bytes);

}  // namespace heloguard
