// Takes a reply line apart. RFC 5321 sections 4.2 and 4.2.1. Tests: tests/unit/adapters/smtp/smtp_reply_line_test.cc.
#include "adapters/smtp/smtp_reply_line.h"

#include <algorithm>

#include "heloguard/base/ascii.h"

namespace heloguard {

std::optional<SmtpReplyLine> ParseSmtpReplyLine(std::string_view line) {
  constexpr std::size_t kCodeLength = 3;
  const std::string_view digits = line.substr(0, kCodeLength);
  if (digits.size() < kCodeLength || !std::ranges::all_of(digits, IsDigit)) return std::nullopt;
  if (digits.front() < '2' || digits.front() > '5') return std::nullopt;
  SmtpReplyLine reply;
  for (const char digit : digits) reply.code = reply.code * 10 + (digit - '0');
  if (line.size() == kCodeLength) return reply;
  const char separator = line[kCodeLength];
  if (separator != ' ' && separator != '-') return std::nullopt;
  reply.last = separator == ' ';
  reply.text = line.substr(kCodeLength + 1);
  return reply;
}

std::string_view NameInReply(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start);
  return text.substr(0, text.find_first_of(" \t"));
}

}  // namespace heloguard
