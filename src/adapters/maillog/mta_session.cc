// Adds up what a mail server's lines say about one session. Knows no line format.
// Tests: tests/unit/adapters/maillog/session_joiner_test.cc.
#include "adapters/maillog/mta_session.h"

#include <utility>

namespace heloguard {
namespace {

// What Postfix calls a client whose reverse DNS it does not believe, for whatever reason.
constexpr std::string_view kUnknownName = "unknown";

}  // namespace

std::string Kept(std::string_view text) { return std::string(text.substr(0, kMaxLoggedText)); }

void MtaSession::SetClient(std::string_view name, std::string_view address) {
  const auto parsed = IpAddress::Parse(address.substr(0, address.find('%')));  // "fe80::1%eth0"
  if (!parsed) {
    without_address |= !address.empty();
    return;
  }
  const IpAddress client = parsed->Unmapped();
  const bool named = !name.empty() && name != kUnknownName;
  if (begun && said.client == client && (said.rdns.name || !named)) return;
  begun = true;
  said.client = client;
  said.rdns = {};
  if (named) {
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

bool MtaSession::SetHelo(const SaidHelo& helo) {
  const bool known = said.helo_known == HeloKnowledge::kSaid;
  if (known && said.helo != helo.text.substr(0, kMaxLoggedText)) return false;
  if (!known) {
    said.helo_known = HeloKnowledge::kSaid;
    said.helo = Kept(helo.text);
    helo_unless_sasl = Kept(helo.unless_sasl);
  }
  if (helo.unless_sasl.empty()) helo_unless_sasl.clear();
  return true;
}

void MtaSession::SettleHelo() {
  if (helo_unless_sasl.empty() || said.authenticated == true) return;
  if (said.authenticated) {
    said.helo = std::move(helo_unless_sasl);
    return;
  }
  said.helo_known = HeloKnowledge::kNotLogged;
  said.helo.clear();
}

void MtaSession::Settle() {
  constexpr auto kOfClient = static_cast<std::size_t>(RefusalScope::kClient);
  constexpr auto kOfMessage = static_cast<std::size_t>(RefusalScope::kMessage);
  said.mta = refused[kOfClient]     ? MtaOutcome::kRefused
             : deferred[kOfClient]  ? MtaOutcome::kDeferred
             : let_in || pending    ? MtaOutcome::kAccepted
             : refused[kOfMessage]  ? MtaOutcome::kRefused
             : deferred[kOfMessage] ? MtaOutcome::kDeferred
             : lost                 ? MtaOutcome::kUnknown
                                    : MtaOutcome::kNoMail;
  said.replaceable = replaceable_refusal;
  SettleHelo();
}

}  // namespace heloguard
