// What the client of a refused session reads.
//
// The words are those of the rule that decided, or of the thresholds, or of the line of a Postfix table; where none
// were written, a default reply says which thing is wrong, and what DNS has to be told to put it right.
//
// Thread rule: pure.
#pragma once

#include <optional>
#include <string_view>

#include "heloguard/judge/judgement.h"

namespace heloguard {

// What goes into the words beside the judgement itself.
struct RefusalContext {
  const SessionInputs& inputs;
  const DnsAnswers& answers;  // those that were judged
  std::string_view session;   // id, 16 characters [0-9a-z]
  std::string_view help_url;  // "": none
};

// The reply to what is refused, or would be if the policy did not observe; nullopt where the outcome is accept.
[[nodiscard]] std::optional<SmtpReply> Refusal(const Judgement& judgement, const RefusalContext& context);

}  // namespace heloguard
