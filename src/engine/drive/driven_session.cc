// Waits for sessions and gathers. Decides nothing. Tests: tests/scenario/session_test.cc,
// tests/scenario/pending_test.cc.
#include "engine/drive/driven_session.h"

namespace heloguard {

StageAnswer Complete(Session* session, Step step, Doorbell* bell, WaitableClock* clock) {
  while (step.pending()) {
    step = bell->WaitUntil(clock, *step.deadline) ? session->Resume() : session->Expire(*step.deadline);
  }
  return std::move(step.answer);
}

// The gather may finish after the wait, and rings even then.
void AwaitFinished(DnsGather* gather, Clock::TimePoint deadline, WaitableClock* clock) {
  const auto bell = std::make_shared<Doorbell>();
  gather->WhenFinished([bell] { bell->Ring(); });
  (void)bell->WaitUntil(clock, deadline);
}

}  // namespace heloguard
