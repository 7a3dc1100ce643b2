// Gives a Session the events of one SMTP session. Judges nothing itself. Thread rule: one thread a session.
// Tests: tests/unit/adapters/cases/cases_runner_test.cc.
#include "engine/rehearsal.h"

namespace heloguard {
namespace {

// True if the policy may refuse at `stage` and the session is refused there.
bool RefusedAt(Session* session, Stage stage, const Policy& policy) {
  return policy.first_stage <= stage && OutcomeOf(session->Judge(stage)) != Outcome::kAccept;
}

}  // namespace

SessionReport Rehearse(Session* session, const Rehearsal& rehearsal, const Policy& policy) {
  static_cast<void>(session->OnConnect(rehearsal.connect));
  for (std::size_t i = 0; i < rehearsal.helos.size(); ++i) {
    static_cast<void>(session->OnHelo(rehearsal.helos[i], rehearsal.tls && i >= rehearsal.helos_before_tls));
    if (RefusedAt(session, Stage::kHelo, policy)) return session->Judge(Stage::kHelo);
  }
  if (rehearsal.last <= Stage::kHelo) return session->Judge(Stage::kHelo);
  static_cast<void>(session->OnMail("", rehearsal.authenticated, rehearsal.tls));
  if (rehearsal.last == Stage::kMail || RefusedAt(session, Stage::kMail, policy)) return session->Judge(Stage::kMail);
  if (rehearsal.recipient) static_cast<void>(session->OnRcpt(*rehearsal.recipient));
  return session->Judge(Stage::kRcpt);
}

}  // namespace heloguard
