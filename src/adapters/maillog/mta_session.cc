// Adds up what a mail server's lines say about one session. Knows no line format.
// Tests: tests/unit/maillog/session_joiner_test.cc.
#include "mta_session.h"

namespace heloguard {
namespace {

// What Postfix calls a client whose reverse DNS it does not believe, for whatever reason.
constexpr std::string_view kUnknownName = "unknown";

}  // namespace

std::string Kept(std::string_view text) { return std::string(text.substr(0, kMaxLoggedText)); }

void MtaSession::SetClient(std::string_view name, std::string_view address) {
  const auto parsed = IpAddress::Parse(address);
  if (!parsed) return;
  const IpAddress client = parsed->Unmapped();
  if (begun && said.client == client) return;
  begun = true;
  said.client = client;
  said.rdns = {};
  if (!name.empty() && name != kUnknownName) {
    said.rdns = {DomainName::FromText(name), RdnsStatus::kPass};
  } else if (warned_address == address) {
    said.rdns = warned;
  }
}

void MtaSession::Refuse(unsigned code, RefusalScope scope) {
  const auto at = static_cast<std::size_t>(scope);
  if (code >= 500) {
    refused[at] = true;
  } else if (code >= 400) {
    deferred[at] = true;
  }
}

bool MtaSession::SetHelo(std::string_view helo) {
  if (said.helo_known == HeloKnowledge::kSaid && said.helo != Kept(helo)) return false;
  said.helo_known = HeloKnowledge::kSaid;
  said.helo = Kept(helo);
  return true;
}

void MtaSession::Settle() {
  constexpr auto kOfClient = static_cast<std::size_t>(RefusalScope::kClient);
  constexpr auto kOfMessage = static_cast<std::size_t>(RefusalScope::kMessage);
  said.mta = refused[kOfClient]     ? MtaOutcome::kRefused
             : deferred[kOfClient]  ? MtaOutcome::kDeferred
             : let_in               ? MtaOutcome::kAccepted
             : refused[kOfMessage]  ? MtaOutcome::kRefused
             : deferred[kOfMessage] ? MtaOutcome::kDeferred
                                    : MtaOutcome::kNoMail;
  said.replaceable = replaceable_refusal;
}

}  // namespace heloguard
