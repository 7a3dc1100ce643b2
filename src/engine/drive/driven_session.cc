// Waits for gathers. Tests: tests/unit/app/replay/replay_dns_test.cc, tests/unit/audit/audit_checks_test.cc.
#include "engine/drive/driven_session.h"

namespace heloguard {

// The gather may finish after the wait, and rings even then.
void AwaitFinished(DnsGather* gather, Clock::TimePoint deadline, WaitableClock* clock) {
  const auto bell = std::make_shared<Doorbell>();
  gather->WhenFinished([bell] { bell->Ring(); });
  (void)bell->WaitUntil(clock, deadline);
}

}  // namespace heloguard
