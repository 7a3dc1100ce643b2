// One line of an SMTP reply (RFC 5321 section 4.2), as a server of anybody's sends it.
//
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string_view>

namespace heloguard {

struct SmtpReplyLine {
  int code = 0;           // 200 to 599
  bool last = true;       // no hyphen behind the code
  std::string_view text;  // what follows; of `line`, hostile bytes
};

// nullopt if `line` is none: three digits, the first 2 to 5, then a blank, a hyphen or nothing.
[[nodiscard]] std::optional<SmtpReplyLine> ParseSmtpReplyLine(std::string_view line);

// The name a greeting or an EHLO reply starts with, up to the first blank or tab; "" if there is none.
[[nodiscard]] std::string_view NameInReply(std::string_view text);

}  // namespace heloguard
