// Reads what a line of a Postfix table results in: the action, a code, an enhanced code, text with substitutions.
//
// The action is always the postmaster's: one that the match would give ("/^(.*)/ $1") is an error. Pure.
// Tests: tests/unit/tables/postfix_table_test.cc, tests/golden/policy_errors/postfix-*.
#include "tables/table_result.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "heloguard/base/ascii.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"
#include "tables/postfix_table.h"

namespace heloguard {
namespace {

// An action and what it comes to here.
struct ActionRow {
  std::string_view name;
  AccessClass what;
  bool takes_text;           // that the client reads
  std::string_view warning;  // "": there is nothing to say
};
constexpr std::string_view kOwnBusiness =
    " is Postfix's own business, which a HELO check does not do; it is read as DUNNO";
constexpr std::array<ActionRow, 16> kActions{{
    {"OK", AccessClass::kOk, false, ""},
    {"PERMIT", AccessClass::kOk, false, ""},
    {"RELAY", AccessClass::kOk, false, ""},
    {"DUNNO", AccessClass::kDunno, false, ""},
    {"REJECT", AccessClass::kReject, true, ""},
    {"DEFER", AccessClass::kDefer, true, ""},
    {"DEFER_IF_PERMIT", AccessClass::kDefer, true, ""},
    {"DEFER_IF_REJECT", AccessClass::kDunno, false,
     " only softens what is refused further on, which no rule here does; it is read as DUNNO"},
    {"WARN", AccessClass::kDunno, false, kOwnBusiness},
    {"INFO", AccessClass::kDunno, false, kOwnBusiness},
    {"BCC", AccessClass::kDunno, false, kOwnBusiness},
    {"DISCARD", AccessClass::kDunno, false, kOwnBusiness},
    {"FILTER", AccessClass::kDunno, false, kOwnBusiness},
    {"HOLD", AccessClass::kDunno, false, kOwnBusiness},
    {"PREPEND", AccessClass::kDunno, false, kOwnBusiness},
    {"REDIRECT", AccessClass::kDunno, false, kOwnBusiness},
}};

bool IsNameCharacter(char c) { return IsAlnum(c) || c == '_'; }
bool AllDigits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, IsDigit); }

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = IsLetter(c) ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

// "X.Y.Z", X being 2, 4 or 5, at the start of `text`: how long; 0 for none (RFC 3463).
std::size_t EnhancedSize(std::string_view text) {
  const auto digits = [text](std::size_t from) {
    std::size_t size = 0;
    while (from + size < text.size() && IsDigit(text[from + size])) ++size;
    return size;
  };
  if (text.size() < 5 || std::string_view("245").find(text[0]) == std::string_view::npos || text[1] != '.') return 0;
  const std::size_t subject = digits(2);
  const std::size_t dot = 2 + subject;
  if (subject < 1 || subject > 3 || dot >= text.size() || text[dot] != '.') return 0;
  const std::size_t detail = digits(dot + 1);
  const std::size_t end = dot + 1 + detail;
  return detail >= 1 && detail <= 3 && (end == text.size() || text[end] == ' ') ? end : 0;
}

// Without leading zeros; an address's code is none for a HELO.
std::string Enhanced(std::string_view word) {
  const std::size_t dot = word.rfind('.');
  const auto plain = [](std::string_view digits) {
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return std::string(digits);
  };
  const std::string subject = plain(word.substr(2, dot - 2));
  const std::string about = subject == "1" ? "0.0" : subject + "." + plain(word.substr(dot + 1));
  return std::string(1, word.front()) + "." + about;
}

class Reader {
 public:
  Reader(const ResultContext& context, Diagnostics* out) : context_(context), out_(out) {}

  AccessResult Run() {
    if (context_.begin >= context_.line.text().size()) {
      Fail(context_.begin, "this line has no result");
      return {};
    }
    if (!Split()) return {};
    std::string& head = result_.text.front().words;
    const std::size_t end = std::min(head.find(' '), head.size());
    if (result_.text.front().group != 0 || (end == head.size() && result_.text.size() > 1)) {
      Fail(context_.begin, "the action cannot come from what matched");
      return {};
    }
    const std::string action = head.substr(0, end);
    head.erase(0, std::min(head.find_first_not_of(' ', end), head.size()));
    const bool has_text = !head.empty() || result_.text.size() > 1;
    Act(action, has_text);
    return std::move(result_);
  }

 private:
  void Fail(std::size_t at, std::string message) { AddError(out_, context_.line.At(at), std::move(message)); }
  void Warn(std::size_t at, std::string message, std::string_view id) {
    out_->push_back(
        {Severity::kWarning, {ErrorKind::kConfig, std::move(message), context_.line.At(at)}, std::string(id)});
  }

  // --- text in pieces ---

  bool Split() {
    const std::string& text = context_.line.text();
    result_.text.emplace_back();
    for (std::size_t at = context_.begin; at < text.size();) {
      const char c = text[at];
      if (!context_.substitutes || c != '$') {
        AddOctet(at++, c);
      } else if (at + 1 < text.size() && text[at + 1] == '$') {
        AddOctet(at, c);
        at += 2;
      } else if (const std::size_t end = AddGroup(at); end != 0) {
        at = end;
      } else {
        return false;
      }
    }
    return true;
  }

  void AddOctet(std::size_t at, char c) {
    if (result_.text.back().group != 0) result_.text.emplace_back();
    const bool prints = c >= ' ' && c <= '~';
    if (!prints && !IsTableBlank(c) && !std::exchange(warned_, true)) {
      Warn(at, "octets outside printable ASCII have no place in a reply; each becomes a question mark", kTableWarning);
    }
    result_.text.back().words += IsTableBlank(c) ? ' ' : prints ? c : '?';
  }

  // "$1", "${1}", "$(1)" at `at`: the place behind it; 0 if it is wrong.
  std::size_t AddGroup(std::size_t at) {
    const std::string_view text = context_.line.text();
    const char open = at + 1 < text.size() ? text[at + 1] : ' ';
    const bool wrapped = open == '{' || open == '(';
    std::size_t begin = at + (wrapped ? 2 : 1);
    std::size_t end = begin;
    while (end < text.size() && IsNameCharacter(text[end])) ++end;
    const std::string_view name = text.substr(begin, end - begin);
    if (wrapped && (end >= text.size() || text[end] != (open == '{' ? '}' : ')'))) {
      Fail(at, "this reference to a group is not closed");
      return 0;
    }
    unsigned group = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), group);
    const bool number = AllDigits(name) && read.ec == std::errc{};
    if (!number || group == 0) {
      Fail(at, "$ wants the number of a group, 1 or above, behind it; write $$ for a dollar sign");
    } else if (context_.negated) {
      Fail(at, "a line turned round by ! has matched nothing that $" + std::to_string(group) + " could stand for");
    } else if (group > context_.groups) {
      Fail(at, "the pattern has no group " + std::to_string(group));
    } else {
      result_.text.push_back({"", group});
      return end + (wrapped ? 1 : 0);
    }
    return 0;
  }

  // --- actions ---

  void Act(const std::string& action, bool has_text) {
    if (AllDigits(action) && !has_text) return ActNumber(action);
    const bool code = action.size() == 3 && AllDigits(action) && (action[0] == '4' || action[0] == '5');
    if (code) {
      result_.what = action[0] == '5' ? AccessClass::kReject : AccessClass::kDefer;
      std::from_chars(action.data(), action.data() + action.size(), result_.code);
      return TakeEnhanced();
    }
    const std::string upper = UpperCase(action);
    const auto* const row = std::ranges::find(kActions, upper, &ActionRow::name);
    if (row == kActions.end()) {
      WarnUnknown(action);
    } else if (!row->warning.empty()) {
      Warn(context_.begin, upper + std::string(row->warning), kNotOursWarning);
    }
    if (row == kActions.end() || !row->takes_text) {
      result_.text.clear();
      if (row != kActions.end()) result_.what = row->what;
      return;
    }
    result_.what = row->what;
    TakeEnhanced();
  }

  // Pop-before-smtp leaves numbers behind that mean OK.
  void ActNumber(const std::string& number) {
    result_.what = AccessClass::kOk;
    result_.text.clear();
    const bool like_code = number.size() == 3 && (number[0] == '4' || number[0] == '5');
    if (!like_code) return;
    Warn(context_.begin, "a number alone means OK to Postfix; to refuse, write a text behind " + number, kTableWarning);
  }

  void WarnUnknown(const std::string& action) {
    std::vector<std::string_view> known;
    known.reserve(std::size(kActions));
    for (const ActionRow& row : kActions) known.push_back(row.name);
    Warn(context_.begin,
         Quoted(action) + " is no action of an access table" + DidYouMean(action, known) +
             "; Postfix takes it for restrictions, and here it is read as DUNNO",
         kNotOursWarning);
  }

  void TakeEnhanced() {
    std::string& head = result_.text.front().words;
    const std::size_t size = EnhancedSize(head);
    if (size != 0) {
      result_.enhanced = Enhanced(std::string_view(head).substr(0, size));
      head.erase(0, std::min(head.find_first_not_of(' ', size), head.size()));
    }
    if (head.empty() && result_.text.size() == 1) result_.text.clear();
  }

  const ResultContext& context_;
  Diagnostics* out_;
  AccessResult result_;
  bool warned_ = false;
};

}  // namespace

AccessResult ReadTableResult(const ResultContext& context, Diagnostics* out) { return Reader(context, out).Run(); }

}  // namespace heloguard
