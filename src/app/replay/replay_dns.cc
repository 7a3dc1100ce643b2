// Paces lookups: a client is begun only when the questions asked so far fit the rate, so that over a second or two it
// holds. Judges nothing. Tests: tests/unit/app/replay/replay_dns_test.cc, tests/cli/replay_test.py.
#include "app/replay/replay_dns.h"

#include <algorithm>

#include "engine/drive/driven_session.h"
#include "heloguard/facts/helo.h"
#include "os/doorbell.h"

namespace heloguard {
namespace {

// What a pause saves up at most: questions not asked in the last second.
constexpr std::chrono::seconds kCredit{1};

}  // namespace

ReplayDns::ReplayDns(Resolver* resolver, WaitableClock* clock, const Limits& limits)
    : counted_(resolver), clock_(clock), limits_(limits), due_(clock->Now()) {}

// The questions of a client come as its answers do; they are charged to whoever begins next.
void ReplayDns::AwaitTurn() {
  const std::uint64_t asked = counted_.asked.load();
  const std::chrono::duration<double> cost(static_cast<double>(asked - charged_) / limits_.questions_a_second);
  charged_ = asked;
  due_ = std::max(due_, clock_->Now() - kCredit) + std::chrono::duration_cast<Clock::TimePoint::duration>(cost);
  Doorbell nobody;
  (void)nobody.WaitUntil(clock_, due_);
}

std::shared_ptr<DnsGather> ReplayDns::Start(const LoggedSession& session, LookupSet wanted) {
  AwaitTurn();
  DnsGather::Plan plan;
  plan.wanted = wanted;
  plan.inputs.client = session.client;
  if (session.helo_known == HeloKnowledge::kSaid) plan.inputs.helo = ParseHelo(session.helo).domain;
  plan.limits = limits_.lookups;
  auto gather = DnsGather::Create(plan, {{&counted_}}, *clock_);
  gather->Begin(nullptr);
  return gather;
}

DnsAnswers ReplayDns::Finish(DnsGather* gather) const {
  AwaitFinished(gather, gather->created() + limits_.deadline, clock_);
  return gather->Answers(limits_.deadline);
}

}  // namespace heloguard
