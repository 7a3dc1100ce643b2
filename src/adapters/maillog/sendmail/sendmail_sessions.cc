// Which session a line of Sendmail's belongs to, and what it adds to it. The grammar is in sendmail_line.cc.
// Tests: tests/unit/adapters/maillog/session_joiner_test.cc, tests/integration/replay_test.py.
#include "adapters/maillog/sendmail/sendmail_sessions.h"

#include <algorithm>

#include "adapters/maillog/sendmail/sendmail_line.h"

namespace heloguard {
namespace {

// A process serves one client, but its number comes back.
bool IsAnother(const SendmailLine& parsed, const MtaSession& session) {
  if (parsed.event == SendmailEvent::kConnect) return true;
  if (parsed.address.empty() || !session.begun) return false;
  const auto address = IpAddress::Parse(parsed.address.substr(0, parsed.address.find('%')));
  return address && address->Unmapped() != session.said.client;
}

// The protocol's letters: S for TLS, A for an authenticated client (RFC 3848).
void TakeMessage(const SendmailLine& parsed, MtaSession* session) {
  LoggedSession& said = session->said;
  session->let_in |= parsed.recipients > 0;
  if (!parsed.proto.starts_with("ESMTP") && parsed.proto != "SMTP") return;
  const std::string_view letters = parsed.proto.substr(std::min<std::size_t>(5, parsed.proto.size()));
  said.tls = letters.find('S') != std::string_view::npos;
  if (letters.find('A') != std::string_view::npos) said.authenticated = true;
}

}  // namespace

void TakeSendmail(const SyslogLine& line, std::uint64_t host, MtaSessions* sessions) {
  const SendmailLine parsed = ParseSendmailLine(line.message);
  if (parsed.event == SendmailEvent::kNone) return;
  const SessionAt at{SessionHash({}, host + line.pid), host, line.time};
  MtaSession* session = sessions->Find(at.key);
  if (session == nullptr || IsAnother(parsed, *session)) session = sessions->Begin(at);
  sessions->Touch(at);
  session->said.source = LogSource::kSendmail;
  // Those who have done so have a line from LogLevel 9 on.
  session->said.authenticated = session->said.authenticated.value_or(false);
  if (!parsed.address.empty()) {
    session->SetClient(parsed.name, parsed.address);
    // Sendmail calls forged, too, what it could not look up, which may pass.
    if (parsed.forged) session->said.rdns.status.reset();
  }
  if (session->said.from.empty()) session->said.from = Kept(parsed.from);
  if (session->said.to.empty()) session->said.to = Kept(parsed.to);
  if (parsed.event == SendmailEvent::kMessage) TakeMessage(parsed, session);
  if (parsed.event == SendmailEvent::kAuthenticated) session->said.authenticated = true;
  if (parsed.helo) session = sessions->WithHelo({*parsed.helo, {}}, at, session);
  if (parsed.event == SendmailEvent::kRefusal) {
    session->replaceable_refusal |= parsed.by_milter && parsed.about_client;
    session->Refuse(parsed.code, parsed.about_client ? RefusalScope::kClient : RefusalScope::kMessage);
  }
}

}  // namespace heloguard
