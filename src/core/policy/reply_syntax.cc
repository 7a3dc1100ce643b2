// The syntax that replies and their templates share (RFC 5321 section 4.5.3.1.5, RFC 3463 section 2). Pure; knows
// nothing of placeholders. Tests: tests/unit/core/policy/smtp_reply_test.cc, reply_template_test.cc.
#include "core/policy/reply_syntax.h"

#include <algorithm>
#include <utility>

#include "heloguard/base/ascii.h"
#include "heloguard/policy/smtp_reply.h"

namespace heloguard {

bool AllDigits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, IsDigit); }

bool IsReplyText(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= ' ' && c <= '~') || c == '\n'; });
}

std::vector<std::string> ReplyLines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    while (line.ends_with(' ')) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool LooksEnhanced(std::string_view word) {
  const std::size_t first = word.find('.');
  const std::size_t last = word.rfind('.');
  return first != std::string_view::npos && first != last && AllDigits(word.substr(0, first)) &&
         AllDigits(word.substr(first + 1, last - first - 1)) && AllDigits(word.substr(last + 1));
}

bool IsEnhanced(std::string_view word) {
  if (!LooksEnhanced(word)) return false;
  const std::size_t first = word.find('.');
  const std::size_t last = word.rfind('.');
  const auto number = [](std::string_view n) { return n.size() <= 3 && (n.size() == 1 || n.front() != '0'); };
  return first == 1 && number(word.substr(2, last - 2)) && number(word.substr(last + 1));
}

// In front stands "550 5.7.1 ", behind it CRLF.
std::size_t MaxLineText(std::string_view enhanced) {
  const std::size_t head = 3 + 1 + enhanced.size() + (enhanced.empty() ? 0 : 1);
  return SmtpReply::kMaxReplyOctets - 2 - head;
}

Error BadReply(std::string message) { return {ErrorKind::kConfig, std::move(message), {}}; }

}  // namespace heloguard
