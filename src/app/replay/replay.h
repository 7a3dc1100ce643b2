// The run of a replay: sessions out of the log to the judge, its judgements to the tally; with DNS, many at once.
#pragma once

#include <deque>
#include <memory>

#include "app/replay/replay_dns.h"
#include "replay/replay_judge.h"
#include "replay/replay_tally.h"

namespace heloguard {

// Thread rule: one thread.
class Replayer {
 public:
  // `dns` null: none. All outlive this.
  Replayer(ReplayJudge* judge, ReplayTally* tally, ReplayDns* dns);
  void Take(const LoggedSession& session);
  // Waits for what is under way.
  void Finish();

 private:
  struct Waiting {
    LoggedSession session;
    std::shared_ptr<DnsGather> gather;
  };
  void TakeLive(const LoggedSession& session);
  void JudgeFirst();
  void Count(const LoggedSession& session, const std::shared_ptr<const ReplayJudgement>& judgement,
             const DnsAnswers* answers);

  ReplayJudge* judge_;
  ReplayTally* tally_;
  ReplayDns* dns_;
  std::deque<Waiting> waiting_;
};

}  // namespace heloguard
