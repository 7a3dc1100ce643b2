// What an SMTP server calls itself: the name in its greeting and the one in its reply to EHLO.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/smtp/smtp_connection.h"

namespace heloguard {

// Names are hostile bytes, kMaxHeloBytes at most.
struct SmtpSelf {
  int banner_code = 0;
  std::string banner;  // "" if the greeting names none
  int ehlo_code = 0;   // 0: never came to it
  std::string ehlo;    // "" if the reply names none
};

// Connects, reads the greeting, says EHLO (HELO where that is refused) with our address literal, and QUIT. No mail is
// begun. Errors: kUnavailable: no connection, no greeting in time, or what answers does not speak SMTP.
[[nodiscard]] Result<SmtpSelf> ProbeSmtp(const ServerAddress& server, const SmtpLimits& limits);

}  // namespace heloguard
