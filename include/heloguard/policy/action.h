// What a rule can do, and the SMTP replies that come of it.
//
// Thread rule: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/enum_set.h"
#include "heloguard/base/result.h"

namespace heloguard {

enum class ActionKind : std::uint8_t { kAccept, kReject, kTempfail, kNote, kScore };
template <>
inline constexpr std::array<std::string_view, 5> EnumNames<ActionKind>{"accept", "reject", "tempfail", "note", "score"};

// What becomes of a session, ordered by how much it refuses.
enum class Outcome : std::uint8_t { kAccept, kTempfail, kReject };
template <>
inline constexpr std::array<std::string_view, 3> EnumNames<Outcome>{"accept", "tempfail", "reject"};

// One row of the action table (action.cc).
struct ActionSpec {
  ActionKind kind;
  std::string_view name;
  bool decides;                        // ends the walk through the rules
  std::optional<Outcome> outcome;      // of the actions that decide
  std::string_view help;
};
[[nodiscard]] std::span<const ActionSpec> ActionTable();
[[nodiscard]] const ActionSpec& SpecOf(ActionKind kind);

// A reply that can be sent: code 4yz or 5yz, an enhanced status code of the same class (RFC 3463), one line or several
// (RFC 5321 section 4.2.1) of printable ASCII, each at most kMaxReplyOctets on the wire with CRLF (section 4.5.3.1.5).
class SmtpReply {
 public:
  static constexpr std::size_t kMaxReplyOctets = 512;
  static constexpr std::size_t kMaxLines = 32;  // as many as libmilter takes

  // The lines of `text` end with LF. Errors (kConfig): a code outside 400-599, an enhanced code that is malformed or of
  // another class, lines with octets outside printable ASCII. Empty lines and blanks at a line's end are left out, a
  // line that is too long is cut, and so is a text of too many lines.
  [[nodiscard]] static Result<SmtpReply> Make(int code, std::string_view enhanced, std::string_view text);

  [[nodiscard]] int code() const { return code_; }
  [[nodiscard]] const std::string& enhanced() const { return enhanced_; }
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

// What a template may name. Values are hostile bytes; they are escaped and capped when substituted.
struct ReplyValues {
  std::string helo, client, rdns, rule, session, score, help_url;
  std::vector<std::string> findings = {};  // what is wrong in DNS and how to right it: lines, for default replies
};

// "550 5.7.1 HELO {helo} is an IP address" with {helo} {client} {rdns} {rule} {session} {score} {help_url}; "{{" is a
// brace. The enhanced code may be left out and is then X.7.1. A line break makes a reply of several lines.
class ReplyTemplate {
 public:
  // Errors (kConfig): no code, a code whose class does not fit `outcome` (5yz with reject, 4yz with tempfail; accept
  // takes no reply), an unknown name in braces (with a suggestion), an open brace, octets outside printable ASCII, more
  // lines than a reply can have.
  [[nodiscard]] static Result<ReplyTemplate> Parse(std::string_view text, Outcome outcome);
  // Which findings follow the words of a default reply, a line each.
  enum class Findings : std::uint8_t { kNone, kReverseDns, kHeloName, kAll };
  [[nodiscard]] Findings findings() const { return findings_; }

  // The default reply of a refusal: `subject` picks the registered enhanced code and the words.
  enum class Subject : std::uint8_t { kPolicy, kReverseDns, kSyntax, kScore };
  [[nodiscard]] static ReplyTemplate Default(Subject subject, Outcome outcome);
  // One that says `what`, then names rule, session and help page. `detail` is the enhanced code without its class.
  // REQUIRES: `what` is a valid template.
  struct Words {
    std::string_view detail, what;
    Findings findings = Findings::kNone;
  };
  [[nodiscard]] static ReplyTemplate Default(const Words& words, Outcome outcome);

  [[nodiscard]] SmtpReply Render(const ReplyValues& values) const;
  [[nodiscard]] const std::string& text() const { return source_; }

 private:
  ReplyTemplate() = default;
  std::string source_;
  int code_ = 550;
  std::string enhanced_;
  std::string body_;
  Findings findings_ = Findings::kNone;
};

// The nearest of `known` to a mistyped `word`, "" if none is near (edit distance of a third of the length at most).
[[nodiscard]] std::string Suggest(std::string_view word, std::span<const std::string_view> known);
// " (did you mean "NEAREST"?)" or "".
[[nodiscard]] std::string DidYouMean(std::string_view word, std::span<const std::string_view> known);

}  // namespace heloguard
