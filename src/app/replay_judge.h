// Judges sessions out of a log by the very functions the daemon uses, on what the log tells and perhaps on DNS.
//
// What a log does not tell is unknown, and never makes a refusal. Thread rule: one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "heloguard/evaluate.h"
#include "heloguard/session.h"
#include "logged_session.h"

namespace heloguard {

// What a policy makes of one session.
struct ReplayVerdict {
  Outcome outcome = Outcome::kAccept;  // what would be answered, in an observe policy as if it were enforced
  std::optional<std::size_t> rule;     // index of the rule that decided
  bool by_score = false;
  double score = 0;
  Mode mode = Mode::kEnforce;        // whether the policy acts on this client
  bool settled = true;               // nothing unknown could change the outcome
  Outcome worst = Outcome::kAccept;  // with everything unknown against the client
  FactSet unknown;
  std::vector<std::size_t> held;  // the rules that are true, whatever their mode
};

struct ReplayJudgement {
  ReplayVerdict verdict;
  std::optional<ReplayVerdict> against;  // the old policy's, where two are compared
  std::optional<std::string> rdns;       // the name to show, escaped
  std::optional<RdnsStatus> rdns_status;
};

// True if the log says enough to judge: the HELO, or as much as settles the outcome without it.
[[nodiscard]] bool IsJudged(const LoggedSession& session, const ReplayJudgement& judgement);

class ReplayJudge {
 public:
  struct Policies {
    std::shared_ptr<const Policy> policy, against;  // against null: none
  };
  // `own` is who we are: for helo.traits "ours".
  ReplayJudge(Policies policies, std::shared_ptr<const OwnIdentity> own, std::chrono::sys_days today);

  // What was judged before is remembered. `answers` null: no DNS, and reverse DNS is what the log says.
  [[nodiscard]] std::shared_ptr<const ReplayJudgement> Judge(const LoggedSession& session, const DnsAnswers* answers);
  // The remembered judgement, nullptr if there is none.
  [[nodiscard]] std::shared_ptr<const ReplayJudgement> Find(const LoggedSession& session) const;
  // What the client would read; nullopt where nothing is refused, or the words hang on what the log does not tell.
  [[nodiscard]] std::optional<std::string> ReplyOf(const LoggedSession& session, const ReplayJudgement& judgement,
                                                   const DnsAnswers* answers) const;

  [[nodiscard]] const Policies& policies() const { return policies_; }
  // What both policies look up.
  [[nodiscard]] LookupSet Lookups() const;

 private:
  [[nodiscard]] ReplayJudgement JudgeAnew(const LoggedSession& session, const DnsAnswers* answers) const;

  const Policies policies_;
  const std::shared_ptr<const OwnIdentity> own_;
  const std::chrono::sys_days today_;
  std::unordered_map<std::string, std::shared_ptr<const ReplayJudgement>> known_;
};

}  // namespace heloguard
