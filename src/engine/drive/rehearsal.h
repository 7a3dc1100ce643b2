// A whole SMTP session told in advance, for `check`, `test` and batches: the same events the daemon gives a Session.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/drive/driven_session.h"
#include "heloguard/session.h"

namespace heloguard {

struct Rehearsal {
  ConnectInfo connect;
  std::vector<std::string> helos;    // hostile bytes, in the order said; empty: none
  std::size_t helos_before_tls = 0;  // of a session with TLS: how many of them went in the clear
  bool tls = false;
  bool authenticated = false;
  std::optional<std::string> recipient;
  Stage last = Stage::kRcpt;  // helo, mail or rcpt: how far the session goes
};

// Walks a new session through its stages and stops where it is refused, or would be if the policy did not observe. The
// report is of that stage, or of `last`; a recipient's exemption shows in what the session tells its sink, not here.
// Valid until the session's next call.
[[nodiscard]] SessionReport Rehearse(DrivenSession* session, const Rehearsal& rehearsal, const Policy& policy);

}  // namespace heloguard
