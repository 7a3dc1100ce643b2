// Perl-compatible regular expressions, as Postfix's pcre tables have them, in RE2's syntax (table_regex.h).
//
// Every construct of pcre2pattern(3) is known here: it is written anew where RE2 would read it otherwise, and an error
// where RE2 has nothing like it. So nothing reaches RE2 by chance. Pure. Tests: tests/unit/tables/table_regex_test.cc.
#include <algorithm>
#include <array>
#include <set>

#include "heloguard/base/ascii.h"
#include "tables/pcre_class.h"
#include "tables/regex_writer.h"
#include "tables/table_regex.h"

namespace heloguard {
namespace {

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// What a group can begin with that RE2 cannot do. Longer ones first.
struct GroupRow {
  std::string_view begins;
  std::string_view text;
};
constexpr std::array<GroupRow, 18> kImpossible{{
    {"(?<=", "RE2 has no look-behind"},
    {"(?<!", "RE2 has no look-behind"},
    {"(?P=", "RE2 has no back references"},
    {"(?P>", "RE2 has no recursion"},
    {"(?=", "RE2 has no look-ahead; put the line between \"if\" and \"endif\""},
    {"(?!", "RE2 has no look-ahead; put the line between \"if !/.../\" and \"endif\""},
    {"(?>", "RE2 has no atomic groups"},
    {"(?|", "RE2 has no branch reset"},
    {"(?(", "RE2 has no conditions"},
    {"(?R", "RE2 has no recursion"},
    {"(?&", "RE2 has no recursion"},
    {"(?+", "RE2 has no recursion"},
    {"(?C", "RE2 has no callouts"},
    {"(?*", "RE2 has no look-around"},
    {"(*", "RE2 has no verbs or named assertions"},
    {"(?^", "RE2 has no (?^...)"},
    {"(?n", "RE2 has no flag n"},
    {"(?J", "RE2 has no flag J"},
}};

class Translator {
 public:
  Translator(std::string_view in, const RegexFlags& flags)
      : c_{in}, flags_{flags.fold, flags.extended}, anchored_(flags.anchored) {
    if (!flags.fold) out_ += "(?-i)";
    if (flags.ungreedy) out_ += "(?U)";
    if (flags.anchored) out_ += "^(?:";
  }

  RegexResult Run() {
    while (!c_.AtEnd() && !c_.error) Next();
    if (!open_.empty()) c_.Fail(open_.back().at, "this group is not closed");
    if (anchored_) out_ += ")";
    result_.text = std::move(out_);
    result_.error = std::move(c_.error);
    return std::move(result_);
  }

 private:
  struct Flags {
    bool fold = true;
    bool extended = false;
  };
  struct Group {
    std::size_t at = 0;
    Flags flags;  // to go back to
  };
  void Emit(std::string_view text) {
    out_ += text;
    repeatable_ = true;
  }
  void EmitBreak(std::string_view text) {
    out_ += text;
    repeatable_ = false;
  }

  void Next() {
    const char c = c_.in[c_.at];
    if (flags_.extended && IsBlank(c)) {
      ++c_.at;
    } else if (flags_.extended && c == '#') {
      c_.at = c_.in.size();
    } else if (c == '\\') {
      Escape();
    } else if (c == '[') {
      Emit(ReadPcreClass(&c_, flags_.fold));
    } else if (c == '(') {
      Open();
    } else if (c == ')') {
      Close();
    } else if (c == '|' || c == '^' || c == '$') {
      EmitBreak(c_.in.substr(c_.at++, 1));
    } else if (c == '.') {
      ++c_.at;
      Emit(".");
    } else if (std::string_view("*+?").find(c) != std::string_view::npos) {
      Repeat(std::string(1, c), 1);
    } else if (const auto bounds = c == '{' ? ReadBounds(c_.in.substr(c_.at), false) : std::nullopt) {
      std::string error;
      const auto text = BoundsText(*bounds, &error);
      text ? Repeat(*text, bounds->size) : c_.Fail(c_.at, error);
    } else {
      ++c_.at;
      Emit(LiteralText(c, flags_.fold));
    }
  }

  void Repeat(const std::string& text, std::size_t size) {
    if (!repeatable_) c_.Fail(c_.at, "there is nothing here to repeat");
    c_.at += size;
    EmitBreak(text);
    if (c_.At("+")) c_.Fail(c_.at - size, "RE2 has no possessive quantifiers");
    if (!c_.At("?")) return;
    ++c_.at;
    out_ += '?';
  }

  // --- groups ---

  void Open() {
    const std::string_view rest = c_.in.substr(c_.at);
    if (c_.At("(?#")) {
      const std::size_t end = c_.in.find(')', c_.at);
      if (end == std::string_view::npos) return c_.Fail(c_.at, "this comment is not closed");
      c_.at = end + 1;
      return;
    }
    for (const GroupRow& row : kImpossible) {
      if (rest.starts_with(row.begins)) return c_.Fail(c_.at, std::string(row.text));
    }
    open_.push_back({c_.at, flags_});
    if (!c_.At("(?")) {
      ++c_.at;
      ++result_.groups;
      return EmitBreak("(");
    }
    if (c_.At("(?P<") || c_.At("(?<") || c_.At("(?'")) return OpenNamed();
    OpenFlags();
  }

  // A name does not matter: a table's text knows numbers only.
  void OpenNamed() {
    const std::size_t begin = c_.at;
    c_.at = c_.in.find_first_of("<'", c_.at) + 1;
    const char end = c_.in[c_.at - 1] == '<' ? '>' : '\'';
    const std::size_t name = c_.at;
    while (!c_.AtEnd() && (IsAlnum(c_.in[c_.at]) || c_.in[c_.at] == '_')) ++c_.at;
    if (c_.at == name || IsDigit(c_.in[name]) || c_.AtEnd() || c_.in[c_.at] != end)
      return c_.Fail(begin, "this group has no proper name");
    if (!names_.insert(c_.in.substr(name, c_.at - name)).second) return c_.Fail(begin, "there is a group of this name");
    ++c_.at;
    ++result_.groups;
    EmitBreak("(");
  }

  // "(?i)", "(?i-x:". What m and s change does not occur.
  void OpenFlags() {
    const std::size_t begin = c_.at;
    std::string on, off;
    bool set = true;
    for (c_.at += 2; !c_.AtEnd() && c_.in[c_.at] != ':' && c_.in[c_.at] != ')'; ++c_.at) {
      const char c = c_.in[c_.at];
      if (c == '-' && set) {
        set = false;
      } else if (c == 'i' || c == 'U') {
        (set ? on : off) += c;
        if (c == 'i') flags_.fold = set;
      } else if (c == 'x') {
        flags_.extended = set;
      } else if (c != 'm' && c != 's') {
        return c_.Fail(begin, IsDigit(c) ? "RE2 has no recursion" : "RE2 has no group like this");
      }
    }
    if (c_.AtEnd()) return c_.Fail(begin, "this group is not closed");
    const std::string flags = off.empty() ? on : on + "-" + off;
    const bool group = c_.in[c_.at++] == ':';
    if (group) return EmitBreak("(?" + flags + ":");
    open_.pop_back();  // the flags hold to the end of the group around
    EmitBreak(flags.empty() ? "" : "(?" + flags + ")");
  }

  void Close() {
    if (open_.empty()) return c_.Fail(c_.at, "there is no group to close here");
    flags_ = open_.back().flags;
    open_.pop_back();
    ++c_.at;
    Emit(")");
  }

  // --- escapes ---

  void Escape() {
    const std::size_t begin = c_.at++;
    if (c_.AtEnd()) return c_.Fail(begin, "a backslash at the end");
    const char c = c_.in[c_.at];
    if (c == 'Q') return Quote();
    if (c == 'E') {
      ++c_.at;
    } else if (c == 'N' && !c_.At("N{")) {
      ++c_.at;
      Emit(".");
    } else if (std::string_view("bBAzZ").find(c) != std::string_view::npos) {
      ++c_.at;
      EmitBreak(c == 'Z' ? "\\z" : "\\" + std::string(1, c));
    } else if (std::string_view("dDwW").find(c) != std::string_view::npos) {
      ++c_.at;
      Emit("\\" + std::string(1, c));
    } else if (const auto set = PcreEscapedClass(c)) {
      ++c_.at;
      Emit(ClassText(*set, false, flags_.fold));
    } else if (const auto octet = ReadPcreOctet(&c_, begin)) {
      Emit(LiteralText(static_cast<char>(*octet), flags_.fold));
    }
  }

  void Quote() {
    const std::size_t end = std::min(c_.in.find("\\E", ++c_.at), c_.in.size());
    for (; c_.at < end; ++c_.at) Emit(LiteralText(c_.in[c_.at], flags_.fold));
    c_.at = std::min(end + 2, c_.in.size());
  }

  RegexCursor c_;
  Flags flags_;
  bool anchored_;
  std::string out_;
  std::vector<Group> open_;
  std::set<std::string_view> names_;
  bool repeatable_ = false;  // what stands before can be repeated
  RegexResult result_;
};

}  // namespace

RegexResult TranslatePcre(std::string_view pattern, const RegexFlags& flags) {
  return Translator(pattern, flags).Run();
}

}  // namespace heloguard
