// Answers SMTP commands so that a client says all it would say to a real server, up to DATA, which is refused for good:
// the client then tells its sender instead of trying for days. Order of commands and codes: RFC 5321 sections 4.1.4,
// 4.2.2, 4.3.2. No extension is offered, so that no client waits for one.
// Tests: tests/unit/adapters/smtp/smtp_dialogue_test.cc, tests/fuzz/fuzz_smtp.cc.
#include "adapters/smtp/smtp_dialogue.h"

#include <algorithm>
#include <array>

#include "heloguard/base/ascii.h"
#include "heloguard/facts/helo.h"

namespace heloguard {
namespace {

// A client that goes on beyond these is no mail server.
constexpr std::size_t kMaxCommands = 100;
constexpr std::size_t kMaxMistakes = 10;

constexpr std::string_view kBlanks = " \t";

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

SmtpDialogue::Verb SmtpDialogue::VerbOf(std::string_view word) {
  using Row = std::pair<std::string_view, Verb>;
  static constexpr std::array<Row, 12> kVerbs{{
      {"ehlo", Verb::kEhlo},
      {"helo", Verb::kHelo},
      {"mail", Verb::kMail},
      {"rcpt", Verb::kRcpt},
      {"data", Verb::kData},
      {"rset", Verb::kRset},
      {"noop", Verb::kNoop},
      {"vrfy", Verb::kVrfy},
      {"quit", Verb::kQuit},
      {"starttls", Verb::kNotHere},
      {"auth", Verb::kNotHere},
      {"bdat", Verb::kNotHere},
  }};
  const auto* const row = std::ranges::find(kVerbs, LowerCase(word), &Row::first);
  return row == kVerbs.end() ? Verb::kUnknown : row->second;
}

std::string SmtpDialogue::Greeting() const { return "220 " + own_ + " ESMTP heloguard audit, takes no mail\r\n"; }

std::string SmtpDialogue::Answer(std::string_view line) {
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  const Verb verb = VerbOf(word);
  const bool greets = verb == Verb::kEhlo || verb == Verb::kHelo;
  return Counted(greets ? Helo(verb, Trimmed(line.substr(word.size()))) : Perform(verb));
}

std::string SmtpDialogue::AnswerTooLong() { return Counted("500 5.5.2 Line too long\r\n"); }

// An empty one is heard too: that it is empty is what the sender has to learn.
std::string SmtpDialogue::Helo(Verb verb, std::string_view argument) {
  helo_ = std::string(argument.substr(0, kMaxHeloBytes));
  mail_ = rcpt_ = false;
  if (argument.empty()) return "501 5.5.4 A name has to follow\r\n";
  // A single line with no extension in it is an answer to EHLO as well (RFC 5321 section 4.1.1.1).
  return "250 " + own_ + (verb == Verb::kEhlo ? " offers no extension\r\n" : "\r\n");
}

std::string SmtpDialogue::Perform(Verb verb) {
  switch (verb) {
    case Verb::kMail:
      if (!helo_) return "503 5.5.1 HELO or EHLO comes first\r\n";
      if (mail_) return "503 5.5.1 Sender is told already\r\n";
      mail_ = true;
      return "250 2.1.0 Sender heard\r\n";
    case Verb::kRcpt:
      if (!mail_) return "503 5.5.1 MAIL comes first\r\n";
      rcpt_ = true;
      return "250 2.1.5 Recipient heard\r\n";
    case Verb::kData:
      if (!rcpt_) return "503 5.5.1 RCPT comes first\r\n";
      mail_ = rcpt_ = false;
      return "554 5.7.1 This is heloguard audit: the HELO name was heard, mail is not taken\r\n";
    case Verb::kRset:
      mail_ = rcpt_ = false;
      return "250 2.0.0 Reset\r\n";
    case Verb::kNoop:
      return "250 2.0.0 Nothing done\r\n";
    case Verb::kVrfy:
      return "252 2.0.0 Not verified\r\n";
    case Verb::kQuit:
      over_ = true;
      return "221 2.0.0 " + own_ + " closes the connection\r\n";
    case Verb::kNotHere:
      return "502 5.5.1 Not offered here\r\n";
    case Verb::kEhlo:
    case Verb::kHelo:
    case Verb::kUnknown:
      break;
  }
  return "500 5.5.1 Command unknown\r\n";
}

std::string SmtpDialogue::Counted(std::string reply) {
  ++commands_;
  if (reply.starts_with('5')) ++mistakes_;
  if (over_ || (commands_ < kMaxCommands && mistakes_ < kMaxMistakes)) return reply;
  over_ = true;
  return "421 4.7.0 " + own_ + " has heard enough\r\n";
}

}  // namespace heloguard
