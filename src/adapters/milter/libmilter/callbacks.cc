// libmilter's callbacks: each turns one event of the milter protocol into a call on the connection's conversation, and
// what that says into libmilter's words. No decision is made here; what happens at each stage is in
// src/adapters/milter/conversation.cc.
//
// What holds for all of them: no exception leaves; a connection's memory is freed in xxfi_close and only there.
// Tests: tests/wire/.
#include "adapters/milter/libmilter/callbacks.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "adapters/milter/conversation.h"
#include "adapters/milter/libmilter/connections.h"
#include "adapters/milter/libmilter/mta_input.h"
#include "adapters/milter/libmilter/reply_text.h"
#include "adapters/milter/negotiation.h"
#include "heloguard/base/port.h"
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

// The connection of a context; a new one at negotiation, or if nothing was negotiated for it, as after the protocol's
// "quit, but a new connection follows".
Connection& ConnectionOf(Connections& connections, SMFICTX* context) {
  auto* connection = static_cast<Connection*>(smfi_getpriv(context));
  if (connection == nullptr) {
    connection = connections.Open();
    smfi_setpriv(context, connection);
  }
  return *connection;
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

sfsistat Say(SMFICTX* context, const MilterReply& reply) {
  if (reply.reply) SetReply(context, *reply.reply);
  switch (reply.kind) {
    case MilterReply::Kind::kNone:
      return SMFIS_NOREPLY;
    case MilterReply::Kind::kContinue:
      return SMFIS_CONTINUE;
    case MilterReply::Kind::kReject:
      return SMFIS_REJECT;
    case MilterReply::Kind::kTempfail:
      return SMFIS_TEMPFAIL;
  }
  return SMFIS_TEMPFAIL;
}

// False if the MTA could not be told.
bool Change(SMFICTX* context, const HeaderChanges& changes) {
  char* const name = Unconst(kAuthenticationResults.data());
  bool told = true;
  for (const int number : changes.remove) {
    told = smfi_chgheader(context, name, number, nullptr) == MI_SUCCESS && told;
  }
  return smfi_insheader(context, kTop, name, Unconst(changes.insert.c_str())) == MI_SUCCESS && told;
}

// One event: `event` calls the conversation and hands back what it returned.
template <class Event>
sfsistat OnEvent(SMFICTX* context, Stage stage, const Event& event) noexcept {
  Connections* const connections = Connections::Running();
  const Connections::Visit visit(connections);
  if (!visit.open()) return SMFIS_TEMPFAIL;
  try {
    Connection& connection = ConnectionOf(*connections, context);
    Conversation& conversation = connection.conversation;
    StageAnswer answer = connections->Await(connection, event(conversation));
    const auto changes = conversation.TakeChanges();
    if (changes && !Change(context, *changes)) {
      connections->service().LogError("libmilter could not change the headers of a message");
      answer = connections->service().InternalError();
    }
    return Say(context, conversation.ReplyTo(stage, std::move(answer)));
  } catch (...) {  // no memory, on the way to the conversation or back
    auto* const connection = static_cast<Connection*>(smfi_getpriv(context));
    if (connection != nullptr) {
      Conversation& conversation = connection->conversation;
      const MilterReply reply = conversation.ReplyTo(stage, conversation.Caught(NameOf(stage)));
      return Say(context, reply);  // without a text, so nothing is thrown
    }
    connections->service().LogCaught(NameOf(stage));
    return connections->service().InternalError().outcome == Outcome::kAccept ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
  }
}

extern "C" {

// f2 and f3 are reserved by libmilter and have to be left 0.
// NOLINTNEXTLINE(readability-function-size): the parameters are libmilter's.
sfsistat HeloguardNegotiate(SMFICTX* context, unsigned long f0, unsigned long f1, unsigned long, unsigned long,
                            unsigned long* pf0, unsigned long* pf1, unsigned long* pf2, unsigned long* pf3) noexcept {
  Connections* const connections = Connections::Running();
  const Connections::Visit visit(connections);
  if (!visit.open()) return SMFIS_REJECT;  // ends this connection: nobody is left to serve it
  const MilterOffer offer{.actions = f0, .steps = f1};
  MilterTerms terms = TermsWithoutPolicy(offer);
  try {
    terms = ConnectionOf(*connections, context).conversation.Negotiate(offer);
  } catch (...) {
    connections->service().LogCaught("negotiation");
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
  return OnEvent(context, Stage::kConnect, [&](Conversation& conversation) {
    ConnectInfo info;
    info.client = ClientAddress(address, Macro(context, "{client_addr}"));
    info.port = ParsePort(Macro(context, "{daemon_port}"));
    info.mta_name = Macro(context, "j");
    return conversation.Connect(info, NotesOf(context));
  });
}

// One byte more than is looked at is handed on, so that a longer text is seen to be longer.
sfsistat HeloguardHelo(SMFICTX* context, char* text) noexcept {
  return OnEvent(context, Stage::kHelo, [&](Conversation& conversation) {
    return conversation.Helo(CappedText(text, kMaxHeloBytes + 1), IsEncrypted(context));
  });
}

sfsistat HeloguardMail(SMFICTX* context, char** arguments) noexcept {
  return OnEvent(context, Stage::kMail, [&](Conversation& conversation) {
    const MailEvent event{.from = Envelope(arguments),
                          .mta_name = Macro(context, "j"),
                          .authenticated = IsAuthenticated(context),
                          .encrypted = IsEncrypted(context)};
    return conversation.Mail(event, NotesOf(context));
  });
}

sfsistat HeloguardRcpt(SMFICTX* context, char** arguments) noexcept {
  return OnEvent(context, Stage::kRcpt,
                 [&](Conversation& conversation) { return conversation.Rcpt(Envelope(arguments), NotesOf(context)); });
}

// Only if headers were negotiated.
sfsistat HeloguardHeader(SMFICTX* context, char* name, char* value) noexcept {
  Connections* const connections = Connections::Running();
  const Connections::Visit visit(connections);
  if (!visit.open()) return SMFIS_TEMPFAIL;
  auto* const connection = static_cast<Connection*>(smfi_getpriv(context));
  if (connection == nullptr) return SMFIS_CONTINUE;
  return Say(context, connection->conversation.Header(name == nullptr ? "" : name, value == nullptr ? "" : value));
}

sfsistat HeloguardEom(SMFICTX* context) noexcept {
  return OnEvent(context, Stage::kEom, [](Conversation& conversation) { return conversation.EndOfMessage(); });
}

// Comes at the end of every connection, our own dummy ones and such as never said a word among them.
sfsistat HeloguardClose(SMFICTX* context) noexcept {
  Connections* const connections = Connections::Running();
  const Connections::Visit visit(connections);
  auto* const connection = static_cast<Connection*>(smfi_getpriv(context));
  if (!visit.open() || connection == nullptr) return SMFIS_CONTINUE;
  smfi_setpriv(context, nullptr);
  connection->conversation.Close();
  connections->Forget(connection);
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
