// Gives a Session the events of one SMTP session. Judges nothing itself. Thread rule: one thread a session.
// Tests: tests/unit/adapters/cases/cases_runner_test.cc.
#include "engine/drive/rehearsal.h"

namespace heloguard {
namespace {

// True if the policy may refuse at `stage` and the session is refused there.
bool RefusedAt(DrivenSession* session, Stage stage, const Policy& policy) {
  return policy.first_stage <= stage && session->Judge(stage).judgement.outcome() != Outcome::kAccept;
}

}  // namespace

SessionReport Rehearse(DrivenSession* session, const Rehearsal& rehearsal, const Policy& policy) {
  session->OnConnect(rehearsal.connect);
  for (std::size_t i = 0; i < rehearsal.helos.size(); ++i) {
    session->OnHelo(rehearsal.helos[i], rehearsal.tls && i >= rehearsal.helos_before_tls);
    if (RefusedAt(session, Stage::kHelo, policy)) return session->Judge(Stage::kHelo);
  }
  if (rehearsal.last <= Stage::kHelo) return session->Judge(Stage::kHelo);
  session->OnMail("", rehearsal.authenticated, rehearsal.tls);
  if (rehearsal.last == Stage::kMail || RefusedAt(session, Stage::kMail, policy)) return session->Judge(Stage::kMail);
  if (rehearsal.recipient) session->OnRcpt(*rehearsal.recipient);
  return session->Judge(Stage::kRcpt);
}

}  // namespace heloguard
