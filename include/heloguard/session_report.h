// What is told of a session: everything about one judgement, for logs, metrics, `check` and what is written into
// messages.
//
// Thread rule: values and references; a report is valid during the call it is passed to.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "heloguard/judge/judgement.h"

namespace heloguard {

// What the MTA found out by itself, from its macros: logged beside our own findings, never judged. "" where it did not
// say. Hostile bytes.
struct MtaNotes {
  std::string client_name, client_ptr, client_resolve;  // {client_name}, {client_ptr}, {client_resolve}
  std::string protocol, helo;                           // r and s, which Sendmail has from MAIL on
  std::string queue_id;                                 // i: Sendmail from MAIL on, Postfix after the first recipient
};

// One judgement of a session, by the policy it was opened with.
struct SessionReport {
  std::string_view session;  // id, 16 characters [0-9a-z]
  const SessionInputs& inputs;
  const DnsAnswers& answers;  // those that were judged
  const Judgement& judgement;
  const std::optional<SmtpReply>& reply;  // what was, or in observe mode would have been, answered
  std::size_t asked;                      // questions put to the resolver for this session alone
  std::chrono::microseconds waited;       // for us, over the session so far
  std::chrono::microseconds dns_elapsed;  // from the first question to the last answer used
  std::string_view from, to;              // envelope, hostile bytes; "" if not said
  const MtaNotes& mta;
};

// What the candidate policy makes of a message that was told of, on the evidence there is when the next begins or the
// session ends.
struct CandidateReport {
  const SessionReport& active;
  const Judgement& candidate;
};

}  // namespace heloguard
