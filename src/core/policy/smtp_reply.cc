// SMTP replies, valid by construction: code and enhanced code of one class (RFC 3463), lines of printable ASCII, at
// most 512 octets each with CRLF (RFC 5321 section 4.5.3.1.5). Pure; knows nothing of templates. Tests:
// tests/unit/core/policy/smtp_reply_test.cc.
#include "heloguard/policy/smtp_reply.h"

#include "core/policy/reply_syntax.h"
#include "heloguard/base/escape.h"

namespace heloguard {

Result<SmtpReply> SmtpReply::Make(int code, std::string_view enhanced, std::string_view text) {
  if (code < 400 || code > 599) return BadReply("a reply code must be 400 to 599, not " + std::to_string(code));
  const char cls = code >= 500 ? '5' : '4';
  if (!enhanced.empty() && !IsEnhanced(enhanced)) {
    return BadReply("\"" + EscapeBytes(enhanced, 20) + "\" is no enhanced status code (RFC 3463)");
  }
  if (!enhanced.empty() && enhanced.front() != cls) {
    return BadReply("the enhanced status code " + std::string(enhanced) + " must be of the class of " +
                    std::to_string(code) + ", " + cls + ".x.x (RFC 3463)");
  }
  if (!IsReplyText(text)) return BadReply("a reply may hold printable ASCII only");
  SmtpReply reply;
  reply.code_ = code;
  reply.enhanced_ = enhanced;
  reply.lines_ = ReplyLines(text);
  if (reply.lines_.empty()) reply.lines_.emplace_back();
  if (reply.lines_.size() > kMaxLines) reply.lines_.resize(kMaxLines);
  const std::size_t limit = MaxLineText(enhanced);
  for (std::string& line : reply.lines_) {
    if (line.size() > limit) line.replace(limit - 3, std::string::npos, "...");
  }
  return reply;
}

std::string SmtpReply::text() const {
  std::string text = lines_.front();
  for (std::size_t i = 1; i < lines_.size(); ++i) text += "\n" + lines_[i];
  return text;
}

std::string SmtpReply::ToString() const {
  std::string text;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const bool last = i + 1 == lines_.size();
    text += std::to_string(code_);
    if (!last || !enhanced_.empty() || !lines_[i].empty()) text += last ? ' ' : '-';
    text += enhanced_;
    if (!enhanced_.empty() && !lines_[i].empty()) text += ' ';
    text += lines_[i];
    if (!last) text += '\n';
  }
  return text;
}

}  // namespace heloguard
