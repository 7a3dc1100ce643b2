// The server's side of an SMTP conversation that hears the client's HELO and takes no mail: text in, text out.
//
// Thread rule: one thread. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace heloguard {

class SmtpDialogue {
 public:
  // `own`: what the server calls itself.
  explicit SmtpDialogue(std::string own) : own_(std::move(own)) {}

  // Replies end in CRLF.
  [[nodiscard]] std::string Greeting() const;
  // `line`: any bytes, without its line end. After over() nothing is to be asked any more.
  [[nodiscard]] std::string Answer(std::string_view line);
  // To a line over the limit; none of it is looked at.
  [[nodiscard]] std::string AnswerTooLong();
  [[nodiscard]] bool over() const { return over_; }

  // What followed HELO or EHLO, the latest; blanks around it removed, kMaxHeloBytes at most, hostile bytes.
  [[nodiscard]] const std::optional<std::string>& helo() const { return helo_; }

 private:
  enum class Verb : std::uint8_t { kEhlo, kHelo, kMail, kRcpt, kData, kRset, kNoop, kVrfy, kQuit, kNotHere, kUnknown };
  [[nodiscard]] static Verb VerbOf(std::string_view word);
  [[nodiscard]] std::string Helo(Verb verb, std::string_view argument);
  [[nodiscard]] std::string Perform(Verb verb);
  [[nodiscard]] std::string Counted(std::string reply);

  const std::string own_;
  std::optional<std::string> helo_;
  bool mail_ = false;  // MAIL was answered 250
  bool rcpt_ = false;
  bool over_ = false;
  std::size_t commands_ = 0;
  std::size_t mistakes_ = 0;
};

}  // namespace heloguard
