// libmilter's callbacks: each turns one event of the milter protocol into a call on the connection's session and its
// answer into libmilter's words. No decision is made here.
//
// What holds for all of them: no exception leaves (it is logged and answered by on_internal_error, then and at every
// later stage of that connection); a connection's memory is freed in xxfi_close and only there; an accepting answer is
// SMFIS_CONTINUE, since SMFIS_ACCEPT would end the milter's part in the whole connection; a 5yz reply goes with
// SMFIS_REJECT and a 4yz one with SMFIS_TEMPFAIL, libmilter ignores others; at connect none is set, since Sendmail
// takes any code there for a permanent refusal; where no reply was negotiated none is given.
//
// MTAs may say HELO twice or never, MAIL without connect information, and end the connection at any point.
// Tests: tests/wire/.
#include "adapters/milter/libmilter/callbacks.h"

#include <array>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "adapters/milter/libmilter/connections.h"
#include "adapters/milter/libmilter/mta_input.h"
#include "adapters/milter/libmilter/reply_text.h"
#include "adapters/milter/negotiation.h"
#include "heloguard/base/domain_name.h"
#include "heloguard/judge/authentication_results.h"

namespace heloguard {
namespace {

// The macros asked for, at most one list a stage: libmilter refuses a second.
struct MacroList {
  int where;
  const char* macros;
};
constexpr std::array<MacroList, 4> kMacroLists{{
    {SMFIM_CONNECT, "j {client_addr} {client_name} {client_ptr} {client_resolve} {daemon_port}"},
    {SMFIM_HELO, "{tls_version}"},
    {SMFIM_ENVFROM, "{auth_authen} {auth_type} {tls_version} i r s"},
    {SMFIM_ENVRCPT, "i"},
}};

constexpr int kTop = 0;  // above the MTA's own Received field

// libmilter's interface takes char* for text it only reads.
char* Unconst(const char* text) { return const_cast<char*>(text); }

std::string_view Macro(SMFICTX* context, const char* name) {
  return CappedText(smfi_getsymval(context, Unconst(name)), kMaxMacroBytes);
}

bool IsEncrypted(SMFICTX* context) { return !Macro(context, "{tls_version}").empty(); }

bool IsAuthenticated(SMFICTX* context) {
  return !Macro(context, "{auth_authen}").empty() || !Macro(context, "{auth_type}").empty();
}

// libmilter hands out a macro at the stage it came with and at later ones.
MtaNotes NotesOf(SMFICTX* context) {
  const auto macro = [&](const char* name) { return std::string(Macro(context, name)); };
  MtaNotes notes;
  notes.client_name = macro("{client_name}");
  notes.client_ptr = macro("{client_ptr}");
  notes.client_resolve = macro("{client_resolve}");
  notes.protocol = macro("r");
  notes.helo = macro("s");
  notes.queue_id = macro("i");
  return notes;
}

// MAIL and RCPT: the address as the client wrote it; ESMTP parameters follow it in the array.
std::string_view Envelope(char** arguments) {
  return CappedText(arguments == nullptr ? nullptr : arguments[0], kMaxEnvelopeBytes);
}

// REQUIRES: called from a catch block.
void LogCaught(const Adapter& adapter, std::string_view where) noexcept {
  try {
    std::string what;
    try {
      throw;
    } catch (const std::exception& e) {
      what = EscapeBytes(e.what());
    } catch (...) {
      what = "exception of an unknown type";
    }
    adapter.LogError("internal error at " + std::string(where) + ": " + what);
  } catch (...) {
    adapter.LogError("internal error, and no memory to describe it");
  }
}

// The connection of a context; a new one under the current policy at negotiation, or if nothing was negotiated for it,
// as after the protocol's "quit, but a new connection follows".
Connection& ConnectionOf(Adapter& adapter, SMFICTX* context) {
  auto* connection = static_cast<Connection*>(smfi_getpriv(context));
  if (connection != nullptr) return *connection;
  connection = adapter.Open();
  smfi_setpriv(context, connection);
  connection->failed = true;  // unless there is a policy
  connection->policy = adapter.sessions().Snapshot();
  connection->failed = false;
  return *connection;
}

// The session, told at least that there is a client: MAIL may be all that ever comes.
Session& SessionOf(const Adapter& adapter, Connection& connection) {
  if (!connection.session) {
    connection.session = adapter.sessions().Open(connection.policy, connection.results);
    connection.session->OnConnect({});
  }
  return *connection.session;
}

// Gives libmilter the lines as the arguments of a variadic function, which ends at the first null.
template <std::size_t... kIndexes>
void SetLines(SMFICTX* context, const SmtpReply& reply, const std::vector<std::string>& lines,
              std::index_sequence<kIndexes...> /*indexes*/) {
  const std::string code = std::to_string(reply.code());
  const auto line = [&](std::size_t i) { return i < lines.size() ? Unconst(lines[i].c_str()) : nullptr; };
  // If this fails the MTA uses words of its own; the outcome stands.
  smfi_setmlreply(context, code.c_str(), reply.enhanced().c_str(), line(kIndexes)..., static_cast<char*>(nullptr));
}

void SetReply(SMFICTX* context, const SmtpReply& reply) {
  std::vector<std::string> lines;
  lines.reserve(reply.lines().size());
  for (const std::string& line : reply.lines()) lines.push_back(MilterReplyText(line));
  SetLines(context, reply, lines, std::make_index_sequence<SmtpReply::kMaxLines>());
}

sfsistat Refuse(SMFICTX* context, Stage stage, const StageAnswer& answer) {
  const bool reject = answer.outcome == Outcome::kReject;
  if (answer.reply && answer.reply->permanent() == reject && stage != Stage::kConnect) {
    SetReply(context, *answer.reply);
  }
  return reject ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

std::string AuthservId(const Adapter& adapter, SMFICTX* context) {
  const std::string& id = adapter.headers().authserv_id;
  return id.empty() ? std::string(Macro(context, "j")) : id;
}

// Removes what claims to be ours from the last such field up, so that no number changes under way, and writes our own.
// False if the MTA could not be told.
bool ReplaceResults(SMFICTX* context, const MessageHeaders& message, const std::string& field) {
  char* const name = Unconst(kAuthenticationResults.data());
  bool told = true;
  for (auto at = message.claiming().rbegin(); at != message.claiming().rend(); ++at) {
    told = smfi_chgheader(context, name, *at, nullptr) == MI_SUCCESS && told;
  }
  return smfi_insheader(context, kTop, name, Unconst(field.c_str())) == MI_SUCCESS && told;
}

// The end of a message that was asked for with its headers.
StageAnswer SeeToHeaders(SMFICTX* context, Adapter& adapter, Connection& connection) {
  const MessageHeaders& message = connection.message;
  if (message.authserv_id().empty()) {
    adapter.LogErrorOnce("no Authentication-Results written: the MTA sends no name (macro j), set headers.authserv_id");
    return {};
  }
  const SessionReport report = SessionOf(adapter, connection).OnMessage();
  if (message.too_many()) {
    adapter.Alarm("session=" + std::string(report.session) + " message refused: it has more than " +
                  std::to_string(kMaxFieldsRemoved) + " Authentication-Results fields in our name");
    return {Outcome::kReject, TooManyFieldsReply()};
  }
  if (ReplaceResults(context, message, ResultsField(message.authserv_id(), ResultsOf(report)))) return {};
  adapter.LogError("libmilter could not change the headers of a message");
  return {adapter.internal_error(), std::nullopt};
}

// One event: `judge` gets the connection and gives the answer.
template <class Judge>
sfsistat Step(SMFICTX* context, Stage stage, const Judge& judge) noexcept {
  Adapter* const adapter = Adapter::Running();
  const Adapter::Visit visit(adapter);
  if (!visit.open()) return SMFIS_TEMPFAIL;
  StageAnswer answer{.outcome = adapter->internal_error(), .reply = {}};
  try {
    Connection& connection = ConnectionOf(*adapter, context);
    if (!connection.failed) {
      connection.failed = true;  // unless this comes to its end
      answer = judge(*adapter, connection);
      connection.failed = false;
    }
    if (connection.no_reply.Has(stage)) return SMFIS_NOREPLY;
    return answer.outcome == Outcome::kAccept ? SMFIS_CONTINUE : Refuse(context, stage, answer);
  } catch (...) {
    LogCaught(*adapter, NameOf(stage));
  }
  const auto* connection = static_cast<const Connection*>(smfi_getpriv(context));
  if (connection != nullptr && connection->no_reply.Has(stage)) return SMFIS_NOREPLY;
  return adapter->internal_error() == Outcome::kAccept ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
}

extern "C" {

// f2 and f3 are reserved by libmilter and have to be left 0.
// NOLINTNEXTLINE(readability-function-size): the parameters are libmilter's.
sfsistat HeloguardNegotiate(SMFICTX* context, unsigned long f0, unsigned long f1, unsigned long, unsigned long,
                            unsigned long* pf0, unsigned long* pf1, unsigned long* pf2, unsigned long* pf3) noexcept {
  Adapter* const adapter = Adapter::Running();
  const Adapter::Visit visit(adapter);
  if (!visit.open()) return SMFIS_REJECT;  // ends this connection: nobody is left to serve it
  const MilterOffer offer{.actions = f0, .steps = f1};
  MilterTerms terms = TermsWithoutPolicy(offer);
  try {
    Connection& connection = ConnectionOf(*adapter, context);
    if (!connection.failed) {
      const bool headers = adapter->headers().authentication_results && OffersHeaders(offer);
      connection.results = headers ? WritesResults::kYes : WritesResults::kNo;
      const bool lookups = adapter->sessions().WantsLookups(*connection.policy, connection.results);
      terms = TermsFor(*connection.policy, {.lookups = lookups, .headers = headers}, offer);
      connection.no_reply = terms.no_reply;
      connection.no_header_reply = terms.no_header_reply;
    }
  } catch (...) {
    LogCaught(*adapter, "negotiation");
  }
  if ((terms.actions & SMFIF_SETSYMLIST) != 0) {
    for (const MacroList& list : kMacroLists) smfi_setsymlist(context, list.where, Unconst(list.macros));
  }
  *pf0 = terms.actions;
  *pf1 = terms.steps;
  *pf2 = 0;
  *pf3 = 0;
  return SMFIS_CONTINUE;
}

sfsistat HeloguardConnect(SMFICTX* context, char* /*name*/, sockaddr* address) noexcept {
  return Step(context, Stage::kConnect, [&](Adapter& adapter, Connection& connection) {
    ConnectInfo info;
    info.client = ClientAddress(address, Macro(context, "{client_addr}"));
    info.port = ParsePort(Macro(context, "{daemon_port}"));
    info.mta_name = Macro(context, "j");
    connection.session = adapter.sessions().Open(connection.policy, connection.results);
    connection.session->Note(NotesOf(context));
    return connection.session->OnConnect(info);
  });
}

// One byte more than is looked at is handed on, so that a longer text is seen to be longer.
sfsistat HeloguardHelo(SMFICTX* context, char* text) noexcept {
  return Step(context, Stage::kHelo, [&](Adapter& adapter, Connection& connection) {
    return SessionOf(adapter, connection).OnHelo(CappedText(text, kMaxHeloBytes + 1), IsEncrypted(context));
  });
}

sfsistat HeloguardMail(SMFICTX* context, char** arguments) noexcept {
  return Step(context, Stage::kMail, [&](Adapter& adapter, Connection& connection) {
    Session& session = SessionOf(adapter, connection);
    session.Note(NotesOf(context));
    if (connection.results == WritesResults::kYes) connection.message.Begin(AuthservId(adapter, context));
    return session.OnMail(Envelope(arguments), IsAuthenticated(context), IsEncrypted(context));
  });
}

sfsistat HeloguardRcpt(SMFICTX* context, char** arguments) noexcept {
  return Step(context, Stage::kRcpt, [&](Adapter& adapter, Connection& connection) {
    Session& session = SessionOf(adapter, connection);
    session.Note(NotesOf(context));
    return session.OnRcpt(Envelope(arguments));
  });
}

// Only if headers were negotiated.
sfsistat HeloguardHeader(SMFICTX* context, char* name, char* value) noexcept {
  Adapter* const adapter = Adapter::Running();
  const Adapter::Visit visit(adapter);
  if (!visit.open()) return SMFIS_TEMPFAIL;
  auto* const connection = static_cast<Connection*>(smfi_getpriv(context));
  if (connection == nullptr) return SMFIS_CONTINUE;
  try {
    connection->message.Saw(name == nullptr ? "" : name, value == nullptr ? "" : value);
  } catch (...) {
    connection->failed = true;  // a field that was not looked at may be forged
    LogCaught(*adapter, "header");
  }
  return connection->no_header_reply ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

sfsistat HeloguardEom(SMFICTX* context) noexcept {
  return Step(context, Stage::kEom, [&](Adapter& adapter, Connection& connection) {
    if (connection.results == WritesResults::kNo) return StageAnswer{};
    return SeeToHeaders(context, adapter, connection);
  });
}

// Comes at the end of every connection, our own dummy ones and such as never said a word among them.
sfsistat HeloguardClose(SMFICTX* context) noexcept {
  Adapter* const adapter = Adapter::Running();
  const Adapter::Visit visit(adapter);
  auto* const connection = static_cast<Connection*>(smfi_getpriv(context));
  if (!visit.open() || connection == nullptr) return SMFIS_CONTINUE;
  smfi_setpriv(context, nullptr);
  try {
    if (connection->session) connection->session->OnClose();
  } catch (...) {
    LogCaught(*adapter, "close");
  }
  adapter->Forget(connection);
  return SMFIS_CONTINUE;
}

}  // extern "C"

}  // namespace

smfiDesc MilterDescription() {
  smfiDesc description{};
  description.xxfi_name = Unconst("heloguard");
  description.xxfi_version = SMFI_VERSION;
  description.xxfi_flags = SMFIF_SETSYMLIST | SMFIF_ADDHDRS | SMFIF_CHGHDRS;
  description.xxfi_negotiate = HeloguardNegotiate;
  description.xxfi_connect = HeloguardConnect;
  description.xxfi_helo = HeloguardHelo;
  description.xxfi_envfrom = HeloguardMail;
  description.xxfi_envrcpt = HeloguardRcpt;
  description.xxfi_header = HeloguardHeader;
  description.xxfi_eom = HeloguardEom;
  description.xxfi_close = HeloguardClose;
  return description;
}

}  // namespace heloguard
