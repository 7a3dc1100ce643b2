// What a log tells about one SMTP session: the product of this box, the same whoever wrote the log.
//
// Everything here was said by clients or written by a mail server into a file: hostile bytes, capped, not escaped.
// Thread rule: values.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "heloguard/facts/build_facts.h"
#include "heloguard/policy/action.h"

namespace heloguard {

using LogTime = std::chrono::sys_seconds;

enum class LogSource : std::uint8_t { kPostfix, kPostscreen, kSendmail, kHeloguard };
template <>
inline constexpr std::array<std::string_view, 4> EnumNames<LogSource>{"Postfix", "postscreen", "Sendmail", "heloguard"};

// What became of the session at the mail server.
enum class MtaOutcome : std::uint8_t {
  kAccepted,  // a recipient was accepted, and what came behind it was not refused
  kRefused,   // 5yz
  kDeferred,  // 4yz
  kNoMail,    // the client left before anything was refused or accepted
  kUnknown,   // the log does not say
};
template <>
inline constexpr std::array<std::string_view, 5> EnumNames<MtaOutcome>{"accepted", "refused", "deferred", "no_mail",
                                                                       "unknown"};

// What is known of the HELO name.
enum class HeloKnowledge : std::uint8_t { kNotLogged, kNone, kSaid };

struct LoggedSession {
  LogSource source = LogSource::kPostfix;
  LogTime first{}, last{};
  std::optional<IpAddress> client;  // unmapped; nullopt: a client without an address
  HeloKnowledge helo_known = HeloKnowledge::kNotLogged;
  std::string helo;  // kSaid only
  SuppliedRdns rdns;
  std::optional<Dnssec> rdns_dnssec;
  std::optional<std::uint16_t> port;
  std::optional<bool> tls, authenticated, helo_changed;
  Stage reached = Stage::kRcpt;   // how far the session is taken to have gone when it is judged
  bool recipient_exempt = false;  // it went to `to` alone, which was exempt
  std::string from, to;           // an example; "" if not logged

  MtaOutcome mta = MtaOutcome::kNoMail;
  // A milter, or a check of the HELO name, refused it: what another policy here may undo.
  bool replaceable = false;
  std::optional<Outcome> was;  // what heloguard answered; an observing policy lets everything pass
};

// Of a name, an address or a reply this much is kept.
inline constexpr std::size_t kMaxLoggedText = kMaxHeloBytes;

}  // namespace heloguard
