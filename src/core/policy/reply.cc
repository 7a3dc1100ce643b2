// SMTP replies and the templates they come from.
//
// A reply is valid by construction: code and enhanced code of one class (RFC 3463), lines of printable ASCII, at most
// 512 octets each with CRLF (RFC 5321 section 4.5.3.1.5). What a template puts in (HELO, PTR names) is hostile:
// escaped, capped, and cut before the template's own words are. Percent signs stay as they are here; what they mean to
// libmilter is the milter adapter's business. Tests: tests/unit/core/policy/reply_test.cc.
#include <algorithm>
#include <array>

#include "heloguard/base/ascii.h"
#include "heloguard/base/domain_name.h"
#include "heloguard/policy/action.h"

namespace heloguard {
namespace {

bool AllDigits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, IsDigit); }
bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= ' ' && c <= '~') || c == '\n'; });
}

// Without blanks at their ends; empty ones are left out.
std::vector<std::string> LinesOf(std::string_view text) {
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

Error Bad(std::string message) { return {ErrorKind::kConfig, std::move(message), {}}; }

// Three numbers joined by dots, whatever their size: what a reader would take for an enhanced status code.
bool LooksEnhanced(std::string_view word) {
  const std::size_t first = word.find('.');
  const std::size_t last = word.rfind('.');
  return first != std::string_view::npos && first != last && AllDigits(word.substr(0, first)) &&
         AllDigits(word.substr(first + 1, last - first - 1)) && AllDigits(word.substr(last + 1));
}

// RFC 3463 section 2: class "." subject "." detail, subject and detail of one to three digits without leading zeros.
bool IsEnhanced(std::string_view word) {
  if (!LooksEnhanced(word)) return false;
  const std::size_t first = word.find('.');
  const std::size_t last = word.rfind('.');
  const auto number = [](std::string_view n) { return n.size() <= 3 && (n.size() == 1 || n.front() != '0'); };
  return first == 1 && number(word.substr(2, last - 2)) && number(word.substr(last + 1));
}

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
    if (end == std::string_view::npos) return Bad("the reply has an open brace; write {{ for a brace");
    const std::string_view name = body.substr(i + 1, end - i - 1);
    pieces.back().placeholder = FindPlaceholder(name);
    if (pieces.back().placeholder == nullptr) {
      std::vector<std::string_view> known;
      known.reserve(kPlaceholders.size());
      for (const Placeholder& row : kPlaceholders) known.push_back(row.name);
      return Bad("a reply has no {" + EscapeBytes(name, 40) + "} to put in" + DidYouMean(name, known));
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

// What stands in front of the text: "550 5.7.1 ".
std::size_t HeadOctets(std::string_view enhanced) { return 3 + 1 + enhanced.size() + (enhanced.empty() ? 0 : 1); }
std::size_t TextLimit(std::string_view enhanced) { return SmtpReply::kMaxReplyOctets - 2 - HeadOctets(enhanced); }

std::string_view TakeWord(std::string_view* text) {
  const std::size_t end = std::min(text->find_first_of(" \n"), text->size());
  const std::string_view word = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return word;
}

// The default replies; the class digit is the outcome's. RFC 7372 section 3.3 registers X.7.25, RFC 3463 sections 3.8
// and 3.6 X.7.1 and X.5.2.
using Findings = ReplyTemplate::Findings;
constexpr std::array<ReplyTemplate::Words, 4> kDefaults{{
    {"7.1", "HELO {helo} from {client} is refused by local policy", Findings::kNone},
    {"7.25",
     "The DNS records of {client} (PTR {rdns}) and HELO {helo} could not all be looked up, please try again later",
     Findings::kAll},
    {"5.2", "HELO {helo} is not a valid host name or address literal (RFC 5321 section 4.1.1.1)", Findings::kNone},
    {"7.1",
     "HELO {helo} and the reverse DNS of {client} (PTR {rdns}) are too unlike those of a mail server, score {score}",
     Findings::kAll},
}};
constexpr std::string_view kEnding = " ({rule}) [{session}] {help_url}";

}  // namespace

Result<SmtpReply> SmtpReply::Make(int code, std::string_view enhanced, std::string_view text) {
  if (code < 400 || code > 599) return Bad("a reply code must be 400 to 599, not " + std::to_string(code));
  const char cls = code >= 500 ? '5' : '4';
  if (!enhanced.empty() && !IsEnhanced(enhanced)) {
    return Bad("\"" + EscapeBytes(enhanced, 20) + "\" is no enhanced status code (RFC 3463)");
  }
  if (!enhanced.empty() && enhanced.front() != cls) {
    return Bad("the enhanced status code " + std::string(enhanced) + " must be of the class of " +
               std::to_string(code) + ", " + cls + ".x.x (RFC 3463)");
  }
  if (!IsPrintable(text)) return Bad("a reply may hold printable ASCII only");
  SmtpReply reply;
  reply.code_ = code;
  reply.enhanced_ = enhanced;
  reply.lines_ = LinesOf(text);
  if (reply.lines_.empty()) reply.lines_.emplace_back();
  if (reply.lines_.size() > kMaxLines) reply.lines_.resize(kMaxLines);
  const std::size_t limit = TextLimit(enhanced);
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

Result<ReplyTemplate> ReplyTemplate::Parse(std::string_view text, Outcome outcome) {
  if (outcome == Outcome::kAccept) return Bad("a reply belongs to a rule that refuses; accept sends none");
  if (!IsPrintable(text)) return Bad("a reply may hold printable ASCII only");
  const char cls = outcome == Outcome::kReject ? '5' : '4';
  std::string_view rest = text;
  const std::string_view code = TakeWord(&rest);
  if (code.size() != 3 || !AllDigits(code)) {
    return Bad(std::string("a reply starts with a code of three digits, ") + cls + "50 for example");
  }
  if (code.front() != cls) {
    return Bad("the reply code of " + std::string(NameOf(outcome)) + " must be " + cls + "yz, not " +
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
  const std::size_t lines = LinesOf(rest).size();
  if (lines == 0) return Bad("the reply has no text after its code");
  if (lines > SmtpReply::kMaxLines)
    return Bad("a reply has at most " + std::to_string(SmtpReply::kMaxLines) + " lines");
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
  const std::size_t limit = TextLimit(enhanced_);
  std::string text;
  // A name has 255 octets at most; only where several long ones meet are they cut further, before the words are.
  for (const std::size_t cap : {256U, 128U, 64U, 32U}) {
    text = Substitute(pieces.value(), values, cap);
    if (std::ranges::all_of(LinesOf(text), [&](const std::string& line) { return line.size() <= limit; })) break;
  }
  for (const std::string& finding : values.findings) {
    if (findings_ != Findings::kNone && IsPrintable(finding)) text += '\n' + finding;
  }
  return SmtpReply::Make(code_, enhanced_, text).value();
}

}  // namespace heloguard
