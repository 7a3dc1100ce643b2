// Which session a line of Postfix's belongs to, and what it adds to it. The grammar is in postfix_line.cc, what lines
// add up to in mta_session.cc. Tests: tests/unit/adapters/maillog/session_joiner_test.cc,
// tests/integration/replay_test.py.
#include "adapters/maillog/postfix/postfix_sessions.h"

#include <algorithm>
#include <array>

namespace heloguard {
namespace {

struct ServicePort {
  std::string_view word;
  std::uint16_t port;
  bool tls;  // from the first octet on
};
// The names Debian's and Postfix's own master.cf give services. The plain smtpd may listen anywhere.
constexpr std::array<ServicePort, 3> kServices{
    {{"submission/", 587, false}, {"submissions/", 465, true}, {"smtps/", 465, true}}};

void ReadService(std::string_view program, LoggedSession* said) {
  for (const ServicePort& service : kServices) {
    const std::size_t at = program.find(service.word);
    if (at == std::string_view::npos || (at > 0 && program[at - 1] != '/')) continue;
    said->port = service.port;
    if (service.tls) said->tls = true;
  }
}

struct Blame {
  std::string_view words;
  bool replaceable;
};
// In Postfix's words: what was refused is the client, at whatever stage.
constexpr std::array<Blame, 4> kOfClient{{{"Helo command rejected", true},
                                          {"Client host rejected", false},
                                          {"blocked using", false},
                                          {"Service unavailable; client", false}}};
constexpr std::array<std::string_view, 7> kStagesOfClient{"CONNECT", "HELO",     "EHLO", "MAIL",
                                                          "RCPT",    "STARTTLS", "AUTH"};
// How the stages begin at which a message is refused whose recipients were accepted; the last three are cleanup's.
constexpr std::array<std::string_view, 6> kStagesOfMessage{"DATA",   "BDAT", "END-OF-MESSAGE",
                                                           "header", "body", "mime-error"};

void ApplyRefusal(const PostfixLine& line, MtaSession* session) {
  const bool milter = line.action == "milter-reject";
  if (!milter && line.action != "reject" && line.action != "proxy-reject") return;
  RefusalScope scope = line.where == "CONNECT" ? RefusalScope::kClient : RefusalScope::kMessage;
  if (milter) {
    if (std::ranges::find(kStagesOfClient, line.where) != kStagesOfClient.end()) {
      scope = RefusalScope::kClient;
      session->replaceable_refusal = true;
    }
  } else {
    for (const Blame& blame : kOfClient) {
      if (line.text.find(blame.words) == std::string_view::npos) continue;
      scope = RefusalScope::kClient;
      session->replaceable_refusal |= blame.replaceable;
    }
  }
  if (std::ranges::any_of(kStagesOfMessage, [&](std::string_view s) { return line.where.starts_with(s); })) {
    session->pending = false;
  }
  session->Refuse(line.code, scope);
  // Postfix defers, whatever it is told to answer, where a failure of reverse DNS may pass.
  const bool permanent =
      line.code >= 500 && line.text.find("cannot find your reverse hostname") != std::string_view::npos;
  if (permanent && !session->said.rdns.name) session->said.rdns.status = RdnsStatus::kPermerror;
}

// Whether a message was accepted. With BDAT the chunks are counted: where one was refused, it may have been the last.
void ApplyDataCounts(const PostfixLine& line, MtaSession* session) {
  if (line.datas.all + line.bdats.all == 0) {
    session->let_in = line.recipients.good > 0;
  } else if (line.datas.good > 0) {
    session->let_in = true;
  } else if (line.bdats.good < line.bdats.all) {
    session->let_in &= line.bdats.good > 0;
  } else {
    session->let_in = line.bdats.good > 0;
  }
  session->pending = false;
  session->lost = line.recipients.good > 0 && !session->let_in;
}

void ApplyCounts(const PostfixLine& line, MtaSession* session) {
  if (!line.counted) return;
  ApplyDataCounts(line, session);
  LoggedSession& said = session->said;
  session->forwarded |= line.xforwards.good > 0;
  said.authenticated = said.authenticated.value_or(false) || line.auths.good > 0;
  const bool wrapped = said.tls.value_or(false);
  said.tls = wrapped || line.starttls.good > 0;
  // The HELO before STARTTLS counts for nothing (RFC 3207 section 4.2).
  const unsigned counted = line.helos.all - std::min(line.helos.all, line.starttls.good > 0 ? 1U : 0U);
  if (counted <= 1) said.helo_changed = false;
}

}  // namespace

void PostfixSessions::Take(PostfixService service, const SyslogLine& line, std::uint64_t host) {
  switch (service) {
    case PostfixService::kSmtpd:
      return TakeSmtpd(line, {SessionHash({}, host + line.pid), host, line.time});
    case PostfixService::kPostscreen:
      return TakePostscreen(line, host);
    case PostfixService::kCleanup:
      return TakeCleanup(line, host);
  }
}

void PostfixSessions::TakeSmtpd(const SyslogLine& line, const SessionAt& at) {
  const PostfixLine parsed = ParseSmtpdLine(line.message);
  if (parsed.event == PostfixEvent::kNone) return;
  MtaSession* session = sessions_->Find(at.key);
  // smtpd serves one client after the other, and warns of the next one's reverse DNS before it connects.
  const bool opens = parsed.event == PostfixEvent::kConnect || parsed.event == PostfixEvent::kHostname;
  if (session == nullptr || (opens && (session->begun || session->without_address))) {
    session = sessions_->Begin(at);
    ReadService(line.program, &session->said);
  }
  sessions_->Touch(at);
  if (parsed.event == PostfixEvent::kHostname) {
    session->warned_address = Kept(parsed.address);
    session->warned = {DomainName::FromText(parsed.name), parsed.rdns_status};
    return;
  }
  session->SetClient(parsed.name, parsed.address);
  switch (parsed.event) {
    case PostfixEvent::kDisconnect:
      ApplyCounts(parsed, session);
      sessions_->Finish(at.key);
      break;
    case PostfixEvent::kClient:
      TakeClient(parsed, at, session);
      break;
    case PostfixEvent::kAction:
      TakeAction(parsed, at, session);
      break;
    case PostfixEvent::kEncrypted:
      session->said.tls = true;
      break;
    case PostfixEvent::kNone:
    case PostfixEvent::kConnect:
    case PostfixEvent::kHostname:
    case PostfixEvent::kPassed:
    case PostfixEvent::kPregreet:
      break;
  }
}

// A first recipient of a message is accepted. Nothing was said against the message before.
void PostfixSessions::TakeClient(const PostfixLine& parsed, const SessionAt& at, MtaSession* session) {
  session->let_in |= session->pending;
  session->pending = true;
  session->forwarded |= parsed.forwarded;
  session->said.authenticated = session->said.authenticated.value_or(false) || parsed.sasl;
  sessions_->SetQueue(parsed.queue, at, session);
}

void PostfixSessions::TakeAction(const PostfixLine& parsed, const SessionAt& at, MtaSession* session) {
  if (parsed.helo) session = sessions_->WithHelo({*parsed.helo, parsed.helo_unless_sasl}, at, session);
  session->answered = true;
  LoggedSession& said = session->said;
  const bool had_time_for_helo = parsed.where != "CONNECT";
  if (parsed.says_helo && had_time_for_helo && !parsed.helo && !parsed.helo_cut &&
      said.helo_known == HeloKnowledge::kNotLogged) {
    said.helo_known = HeloKnowledge::kNone;
  }
  if (said.from.empty()) said.from = Kept(parsed.from);
  if (said.to.empty()) said.to = Kept(parsed.to);
  ApplyRefusal(parsed, session);
}

void PostfixSessions::TakeCleanup(const SyslogLine& line, std::uint64_t host) {
  PostfixLine parsed = ParseCleanupLine(line.message);
  if (parsed.event != PostfixEvent::kAction) return;
  const std::uint64_t* sender = sessions_->Sender(parsed.queue, host);
  if (sender == nullptr) return;
  const SessionAt at{*sender, host, line.time};
  MtaSession* session = sessions_->Find(at.key);
  sessions_->Touch(at);
  // smtpd's lines tell when the client has said another one.
  if (session->said.helo_known != HeloKnowledge::kNotLogged) parsed.helo.reset();
  TakeAction(parsed, at, session);
}

void PostfixSessions::TakePostscreen(const SyslogLine& line, std::uint64_t host) {
  const PostfixLine parsed = ParsePostscreenLine(line.message);
  if (parsed.event == PostfixEvent::kNone || parsed.port.empty()) return;
  const SessionAt at{SessionHash(parsed.address, SessionHash(parsed.port, host)), host, line.time};
  MtaSession* session = sessions_->Find(at.key);
  if (parsed.event == PostfixEvent::kPassed) {
    // smtpd's lines tell the rest, unless postscreen has had to answer the client to look into it.
    if (session != nullptr && !session->answered) sessions_->Forget(at.key);
    return;
  }
  if (session == nullptr && parsed.event == PostfixEvent::kDisconnect) return;
  if (session == nullptr) session = sessions_->Begin(at);
  sessions_->Touch(at);
  session->said.source = LogSource::kPostscreen;
  session->said.authenticated = false;  // it has no AUTH
  session->SetClient("", parsed.address);
  if (parsed.event == PostfixEvent::kAction) TakeAction(parsed, at, session);
  if (parsed.event == PostfixEvent::kPregreet && parsed.helo) sessions_->WithHelo({*parsed.helo, {}}, at, session);
  if (parsed.event == PostfixEvent::kDisconnect) sessions_->Finish(at.key);
}

}  // namespace heloguard
