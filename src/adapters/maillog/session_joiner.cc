// Which line belongs to which session, and what it adds to it. The grammar of lines is in *_line.cc, what they add up
// to in mta_session.cc. Tests: tests/unit/maillog/session_joiner_test.cc, tests/integration/replay_test.py.
#include "session_joiner.h"

#include <algorithm>
#include <array>
#include <map>

#include "heloguard_line.h"
#include "mta_session.h"
#include "open_sessions.h"
#include "postfix_line.h"
#include "sendmail_line.h"

namespace heloguard {
namespace {

using std::chrono_literals::operator""min;

constexpr std::size_t kMostOpen = 50'000;  // of each kind
constexpr std::size_t kMostHosts = 1'000;
constexpr std::chrono::seconds kIdle = 30min;  // longer than any SMTP time limit (RFC 5321 section 4.5.3.2)

// What tells sessions of one host, or of one kind, from those of another.
std::uint64_t HashOf(std::string_view text, std::uint64_t seed) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
  return (std::hash<std::string_view>{}(text) ^ (seed * kGolden)) * kGolden;
}

struct ServicePort {
  std::string_view word;
  std::uint16_t port;
  bool tls;  // from the first octet on
};
// The names Debian's and Postfix's own master.cf give services. The plain smtpd may listen anywhere.
constexpr std::array<ServicePort, 3> kServices{
    {{"/submission/", 587, false}, {"/submissions/", 465, true}, {"/smtps/", 465, true}}};

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
  session->Refuse(line.code, scope);
  // Postfix defers, whatever it is told to answer, where a failure of reverse DNS may pass.
  const bool permanent =
      line.code >= 500 && line.text.find("cannot find your reverse hostname") != std::string_view::npos;
  if (permanent && !session->said.rdns.name) session->said.rdns.status = RdnsStatus::kPermerror;
}

void ApplyCounts(const PostfixLine& line, MtaSession* session) {
  if (!line.counted) return;
  LoggedSession& said = session->said;
  session->let_in = line.datas.all > 0 ? line.datas.good > 0 : line.recipients.good > 0;
  said.authenticated = said.authenticated.value_or(false) || line.auths.good > 0;
  const bool wrapped = said.tls.value_or(false);
  said.tls = wrapped || line.starttls.good > 0;
  // The HELO before STARTTLS counts for nothing (RFC 3207 section 4.2).
  const unsigned counted = line.helos.all - std::min(line.helos.all, line.starttls.good > 0 ? 1U : 0U);
  if (counted <= 1) said.helo_changed = false;
}

}  // namespace

struct SessionJoiner::Impl {
  struct OwnSession {
    LoggedSession said;
  };

  Impl(LogChoice choice_in, Sink sink_in)
      : choice(choice_in),
        sink(std::move(sink_in)),
        mta(kIdle, kMostOpen, [this](MtaSession&& session) { EndMta(&session); }),
        own(kIdle, kMostOpen, [this](OwnSession&& session) { sink(session.said); }) {}

  // Which session of which host a line is about.
  struct At {
    std::uint64_t key, host;
    LogTime time;
  };

  MtaSession& BeginMta(const At& at) {
    MtaSession& session = mta.Begin(at.key, at.time);
    session.host = at.host;
    return session;
  }

  // --- Postfix ---

  void TakeSmtpd(const SyslogLine& line, const At& at) {
    const PostfixLine parsed = ParseSmtpdLine(line.message);
    if (parsed.event == PostfixEvent::kNone) return;
    MtaSession* session = mta.Find(at.key);
    // smtpd serves one client after the other, and warns of the next one's reverse DNS before it connects.
    const bool opens = parsed.event == PostfixEvent::kConnect || parsed.event == PostfixEvent::kHostname;
    if (session == nullptr || (opens && session->begun)) {
      session = &BeginMta(at);
      ReadService(line.program, &session->said);
    }
    mta.Touch(at.key, at.time);
    if (parsed.event == PostfixEvent::kHostname) {
      session->warned_address = Kept(parsed.address);
      session->warned = {DomainName::FromText(parsed.name), parsed.rdns_status};
      return;
    }
    session->SetClient(parsed.name, parsed.address);
    switch (parsed.event) {
      case PostfixEvent::kDisconnect:
        ApplyCounts(parsed, session);
        mta.Finish(at.key);
        break;
      case PostfixEvent::kClient:
        session->let_in = true;
        session->said.authenticated = session->said.authenticated.value_or(false) || parsed.sasl;
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

  static void ReadService(std::string_view program, LoggedSession* said) {
    for (const ServicePort& service : kServices) {
      if (program.find(service.word) == std::string_view::npos) continue;
      said->port = service.port;
      if (service.tls) said->tls = true;
    }
  }

  void TakeAction(const PostfixLine& parsed, const At& at, MtaSession* session) {
    if (parsed.helo) session = WithHelo(*parsed.helo, at, session);
    LoggedSession& said = session->said;
    const bool had_time_for_helo = parsed.where != "CONNECT";
    if (parsed.says_helo && had_time_for_helo && !parsed.helo && !parsed.helo_cut &&
        said.helo_known == HeloKnowledge::kNotLogged) {
      said.helo_known = HeloKnowledge::kNone;
    }
    if (parsed.sasl) said.authenticated = true;
    if (said.from.empty()) said.from = Kept(parsed.from);
    if (said.to.empty()) said.to = Kept(parsed.to);
    ApplyRefusal(parsed, session);
  }

  // The session of that HELO: the one at hand, or a new one of the same client.
  MtaSession* WithHelo(std::string_view helo, const At& at, MtaSession* session) {
    if (session->SetHelo(helo)) return session;
    LoggedSession same = session->said;
    mta.Finish(at.key);
    MtaSession& next = BeginMta(at);
    next.begun = true;
    same.first = same.last = at.time;
    same.helo_known = HeloKnowledge::kNotLogged;
    same.from.clear();
    same.to.clear();
    next.said = std::move(same);
    static_cast<void>(next.SetHelo(helo));
    return &next;
  }

  void TakePostscreen(const SyslogLine& line, std::uint64_t host) {
    const PostfixLine parsed = ParsePostscreenLine(line.message);
    if (parsed.event == PostfixEvent::kNone || parsed.port.empty()) return;
    const At at{HashOf(parsed.address, HashOf(parsed.port, host)), host, line.time};
    if (parsed.event == PostfixEvent::kPassed) return mta.Forget(at.key);  // smtpd's lines tell the rest
    MtaSession* session = mta.Find(at.key);
    if (session == nullptr) session = &BeginMta(at);
    mta.Touch(at.key, at.time);
    session->said.source = LogSource::kPostscreen;
    session->SetClient("", parsed.address);
    if (parsed.event == PostfixEvent::kAction) TakeAction(parsed, at, session);
    if (parsed.event == PostfixEvent::kPregreet && parsed.helo) WithHelo(*parsed.helo, at, session);
    if (parsed.event == PostfixEvent::kDisconnect) mta.Finish(at.key);
  }

  // --- Sendmail ---

  void TakeSendmail(const SyslogLine& line, const At& at) {
    const SendmailLine parsed = ParseSendmailLine(line.message);
    if (parsed.event == SendmailEvent::kNone) return;
    MtaSession* session = mta.Find(at.key);
    if (session == nullptr || IsAnother(parsed, *session)) session = &BeginMta(at);
    mta.Touch(at.key, at.time);
    LoggedSession& said = session->said;
    said.source = LogSource::kSendmail;
    if (!parsed.address.empty()) {
      session->SetClient(parsed.name, parsed.address);
      if (parsed.forged) said.rdns.status = RdnsStatus::kFail;
    }
    if (said.from.empty()) said.from = Kept(parsed.from);
    if (said.to.empty()) said.to = Kept(parsed.to);
    if (parsed.event == SendmailEvent::kMessage) TakeMessage(parsed, session);
    if (parsed.event == SendmailEvent::kAuthenticated) said.authenticated = true;
    if (parsed.helo) session = WithHelo(*parsed.helo, at, session);
    if (parsed.event == SendmailEvent::kRefusal) {
      session->replaceable_refusal |= parsed.by_milter && parsed.about_client;
      session->Refuse(parsed.code, parsed.about_client ? RefusalScope::kClient : RefusalScope::kMessage);
    }
  }

  // A process serves one client, but its number comes back.
  static bool IsAnother(const SendmailLine& parsed, const MtaSession& session) {
    if (parsed.event == SendmailEvent::kConnect) return true;
    if (parsed.address.empty() || !session.begun) return false;
    const auto address = IpAddress::Parse(parsed.address);
    return address && address->Unmapped() != session.said.client;
  }

  // The protocol's letters: S for TLS, A for an authenticated client (RFC 3848).
  static void TakeMessage(const SendmailLine& parsed, MtaSession* session) {
    LoggedSession& said = session->said;
    session->let_in |= parsed.recipients > 0;
    if (!parsed.proto.starts_with("ESMTP") && parsed.proto != "SMTP") return;
    const std::string_view letters = parsed.proto.substr(std::min<std::size_t>(5, parsed.proto.size()));
    said.tls = letters.find('S') != std::string_view::npos;
    said.authenticated = said.authenticated.value_or(false) || letters.find('A') != std::string_view::npos;
  }

  // --- the end of a mail server's session ---

  void EndMta(MtaSession* session) {
    if (!session->begun) return;
    if (ToldByHeloguard(*session)) {
      ++left_out;
      return;
    }
    session->Settle();
    sink(session->said);
  }

  [[nodiscard]] bool ToldByHeloguard(const MtaSession& session) const {
    if (choice != LogChoice::kAuto) return false;
    if (own_from && session.said.last >= *own_from) return true;
    const auto host = own_hosts.find(session.host);
    return host != own_hosts.end() && session.said.last >= host->second;
  }

  // --- heloguard ---

  void TakeOwn(const SyslogLine& line, std::uint64_t host) {
    auto parsed = ParseOwnLine(line.message);
    if (!parsed) return;
    only_counted += parsed->repeated;
    if (parsed->session.empty()) return;
    if (own_hosts.size() < kMostHosts) own_hosts.emplace(host, line.time);
    const std::uint64_t key = HashOf(parsed->session, host);
    LoggedSession said = std::move(parsed->said);
    OwnSession* session = own.Find(key);
    const bool same = session != nullptr && session->said.helo_known == said.helo_known &&
                      session->said.helo == said.helo && session->said.client == said.client;
    if (!same) {
      said.first = said.last = line.time;
      own.Begin(key, line.time).said = std::move(said);
      return;
    }
    own.Touch(key, line.time);
    Merge(said, &session->said);
  }

  // Another message of the session, or another recipient: the most refusing counts.
  static void Merge(const LoggedSession& more, LoggedSession* said) {
    if (!more.recipient_exempt && (said->recipient_exempt || *more.was > *said->was)) {
      said->from = more.from;
      said->to = more.to;
    }
    said->was = std::max(*said->was, *more.was);
    said->recipient_exempt &= more.recipient_exempt;
    said->reached = std::max(said->reached, more.reached);
    if (more.authenticated) said->authenticated = more.authenticated;
    const bool more_refused = more.mta == MtaOutcome::kRefused || said->mta == MtaOutcome::kNoMail;
    if (more_refused || (more.mta == MtaOutcome::kDeferred && said->mta != MtaOutcome::kRefused)) said->mta = more.mta;
  }

  void Take(const SyslogLine& line) {
    const std::uint64_t host = HashOf(line.host, 0);
    const std::uint64_t key = HashOf({}, host + line.pid);
    const std::string_view program = line.program;
    const bool mta_wanted = choice != LogChoice::kHeloguard;
    if (program == "heloguard") {
      if (choice != LogChoice::kMta) TakeOwn(line, host);
    } else if (mta_wanted && IsPostfixService(program, "smtpd")) {
      TakeSmtpd(line, {key, host, line.time});
    } else if (mta_wanted && IsPostfixService(program, "postscreen")) {
      TakePostscreen(line, host);
    } else if (mta_wanted && IsSendmail(program)) {
      TakeSendmail(line, {key, host, line.time});
    }
  }

  const LogChoice choice;
  const Sink sink;
  OpenSessions<MtaSession> mta;
  OpenSessions<OwnSession> own;
  std::optional<LogTime> own_from;             // of files that name no host
  std::map<std::uint64_t, LogTime> own_hosts;  // of the others
  std::uint64_t left_out = 0, only_counted = 0;
};

SessionJoiner::SessionJoiner(LogChoice choice, Sink sink) : impl_(std::make_unique<Impl>(choice, std::move(sink))) {}
SessionJoiner::~SessionJoiner() = default;

void SessionJoiner::OwnLinesFrom(LogTime time) { impl_->own_from = std::min(impl_->own_from.value_or(time), time); }
void SessionJoiner::Take(const SyslogLine& line) { impl_->Take(line); }

void SessionJoiner::Finish() {
  impl_->mta.FinishAll();
  impl_->own.FinishAll();
}

std::uint64_t SessionJoiner::left_out() const { return impl_->left_out; }
std::uint64_t SessionJoiner::only_counted() const { return impl_->only_counted; }
std::uint64_t SessionJoiner::crowded_out() const { return impl_->mta.crowded_out() + impl_->own.crowded_out(); }

}  // namespace heloguard
