// Reply templates: what a policy writes to text with the session's values in it, and the default replies.
//
// What a template puts in (HELO, PTR names) is hostile: escaped, capped, and cut before the template's own words are.
// Percent signs stay as they are here; what they mean to libmilter is the milter adapter's business.
// Pure. Tests: tests/unit/core/policy/reply_template_test.cc, reply_template_property_test.cc.
#include "heloguard/policy/reply_template.h"

#include <algorithm>
#include <array>

#include "core/policy/reply_syntax.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"

namespace heloguard {
namespace {

// What a name in braces stands for. An empty value reads "-", so that the sentence around it holds; without a help page
// there is nothing to say.
struct Placeholder {
  std::string_view name;
  std::string ReplyValues::*value;
  std::string_view if_empty;
};
constexpr std::array<Placeholder, 7> kPlaceholders{{
    {"helo", &ReplyValues::helo, "-"},
    {"client", &ReplyValues::client, "-"},
    {"rdns", &ReplyValues::rdns, "-"},
    {"rule", &ReplyValues::rule, "-"},
    {"session", &ReplyValues::session, "-"},
    {"score", &ReplyValues::score, "-"},
    {"help_url", &ReplyValues::help_url, ""},
}};

const Placeholder* FindPlaceholder(std::string_view name) {
  const auto* it = std::ranges::find(kPlaceholders, name, &Placeholder::name);
  return it == kPlaceholders.end() ? nullptr : it;
}

// A template in pieces: `text` as it stands, then the placeholder, if any.
struct Piece {
  std::string text;
  const Placeholder* placeholder = nullptr;
};

Result<std::vector<Piece>> Split(std::string_view body) {
  std::vector<Piece> pieces(1);
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    const bool doubled = i + 1 < body.size() && body[i + 1] == c;
    if (c == '}' && doubled) ++i;
    if (c != '{' || doubled) {
      if (c == '{') ++i;
      pieces.back().text += c;
      continue;
    }
    const std::size_t end = body.find('}', i);
    if (end == std::string_view::npos) return BadReply("the reply has an open brace; write {{ for a brace");
    const std::string_view name = body.substr(i + 1, end - i - 1);
    pieces.back().placeholder = FindPlaceholder(name);
    if (pieces.back().placeholder == nullptr) {
      std::vector<std::string_view> known;
      known.reserve(kPlaceholders.size());
      for (const Placeholder& row : kPlaceholders) known.push_back(row.name);
      return BadReply("a reply has no {" + EscapeBytes(name, 40) + "} to put in" + DidYouMean(name, known));
    }
    pieces.emplace_back();
    i = end;
  }
  return pieces;
}

std::string Substitute(const std::vector<Piece>& pieces, const ReplyValues& values, std::size_t cap) {
  std::string text;
  for (const Piece& piece : pieces) {
    text += piece.text;
    if (piece.placeholder == nullptr) continue;
    const std::string& value = values.*(piece.placeholder->value);
    text += value.empty() ? std::string(piece.placeholder->if_empty) : EscapeBytes(value, cap);
  }
  return text;
}

std::string_view TakeWord(std::string_view* text) {
  const std::size_t end = std::min(text->find_first_of(" \n"), text->size());
  const std::string_view word = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return word;
}

// The default replies by Subject; the class digit is the outcome's. RFC 7372 section 3.3 registers X.7.25, RFC 3463
// section 3.8 X.7.1.
using Findings = ReplyTemplate::Findings;
constexpr std::array<ReplyTemplate::Words, 3> kDefaults{{
    {"7.1", "HELO {helo} from {client} is refused by local policy", Findings::kNone},
    {"7.25",
     "The DNS records of {client} (PTR {rdns}) and HELO {helo} could not all be looked up, please try again later",
     Findings::kAll},
    {"7.1",
     "HELO {helo} and the reverse DNS of {client} (PTR {rdns}) are too unlike those of a mail server, score {score}",
     Findings::kAll},
}};
constexpr std::string_view kEnding = " ({rule}) [{session}] {help_url}";

}  // namespace

Result<ReplyTemplate> ReplyTemplate::Parse(std::string_view text, Outcome outcome) {
  if (outcome == Outcome::kAccept) return BadReply("a reply belongs to a rule that refuses; accept sends none");
  if (!IsReplyText(text)) return BadReply("a reply may hold printable ASCII only");
  const char cls = outcome == Outcome::kReject ? '5' : '4';
  std::string_view rest = text;
  const std::string_view code = TakeWord(&rest);
  if (code.size() != 3 || !AllDigits(code)) {
    return BadReply(std::string("a reply starts with a code of three digits, ") + cls + "50 for example");
  }
  if (code.front() != cls) {
    return BadReply("the reply code of " + std::string(NameOf(outcome)) + " must be " + cls + "yz, not " +
                    std::string(code));
  }
  ReplyTemplate made;
  made.source_ = text;
  made.code_ = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
  made.enhanced_ = std::string(1, cls) + ".7.1";
  std::string_view body = rest;
  const std::string_view word = TakeWord(&body);
  if (LooksEnhanced(word)) {
    made.enhanced_ = word;
    rest = body;
  }
  made.body_ = rest;
  const std::size_t lines = ReplyLines(rest).size();
  if (lines == 0) return BadReply("the reply has no text after its code");
  if (lines > SmtpReply::kMaxLines)
    return BadReply("a reply has at most " + std::to_string(SmtpReply::kMaxLines) + " lines");
  if (const auto pieces = Split(rest); !pieces.ok()) return pieces.error();
  if (const auto trial = SmtpReply::Make(made.code_, made.enhanced_, ""); !trial.ok()) return trial.error();
  return made;
}

ReplyTemplate ReplyTemplate::Default(Subject subject, Outcome outcome) {
  return Default(kDefaults[static_cast<std::size_t>(subject)], outcome);
}

ReplyTemplate ReplyTemplate::Default(const Words& words, Outcome outcome) {
  const bool permanent = outcome == Outcome::kReject;
  ReplyTemplate made;
  made.code_ = permanent ? 550 : 450;
  made.enhanced_ = std::string(permanent ? "5." : "4.").append(words.detail);
  made.body_ = std::string(words.what).append(kEnding);
  made.findings_ = words.findings;
  made.source_ = std::to_string(made.code_) + " " + made.enhanced_ + " " + made.body_;
  return made;
}

SmtpReply ReplyTemplate::Render(const ReplyValues& values) const {
  const auto pieces = Split(body_);
  const std::size_t limit = MaxLineText(enhanced_);
  std::string text;
  // A name has 255 octets at most; only where several long ones meet are they cut further, before the words are.
  for (const std::size_t cap : {256U, 128U, 64U, 32U}) {
    text = Substitute(pieces.value(), values, cap);
    if (std::ranges::all_of(ReplyLines(text), [&](const std::string& line) { return line.size() <= limit; })) break;
  }
  for (const std::string& finding : values.findings) {
    if (findings_ != Findings::kNone && IsReplyText(finding)) text += '\n' + finding;
  }
  return SmtpReply::Make(code_, enhanced_, text).value();
}

}  // namespace heloguard
