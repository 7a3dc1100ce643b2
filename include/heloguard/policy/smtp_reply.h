// An SMTP reply that refuses: valid by construction, whatever text it was made of.
//
// RFC 5321 section 4.2.1 has the form of replies of several lines, section 4.5.3.1.5 the limit of 512 octets a line;
// RFC 3463 section 2 has the enhanced status codes.
//
// Thread rule: values and pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/result.h"

namespace heloguard {

// A code 4yz or 5yz, an enhanced status code of the same class or none, and one line or several of printable ASCII,
// each of at most kMaxReplyOctets on the wire with CRLF.
class SmtpReply {
 public:
  static constexpr std::size_t kMaxReplyOctets = 512;
  static constexpr std::size_t kMaxLines = 32;  // as many as libmilter takes

  // Makes a reply of `text`, whose lines end with LF. Empty lines and blanks at a line's end are left out. A line that
  // is too long is cut and ends with "...", lines above kMaxLines are dropped.
  // Errors (kConfig): a code outside 400 to 599, an enhanced code that is malformed or of another class, octets outside
  // printable ASCII.
  [[nodiscard]] static Result<SmtpReply> Make(int code, std::string_view enhanced, std::string_view text);

  [[nodiscard]] int code() const { return code_; }
  [[nodiscard]] const std::string& enhanced() const { return enhanced_; }         // "5.7.1"; "": none
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }  // one at least
  [[nodiscard]] std::string text() const;                                         // the lines, LF between them
  [[nodiscard]] bool permanent() const { return code_ >= 500; }

  // "550 5.7.1 text", or "550-5.7.1 first line", LF, "550 5.7.1 last line": as on the wire, but for the line ends.
  [[nodiscard]] std::string ToString() const;

  friend bool operator==(const SmtpReply&, const SmtpReply&) = default;

 private:
  SmtpReply() = default;
  int code_ = 550;
  std::string enhanced_;
  std::vector<std::string> lines_;
};

}  // namespace heloguard
