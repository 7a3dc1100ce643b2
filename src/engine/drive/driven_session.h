// How one thread drives a session or a gather, and waits for it on a clock: the system's, or one that a test moves.
//
// Thread rule: one thread drives; announcements come from any.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/dns_gather.h"
#include "heloguard/session.h"
#include "os/doorbell.h"

namespace heloguard {

// Carries an event that came to `step` to its end, waiting on `clock`. `events` is the session, or what speaks for one in
// the same way (Resume, Expire); its announcement rings `bell`.
template <class Events>
StageAnswer Complete(Events* events, Step step, Doorbell* bell, WaitableClock* clock) {
  while (step.pending()) {
    step = bell->WaitUntil(clock, *step.deadline) ? events->Resume() : events->Expire(*step.deadline);
  }
  return std::move(step.answer);
}

// A session that one thread drives, waiting for each event: the same events, with their answers.
class DrivenSession {
 public:
  // REQUIRES: as Session; `clock` is the one of `services`, and outlives this.
  DrivenSession(std::string id, std::shared_ptr<const Policy> policy, const Services& services,
                const SessionOptions& options, WaitableClock* clock)
      : clock_(clock), session_(std::move(id), std::move(policy), services, options, [this] { bell_.Ring(); }) {}

  void Note(MtaNotes notes) { session_.Note(std::move(notes)); }
  StageAnswer OnConnect(const ConnectInfo& info) { return Finish(session_.OnConnect(info)); }
  StageAnswer OnHelo(std::string_view text, bool tls) { return Finish(session_.OnHelo(text, tls)); }
  StageAnswer OnMail(std::string_view from, bool authenticated, bool tls) {
    return Finish(session_.OnMail(from, authenticated, tls));
  }
  StageAnswer OnRcpt(std::string_view to) { return Finish(session_.OnRcpt(to)); }
  void OnClose() { session_.OnClose(); }
  // The reports are valid until the next call.
  SessionReport OnMessage() {
    Finish(session_.OnMessage());
    return session_.Report();
  }
  SessionReport Judge(Stage stage) {
    Finish(session_.Judge(stage));
    return session_.Report();
  }

  [[nodiscard]] Session& session() { return session_; }

 private:
  StageAnswer Finish(Step step) { return Complete(&session_, std::move(step), &bell_, clock_); }

  WaitableClock* const clock_;
  Doorbell bell_;
  Session session_;
};

// Waits on `clock` until the gather has all its answers, or `deadline`.
void AwaitFinished(DnsGather* gather, Clock::TimePoint deadline, WaitableClock* clock);

}  // namespace heloguard
