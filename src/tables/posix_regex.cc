// POSIX extended regular expressions, as Postfix's regexp tables have them, in RE2's syntax (table_regex.h).
//
// The dialect is the GNU C library's, which is what Postfix on Debian matches with: \w \W \s \S \b \B \` \' have a
// meaning, a parenthesis that closes nothing stands for itself, repeating what is repeated is fine. Matching in either
// case is done there by folding pattern and key to capitals, so that [0-z] ends at Z: ranges are folded here first.
// Pure. Tests: tests/unit/tables/table_regex_test.cc.
#include <array>

#include "heloguard/base/ascii.h"
#include "heloguard/base/escape.h"
#include "tables/regex_writer.h"
#include "tables/table_regex.h"

namespace heloguard {
namespace {

class BracketReader {
 public:
  BracketReader(RegexCursor* cursor, bool fold) : c_(*cursor), fold_(fold) {}

  // RE2 text for the brackets that begin at the cursor; moves behind them.
  std::string Run() {
    const std::size_t begin = c_.at++;
    const bool negated = c_.At("^");
    if (negated) ++c_.at;
    OctetSet set;
    for (bool first = true; !c_.error; first = false) {
      if (c_.AtEnd()) {
        c_.Fail(begin, "these brackets are not closed");
      } else if (c_.At("]") && !first) {
        ++c_.at;
        return ClassText(Unfolded(set), negated, fold_);
      } else {
        AddMembers(first, &set);
      }
    }
    return "";
  }

 private:
  [[nodiscard]] std::size_t Folded(char c) const {
    return Octet(fold_ && IsLetter(c) ? static_cast<char>(c - 'a' + 'A') : c);
  }
  // With capitals go their small letters, and small letters by themselves are never met.
  [[nodiscard]] OctetSet Unfolded(OctetSet set) const {
    for (std::size_t c = 'a'; fold_ && c <= 'z'; ++c) set[c] = set[c - 'a' + 'A'];
    return set;
  }

  // One member, or a range. A hyphen stands for itself first, last and at the end of a range.
  void AddMembers(bool first, OctetSet* set) {
    const std::size_t begin = c_.at;
    if (c_.At("[:")) return AddClass(set);
    if (!first && c_.At("-") && !c_.At("-]")) return c_.Fail(begin, "a hyphen here needs to stand first or last");
    const auto least = NextOctet();
    if (!least) return;
    if (!c_.At("-") || c_.At("-]")) {
      set->set(*least);
      return;
    }
    ++c_.at;
    if (c_.AtEnd()) return;  // not closed; the caller says so
    const auto most = c_.At("[:") ? std::nullopt : NextOctet();
    if (!most) return c_.Fail(begin, "a range needs one character at each end");
    if (*most < *least) {
      return c_.Fail(begin, fold_ ? "this range is the wrong way round (letters count as capitals)"
                                  : "this range is the wrong way round");
    }
    *set |= OctetRange(*least, *most);
  }

  void AddClass(OctetSet* set) {
    const std::size_t begin = c_.at;
    const auto name = Delimited(':');
    if (!name) return;
    const auto known = *name == "word" || *name == "ascii" ? std::nullopt : NamedClass(*name, fold_);
    if (!known) return c_.Fail(begin, "there is no class " + Quoted("[:" + std::string(*name) + ":]"));
    if (c_.At("-") && !c_.At("-]")) return c_.Fail(begin, "a range needs one character at each end");
    *set |= *known;
  }

  std::optional<std::size_t> NextOctet() {
    const bool symbol = c_.At("[.") || c_.At("[=");
    if (!symbol) return Folded(c_.in[c_.at++]);
    const std::size_t begin = c_.at;
    const auto name = Delimited(c_.in[c_.at + 1]);
    if (!name) return std::nullopt;
    if (name->size() == 1) return Folded(name->front());
    c_.Fail(begin, "names of characters are not supported; write the character itself");
    return std::nullopt;
  }

  // What stands between "[:" and ":]"; moves behind it.
  std::optional<std::string_view> Delimited(char kind) {
    const std::size_t begin = c_.at;
    // What closes it is looked for behind the first octet: "[.].]".
    const std::size_t end = c_.in.find(std::string(1, kind) + "]", std::min(begin + 3, c_.in.size()));
    if (end == std::string_view::npos) {
      c_.Fail(begin, "these brackets are not closed");
      return std::nullopt;
    }
    c_.at = end + 2;
    return c_.in.substr(begin + 2, end - begin - 2);
  }

  RegexCursor& c_;
  bool fold_;
};

// What follows a backslash and has a meaning in the GNU C library.
struct EscapeRow {
  char c;
  std::string_view text;
  bool repeatable;
};
constexpr std::array<EscapeRow, 8> kEscapes{{
    {'w', "\\w", true},
    {'W', "\\W", true},
    {'s', "\\s", true},
    {'S', "\\S", true},
    {'b', "\\b", false},
    {'B', "\\B", false},
    {'`', "\\A", false},
    {'\'', "\\z", false},
}};

class Translator {
 public:
  Translator(std::string_view in, bool fold) : c_{in}, fold_(fold) {
    if (!fold) out_ = "(?-i)";
  }

  RegexResult Run() {
    while (!c_.AtEnd() && !c_.error) Next();
    if (!open_.empty()) c_.Fail(open_.back().at, "this group is not closed");
    result_.text = std::move(out_);
    result_.error = std::move(c_.error);
    return std::move(result_);
  }

 private:
  enum class Before : std::uint8_t { kNothing, kAtom, kRepeated };
  struct Group {
    std::size_t at = 0;
    std::size_t out = 0;
  };

  void Emit(std::string_view text) {
    atom_ = out_.size();
    out_ += text;
    before_ = Before::kAtom;
  }
  void EmitBreak(std::string_view text) {
    out_ += text;
    before_ = Before::kNothing;
  }

  void Next() {
    const char c = c_.in[c_.at];
    if (c == '\\') {
      Escape();
    } else if (c == '[') {
      Emit(BracketReader(&c_, fold_).Run());
    } else if (c == '(') {
      open_.push_back({c_.at++, out_.size()});
      ++result_.groups;
      EmitBreak("(");
    } else if (c == ')' && !open_.empty()) {
      Close();
    } else if (c == '|' || c == '^' || c == '$') {
      EmitBreak(c_.in.substr(c_.at++, 1));
    } else if (c == '.') {
      ++c_.at;
      Emit(".");
    } else if (c == '*' || c == '+' || c == '?') {
      Repeat(std::string(1, c), 1);
    } else if (c == '{') {
      RepeatBounds();
    } else {
      ++c_.at;
      Emit(LiteralText(c, fold_));
    }
  }

  void Close() {
    ++c_.at;
    Emit(")");
    atom_ = open_.back().out;
    open_.pop_back();
  }

  void Escape() {
    const std::size_t begin = c_.at++;
    if (c_.AtEnd()) return c_.Fail(begin, "a backslash at the end");
    const char c = c_.in[c_.at++];
    for (const EscapeRow& row : kEscapes) {
      if (row.c == c) return row.repeatable ? Emit(row.text) : EmitBreak(row.text);
    }
    if (c >= '1' && c <= '9') return c_.Fail(begin, "RE2 has no back references");
    if (c == '<' || c == '>') return c_.Fail(begin, "RE2 does not tell the start of a word from its end; write \\b");
    if (IsAlnum(c)) {
      result_.warnings.push_back(
          {begin, "\\" + std::string(1, c) + " means just " + std::string(1, c) + " in a regexp table"});
    }
    Emit(LiteralText(c, fold_));
  }

  void RepeatBounds() {
    const auto bounds = ReadBounds(c_.in.substr(c_.at), true);
    if (!bounds) return c_.Fail(c_.at, "these are no bounds of repetition; write \\{ for a brace");
    std::string error;
    const auto text = BoundsText(*bounds, &error);
    if (!text) return c_.Fail(c_.at, error);
    Repeat(*text, bounds->size);
  }

  void Repeat(const std::string& text, std::size_t size) {
    if (before_ == Before::kNothing) return c_.Fail(c_.at, "there is nothing here to repeat");
    if (before_ == Before::kRepeated) {
      out_.insert(atom_, "(?:");
      out_ += ')';
    }
    out_ += text;
    before_ = Before::kRepeated;
    c_.at += size;
  }

  RegexCursor c_;
  bool fold_;
  std::string out_;
  std::vector<Group> open_;
  std::size_t atom_ = 0;  // where in out_ the last atom begins
  Before before_ = Before::kNothing;
  RegexResult result_;
};

}  // namespace

RegexResult TranslatePosix(std::string_view pattern, const RegexFlags& flags) {
  return Translator(pattern, flags.fold).Run();
}

}  // namespace heloguard
