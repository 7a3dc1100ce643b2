// What the client of a refused session reads.
//
// Thread rule: pure.
#pragma once

#include <optional>
#include <string>

#include "heloguard/judge/evaluate.h"
#include "heloguard/policy/smtp_reply.h"

namespace heloguard {

struct RefusedSession {
  const Policy& policy;
  const Verdict& verdict;
  const FactContext& facts;
  const std::string& id;
  const std::string& help_url;
};

// REQUIRES: the verdict is not accept.
[[nodiscard]] SmtpReply ReplyTo(const RefusedSession& session);

}  // namespace heloguard
