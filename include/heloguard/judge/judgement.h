// What one policy makes of one session on what is known so far: the only path from inputs and answers to an outcome.
// The daemon, its candidate policy, `check`, `replay`, `audit` and `test` all come through here.
//
//   const Judgement judgement = Judge(policy, inputs, answers, {.at = Stage::kRcpt, .today = today});
//   judgement.outcome();                                         // accept, tempfail, reject
//   const auto reply = Refusal(judgement, {inputs, answers, id, help_url});  // refusal.h; nullopt: nothing is refused
//
// Whether a policy only observes is told (`mode`) and changes neither the outcome nor the reply: that is what it would
// do. Whoever answers a mail server looks at `mode`.
//
// Thread rule: pure functions over values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "heloguard/facts/build_facts.h"
#include "heloguard/judge/evaluate.h"
#include "heloguard/policy/policy.h"

namespace heloguard {

struct JudgeOptions {
  Stage at = Stage::kRcpt;          // rules of later stages cannot refuse yet
  std::chrono::sys_days today{};    // UTC
  bool resolver_ill = false;        // what DNS says may be our own fault (evaluate.h)
  FactSet extra_facts;              // computed beside those that the policy names
  std::string_view recipient = {};  // the envelope recipient, bare or in angle brackets; "": none, or not said yet
  // Nobody knows whether the client authenticated, as in a log that does not tell: what a policy would refuse to a
  // client that did not is withheld, if the policy exempts one that did.
  bool authentication_untold = false;
};

struct Judgement {
  const Policy* policy = nullptr;   // that judged; never null, owned by the caller
  Stage stage = Stage::kRcpt;       // JudgeOptions::at
  std::chrono::sys_days today{};    // JudgeOptions::today
  Facts facts;                      // those of the policy and the extra ones; the others are unknown
  RdnsEvidence rdns;
  Verdict verdict;                  // worked out for exempt sessions too
  // Why nothing is refused whatever the verdict: "", "authenticated", "recipient", "no-address".
  std::string_view exempt;
  Mode mode = Mode::kEnforce;       // how the policy stands for this client
  bool resolver_ill = false;        // rules that rest on DNS were not enforced
  bool withheld = false;            // refused, were it known that the client had not authenticated

  // The verdict's outcome; accept where the session is exempt or the refusal withheld.
  [[nodiscard]] Outcome outcome() const {
    return exempt.empty() && !withheld ? verdict.outcome : Outcome::kAccept;
  }
};

// `policy` outlives the judgement. `answers` may hold any part of what could be asked; what is missing is unknown.
[[nodiscard]] Judgement Judge(const Policy& policy, const SessionInputs& inputs, const DnsAnswers& answers,
                              const JudgeOptions& options);

// What decided, exempt or not: the rule's name, "score" for the thresholds, "" if nothing did. Valid as long as the policy.
[[nodiscard]] std::string_view DecidingRule(const Judgement& judgement);

// Why `policy` refuses nothing to a session, whoever the recipient is: "no-address", "authenticated"; "" if it may.
[[nodiscard]] std::string_view ExemptionOf(const Policy& policy, const SessionInputs& inputs);
// Whether `policy` refuses nothing to this recipient, whoever the client is. `to` may stand in angle brackets.
[[nodiscard]] bool IsExemptRecipient(const Policy& policy, std::string_view to);

}  // namespace heloguard
