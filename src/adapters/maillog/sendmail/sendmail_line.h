// What a line of Sendmail says about a session.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "heloguard/facts/build_facts.h"

namespace heloguard {

enum class SendmailEvent : std::uint8_t {
  kNone,
  kConnect,  // a session begins (LogLevel 10 and more)
  kClient,   // names the client, and no more: a session without mail, a connection that broke
  kMessage,  // from=...: a message, and how many recipients were accepted
  kRefusal,  // by a milter or a rule set
  kHelo,     // what the client said (a milter's refusal, or LogLevel 15)
  kAuthenticated,
};

// Views into the message; hostile bytes.
struct SendmailLine {
  SendmailEvent event = SendmailEvent::kNone;
  std::string_view name, address;  // of NAME [ADDRESS]; "" where the line has none
  bool forged = false;  // "(may be forged)": the name does not lead to the address, or could not be looked up
  unsigned code = 0;    // of the refusal
  bool by_milter = false, about_client = false;
  unsigned recipients = 0;  // nrcpts=
  std::string_view from, to, proto;
  std::optional<std::string_view> helo;
};

[[nodiscard]] SendmailLine ParseSendmailLine(std::string_view message);
// "sendmail", "sm-mta" (Debian) and what begins with "sendmail-".
[[nodiscard]] bool IsSendmail(std::string_view program);

}  // namespace heloguard
