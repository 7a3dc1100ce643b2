// Reply texts with placeholders, as a policy writes them, and the default replies of rules that write none.
//
//   550 5.7.1 HELO {helo} is an IP address, see {help_url}
//
// The placeholders are {helo} {client} {rdns} {rule} {session} {score} {help_url}; "{{" is a brace. The enhanced code
// may be left out and is then X.7.1 (RFC 3463). A line break makes a reply of several lines.
//
// Thread rule: values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/result.h"
#include "heloguard/policy/action.h"
#include "heloguard/policy/smtp_reply.h"

namespace heloguard {

// What the placeholders stand for. Values are hostile bytes; Render escapes and cuts them.
struct ReplyValues {
  std::string helo, client, rdns, rule, session, score, help_url;
  std::vector<std::string> findings = {};  // what is wrong in DNS and how to right it: lines, for default replies
};

class ReplyTemplate {
 public:
  // Which findings follow the words of a default reply, a line each.
  enum class Findings : std::uint8_t { kNone, kReverseDns, kHeloName, kAll };

  // What a default reply is about; picks the registered enhanced code and the words.
  enum class Subject : std::uint8_t { kPolicy, kReverseDns, kScore };

  // The words of a default reply. `detail` is the enhanced code without its class, "7.25" for example.
  struct Words {
    std::string_view detail, what;
    Findings findings = Findings::kNone;
  };

  // Reads a template that refuses with `outcome`.
  // Errors (kConfig): no code, a code whose class does not fit `outcome` (5yz with reject, 4yz with tempfail; accept
  // takes no reply), an unknown placeholder (with a suggestion), an open brace, octets outside printable ASCII, no
  // text, more lines than a reply can have.
  [[nodiscard]] static Result<ReplyTemplate> Parse(std::string_view text, Outcome outcome);

  // The default reply of a refusal about `subject`.
  [[nodiscard]] static ReplyTemplate Default(Subject subject, Outcome outcome);

  // A default reply that says `words.what`, then names rule, session and help page.
  // REQUIRES: `words.what` is the text of a valid template.
  [[nodiscard]] static ReplyTemplate Default(const Words& words, Outcome outcome);

  // The reply with `values` put in. Never fails: what does not fit a line is cut, the values before the template's own
  // words. Findings that are not printable ASCII are left out.
  [[nodiscard]] SmtpReply Render(const ReplyValues& values) const;

  [[nodiscard]] const std::string& text() const { return source_; }  // as written, with its codes
  [[nodiscard]] Findings findings() const { return findings_; }      // kNone unless a default reply asks for them

 private:
  ReplyTemplate() = default;
  std::string source_;
  int code_ = 550;
  std::string enhanced_;
  std::string body_;
  Findings findings_ = Findings::kNone;
};

}  // namespace heloguard
