// Escapes and bracketed classes of Perl-compatible regular expressions (pcre_class.h). Pure.
// Tests: tests/unit/tables/table_regex_test.cc.
#include "tables/pcre_class.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "heloguard/base/ascii.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

// Escapes for one octet.
struct OctetRow {
  char letter;
  char octet;
};
constexpr std::array<OctetRow, 6> kOctets{{
    {'a', '\a'},
    {'e', '\x1b'},
    {'f', '\f'},
    {'n', '\n'},
    {'r', '\r'},
    {'t', '\t'},
}};

// What other letters and digits mean after a backslash.
struct LetterRow {
  std::string_view letters;
  std::string_view text;
};
constexpr std::array<LetterRow, 4> kImpossibleLetters{{
    {"123456789", "RE2 has no back references (an octet is written \\x with two hexadecimal digits)"},
    {"gk", "RE2 has no back references and no recursion"},
    {"pPX", "Unicode properties are not supported"},
    {"CGKNR", "RE2 has no \\C, \\G, \\K and \\R"},
}};

void FailLetter(RegexCursor* cursor, std::size_t begin, char c) {
  const auto* const row = std::ranges::find_if(
      kImpossibleLetters, [c](const LetterRow& each) { return each.letters.find(c) != std::string_view::npos; });
  const bool known = row != kImpossibleLetters.end();
  cursor->Fail(begin, known ? std::string(row->text) : "\\" + std::string(1, c) + " has no meaning");
}

// The octet that all of `digits` say; none of them is 0.
std::optional<std::size_t> Number(RegexCursor* cursor, std::size_t begin, std::string_view digits, int base) {
  std::size_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || (read.ec == std::errc{} && read.ptr == end && value <= 0xFF)) return value;
  cursor->Fail(begin, "this is no octet");
  return std::nullopt;
}

// As many digits of the base as follow, `most` at most; moves behind them.
std::string_view TakeDigits(RegexCursor* cursor, std::size_t most, int base) {
  std::size_t size = 0;
  const auto fits = [base](char c) { return base == 16 ? IsHexDigit(LowerCase(c)) : c >= '0' && c <= '7'; };
  while (size < most && cursor->at + size < cursor->in.size() && fits(cursor->in[cursor->at + size])) ++size;
  cursor->at += size;
  return cursor->in.substr(cursor->at - size, size);
}

// \xN, \xNN, \x{N...}, \o{N...}; the cursor is at the letter.
std::optional<std::size_t> Coded(RegexCursor* cursor, std::size_t begin) {
  const int base = cursor->in[cursor->at++] == 'x' ? 16 : 8;
  if (!cursor->At("{")) {
    if (base == 16) return Number(cursor, begin, TakeDigits(cursor, 2, base), base);
    cursor->Fail(begin, "\\o wants octal digits in braces");
    return std::nullopt;
  }
  ++cursor->at;
  const std::string_view digits = TakeDigits(cursor, cursor->in.size(), base);
  if (digits.empty() || !cursor->At("}")) {
    cursor->Fail(begin, "this is no octet");
    return std::nullopt;
  }
  ++cursor->at;
  return Number(cursor, begin, digits, base);
}

// A member of a class: one octet, or several.
struct Member {
  OctetSet set;
  std::optional<std::size_t> octet;
};

class ClassReader {
 public:
  ClassReader(RegexCursor* cursor, bool fold) : c_(*cursor), fold_(fold) {}

  std::string Run() {
    const std::size_t begin = c_.at;
    if (EndOfNamed() != std::string_view::npos) {
      c_.Fail(begin, "a class like this one stands inside brackets of its own: [[:alpha:]]");
      return "";
    }
    ++c_.at;
    const bool negated = c_.At("^");
    if (negated) ++c_.at;
    OctetSet set;
    for (bool first = true; !c_.error; first = false) {
      SkipQuoteMarks();
      if (c_.AtEnd()) {
        c_.Fail(begin, "these brackets are not closed");
      } else if (c_.At("]") && !first && !quoted_) {
        ++c_.at;
        return ClassText(set, negated, fold_);
      } else {
        AddMembers(&set);
      }
    }
    return "";
  }

 private:
  // \Q and \E inside brackets.
  void SkipQuoteMarks() {
    while (c_.At("\\E") || (!quoted_ && c_.At("\\Q"))) {
      quoted_ = c_.in[c_.at + 1] == 'Q';
      c_.at += 2;
    }
  }

  // One member, or a range.
  void AddMembers(OctetSet* set) {
    const std::size_t begin = c_.at;
    const auto first = NextMember();
    if (!first) return;
    SkipQuoteMarks();
    const bool range = !quoted_ && c_.At("-") && !c_.At("-]");
    if (!range) {
      *set |= first->set;
      return;
    }
    ++c_.at;
    SkipQuoteMarks();
    if (c_.AtEnd()) return;  // not closed; the caller says so
    const auto last = NextMember();
    if (!last) return;
    if (!first->octet || !last->octet) return c_.Fail(begin, "a range needs one character at each end");
    if (*last->octet < *first->octet) return c_.Fail(begin, "this range is the wrong way round");
    *set |= OctetRange(*first->octet, *last->octet);
  }

  static std::optional<Member> Single(std::optional<std::size_t> octet) {
    return octet ? std::optional(Member{OctetRange(*octet, *octet), octet}) : std::nullopt;
  }

  std::optional<Member> NextMember() {
    const char c = c_.in[c_.at];
    if (!quoted_ && c == '[') {
      if (const auto named = NextNamedClass()) return Member{*named, std::nullopt};
      if (c_.error) return std::nullopt;
    }
    const std::size_t begin = c_.at++;
    if (quoted_ || c != '\\') return Single(Octet(c));
    if (c_.AtEnd()) {
      c_.Fail(begin, "a backslash at the end");
      return std::nullopt;
    }
    if (const auto set = PcreEscapedClass(c_.in[c_.at])) {
      ++c_.at;
      return Member{*set, std::nullopt};
    }
    if (!c_.At("b")) return Single(ReadPcreOctet(&c_, begin));
    ++c_.at;
    return Single(Octet('\b'));
  }

  // Where "[:alpha:]" at the cursor has its second colon; npos if no such thing begins there.
  [[nodiscard]] std::size_t EndOfNamed() const {
    const std::string_view rest = c_.in.substr(c_.at);
    if (rest.size() < 2 || std::string_view(":.=").find(rest[1]) == std::string_view::npos)
      return std::string_view::npos;
    const std::size_t end = rest.find(std::string(1, rest[1]) + "]", 2);
    const bool whole =
        end != std::string_view::npos && rest.substr(2, end - 2).find_first_of("]\\") == std::string_view::npos;
    return whole ? end : std::string_view::npos;
  }

  // "[:alpha:]", "[:^alpha:]"; nullopt for a bracket that means itself.
  std::optional<OctetSet> NextNamedClass() {
    const std::string_view rest = c_.in.substr(c_.at);
    const std::size_t end = EndOfNamed();
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view name = rest.substr(2, end - 2);
    const bool negated = name.starts_with('^');
    if (negated) name.remove_prefix(1);
    const auto set = rest[1] == ':' ? NamedClass(name, fold_) : std::nullopt;
    if (!set) {
      c_.Fail(c_.at, "there is no class " + Quoted(rest.substr(0, end + 2)));
      return std::nullopt;
    }
    c_.at += end + 2;
    return negated ? ~*set : *set;
  }

  RegexCursor& c_;
  bool fold_;
  bool quoted_ = false;  // between \Q and \E
};

}  // namespace

std::optional<OctetSet> PcreEscapedClass(char letter) {
  OctetSet set;
  switch (LowerCase(letter)) {
    case 'd':
      set = *NamedClass("digit", false);
      break;
    case 'w':
      set = *NamedClass("word", false);
      break;
    case 's':
      set = *NamedClass("space", false);
      break;
    case 'h':
      set.set('\t').set(' ').set(0xA0);
      break;
    case 'v':
      set = OctetRange('\n', '\r').set(0x85);
      break;
    default:
      return std::nullopt;
  }
  return letter == LowerCase(letter) ? set : ~set;
}

std::optional<std::size_t> ReadPcreOctet(RegexCursor* cursor, std::size_t begin) {
  const char c = cursor->in[cursor->at];
  if (c == '0') return Number(cursor, begin, TakeDigits(cursor, 3, 8), 8);
  if (c == 'x' || c == 'o') return Coded(cursor, begin);
  const char next = cursor->at + 1 < cursor->in.size() ? cursor->in[cursor->at + 1] : '\0';
  if (c == 'c' && next >= ' ' && next <= '~') {
    cursor->at += 2;
    return Octet(IsLetter(next) ? static_cast<char>(next - 'a' + 'A') : next) ^ 0x40U;
  }
  const auto* const row = std::ranges::find(kOctets, c, &OctetRow::letter);
  if (row == kOctets.end() && IsAlnum(c)) {
    FailLetter(cursor, begin, c);
    return std::nullopt;
  }
  ++cursor->at;
  return Octet(row == kOctets.end() ? c : row->octet);
}

std::string ReadPcreClass(RegexCursor* cursor, bool fold) { return ClassReader(cursor, fold).Run(); }

}  // namespace heloguard
