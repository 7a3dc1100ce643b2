// Judges sessions out of a log by the very functions the daemon uses, on what the log tells and perhaps on DNS.
//
// What a log does not tell is unknown, and never makes a refusal; only that mail may go to exempt recipients alone is
// not thought of where the log does not say so. Thread rule: one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "heloguard/judge/judgement.h"
#include "heloguard/logged_session.h"

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
  bool withheld = false;             // it would refuse, were it known that the client had not authenticated
  FactSet unknown;
  std::vector<std::size_t> held;  // the rules that are true, whatever their mode
};

struct ReplayJudgement {
  ReplayVerdict verdict;
  std::optional<ReplayVerdict> against;  // what the old policy does, where two are compared: nothing, if it observes
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
  // Octets of judgements remembered, about; with that many all are forgotten.
  static constexpr std::size_t kMaxOctets = std::size_t{64} << 20U;

  // `own` is who we are: for helo.traits "ours".
  ReplayJudge(Policies policies, std::shared_ptr<const OwnIdentity> own, std::chrono::sys_days today,
              std::size_t max_octets = kMaxOctets);

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
  [[nodiscard]] Judgement JudgedBy(const Policy& policy, const LoggedSession& session, const SessionInputs& inputs,
                                   const DnsAnswers& answers) const;
  [[nodiscard]] bool MayBeAuthenticated(const Policy& policy, const LoggedSession& session) const;

  const Policies policies_;
  const std::shared_ptr<const OwnIdentity> own_;
  const std::chrono::sys_days today_;
  const std::size_t max_octets_;
  std::size_t octets_ = 0;  // of known_
  std::unordered_map<std::string, std::shared_ptr<const ReplayJudgement>> known_;
};

}  // namespace heloguard
