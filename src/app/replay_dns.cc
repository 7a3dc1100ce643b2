// Paces lookups: a client is begun only when the questions asked so far fit the rate, so that over a second or two it
// holds. Judges nothing. Tests: tests/cli/replay_test.py.
#include "replay_dns.h"

#include <thread>

#include "heloguard/helo.h"

namespace heloguard {

ReplayDns::ReplayDns(Resolver* resolver, Clock* clock, const Limits& limits)
    : counted_(resolver), clock_(clock), limits_(limits), begun_(clock->Now()) {}

std::shared_ptr<DnsGather> ReplayDns::Start(const LoggedSession& session, LookupSet wanted) {
  const auto due = begun_ + std::chrono::duration_cast<Clock::TimePoint::duration>(std::chrono::duration<double>(
                                static_cast<double>(counted_.asked.load()) / limits_.questions_a_second));
  std::this_thread::sleep_until(due);
  DnsGather::Plan plan;
  plan.wanted = wanted;
  plan.inputs.client = session.client;
  if (session.helo_known == HeloKnowledge::kSaid) plan.inputs.helo = ParseHelo(session.helo).domain;
  plan.limits = limits_.lookups;
  auto gather = DnsGather::Create(plan, &counted_, *clock_);
  gather->Begin(nullptr);
  return gather;
}

DnsAnswers ReplayDns::Finish(DnsGather* gather) const {
  gather->Wait(*clock_, gather->created() + limits_.deadline);
  return gather->Answers(limits_.deadline);
}

}  // namespace heloguard
