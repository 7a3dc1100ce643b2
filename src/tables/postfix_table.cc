// Reads Postfix tables (postfix_table.h): what each line tries, and the blocks of if and endif. What it results in is
// table_result.h's, what its pattern means table_regex.h's. No I/O.
// Tests: tests/unit/tables/postfix_table_test.cc, tests/golden/policy_errors/postfix-*,
// tests/fuzz/fuzz_postfix_table.cc.
#include "tables/postfix_table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "heloguard/base/ascii.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/suggest.h"
#include "tables/table_line.h"
#include "tables/table_regex.h"
#include "tables/table_result.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxPattern = 4'096;

// --- one line ---

// Walks along a line; everything it finds wrong is reported at its place. A reader stops at its first error.
class LineReader {
 public:
  LineReader(TableKind kind, const TableLine& line, Diagnostics* out)
      : kind_(kind), line_(line), in_(line.text()), out_(out) {}

  enum class Word : std::uint8_t { kNone, kIf, kEndif };

  // "if" or "endif" at the start, in any case, and moves behind it.
  Word Keyword() {
    for (const auto& [text, word] : {std::pair<std::string_view, Word>{"if", Word::kIf}, {"endif", Word::kEndif}}) {
      const bool ends = in_.size() <= text.size() || !IsAlnum(in_[text.size()]);
      if (!ends || LowerCase(in_.substr(0, text.size())) != text) continue;
      at_ = text.size();
      SkipBlanks();
      return word;
    }
    return Word::kNone;
  }

  // Nothing may follow here.
  bool AtEnd(std::string_view after) {
    if (at_ >= in_.size()) return true;
    const bool below = line_.At(at_).line != line_.At(0).line;
    return Fail(at_, "text behind " + std::string(after) +
                         (below ? ": this line starts with a blank and so continues the one above" : ""));
  }

  // The matcher of a line, or of an `if`; false if something is wrong with it.
  bool ReadMatcher(AccessMatcher* matcher) {
    const std::size_t begin = at_;
    while (at_ < in_.size() && (in_[at_] == '!' || (kind_ != TableKind::kCidr && IsTableBlank(in_[at_])))) {
      if (in_[at_++] == '!') matcher->negated = !matcher->negated;
    }
    if (at_ >= in_.size()) return Fail(begin, "there is no pattern here");
    matcher->written.where = line_.At(begin);
    const bool fine = kind_ == TableKind::kCidr ? ReadNetwork(matcher) : ReadPattern(matcher);
    matcher->written.text = std::string(in_.substr(begin, at_ - begin));
    return fine;
  }

  bool ReadResult(const AccessMatcher& matcher, AccessResult* result) {
    SkipBlanks();
    const std::size_t reported = out_->size();
    *result = ReadTableResult({line_, at_, kind_ != TableKind::kCidr, matcher.negated, groups_}, out_);
    return std::ranges::none_of(out_->begin() + static_cast<std::ptrdiff_t>(reported), out_->end(),
                                [](const Diagnostic& d) { return d.severity == Severity::kError; });
  }

  // The second pattern of "/a/!/b/", an old form of regexp tables.
  [[nodiscard]] bool AtSecondPattern() const {
    return kind_ == TableKind::kRegexp && at_ < in_.size() && in_[at_] == '!';
  }

  bool Fail(std::size_t at, std::string message) {
    AddError(out_, line_.At(at), std::move(message));
    return false;
  }

 private:
  void SkipBlanks() {
    while (at_ < in_.size() && IsTableBlank(in_[at_])) ++at_;
  }

  // --- patterns ---

  bool ReadPattern(AccessMatcher* matcher) {
    const std::size_t open = at_;
    const char delimiter = in_[at_++];
    if (delimiter == '\\') return Fail(open, "a pattern stands between delimiters, such as slashes");
    const std::size_t begin = at_;
    while (at_ < in_.size() && in_[at_] != delimiter) at_ += in_[at_] == '\\' ? 2U : 1U;
    if (at_ >= in_.size()) {
      at_ = in_.size();
      return Fail(open, "there is no second " + Quoted(std::string(1, delimiter)) + " to end the pattern");
    }
    const std::string_view pattern = in_.substr(begin, at_ - begin);
    ++at_;
    RegexFlags flags;
    if (!ReadFlags(&flags)) return false;
    if (pattern.size() > kMaxPattern) {
      return Fail(begin, "a pattern has " + std::to_string(kMaxPattern) + " octets at most");
    }
    if (!flags.fold) WarnCase(open, pattern);
    return Translate(begin, kind_ == TableKind::kPcre ? TranslatePcre(pattern, flags) : TranslatePosix(pattern, flags),
                     matcher);
  }

  bool Translate(std::size_t begin, RegexResult result, AccessMatcher* matcher) {
    for (const RegexRemark& each : result.warnings) Warn(begin + each.at, each.text);
    if (result.error) return Fail(begin + result.error->at, result.error->text);
    matcher->pattern = std::move(result.text);
    groups_ = result.groups;
    return true;
  }

  // m and s of pcre and m of regexp are about line ends, which no key has; so is E. X goes without saying.
  bool ReadFlags(RegexFlags* flags) {
    for (; at_ < in_.size() && !IsTableBlank(in_[at_]) && !AtSecondPattern(); ++at_) {
      const char c = in_[at_];
      const bool pcre = kind_ == TableKind::kPcre;
      if (c == 'i') {
        flags->fold = !flags->fold;
      } else if (pcre && c == 'x') {
        flags->extended = !flags->extended;
      } else if (pcre && c == 'A') {
        flags->anchored = !flags->anchored;
      } else if (pcre && c == 'U') {
        flags->ungreedy = !flags->ungreedy;
      } else if (c == 'x') {
        return Fail(at_, "basic regular expressions (flag x) are not supported; write an extended one");
      } else if (c != 'm' && !(pcre && std::string_view("sEX").find(c) != std::string_view::npos)) {
        return Fail(at_, "there is no flag " + Quoted(std::string(1, c)) + "; " + std::string(NameOf(kind_)) +
                             " tables have " + (pcre ? "i m s x A E U X" : "i m x"));
      }
    }
    return true;
  }

  void WarnCase(std::size_t at, std::string_view pattern) {
    bool letters = false;
    for (std::size_t i = 0; i < pattern.size(); i += pattern[i] == '\\' ? 2U : 1U) {
      letters = letters || IsLetter(LowerCase(pattern[i]));
    }
    if (!letters) return;
    Warn(at, "the flag i makes capitals count, and names are in lower case here, whatever the client said");
  }

  void Warn(std::size_t at, std::string message) {
    out_->push_back(
        {Severity::kWarning, {ErrorKind::kConfig, std::move(message), line_.At(at)}, std::string(kTableWarning)});
  }

  // --- networks ---

  // "192.0.2.0/24", "[2001:db8::]/32", "[2001:db8::/32]".
  bool ReadNetwork(AccessMatcher* matcher) {
    const std::size_t begin = at_;
    while (at_ < in_.size() && !IsTableBlank(in_[at_])) ++at_;
    std::string text(in_.substr(begin, at_ - begin));
    if (text.empty()) return Fail(begin, "there is no network here");
    if (text.starts_with('[')) {
      const std::size_t close = text.find(']');
      const bool last = close != std::string::npos && (close + 1 == text.size() || text[close + 1] == '/');
      if (!last) return Fail(begin, "the bracket is not closed");
      text.erase(close, 1);
      text.erase(0, 1);
    }
    const std::size_t slash = std::min(text.find('/'), text.size());
    while (slash + 2 < text.size() && text[slash + 1] == '0') text.erase(slash + 1, 1);
    const auto network = IpNetwork::Parse(text);
    if (!network) return Fail(begin, Quoted(text) + " is no IP address or CIDR block" + NetworkHint(text));
    matcher->network = *network;
    matcher->v6 = text.find(':') != std::string::npos;
    return true;
  }

  TableKind kind_;
  const TableLine& line_;
  std::string_view in_;
  std::size_t at_ = 0;
  unsigned groups_ = 0;
  Diagnostics* out_;
};

// --- the table ---

class TableReader {
 public:
  explicit TableReader(TableKind kind) { table_.kind = kind; }

  PostfixTable Run(std::string_view text, const std::string& file) {
    for (const TableLine& line : SplitTable(text, file, &table_.diagnostics)) Add(line);
    // Postfix takes the end of the table for it; whether that was meant, nobody knows.
    for (const Block& block : open_) AddError(&table_.diagnostics, block.where, "this if has no endif");
    if (!open_.empty()) Drop(open_.front().begin);
    const auto place = [](const Diagnostic& d) { return std::pair(d.error.where.line, d.error.where.column); };
    std::ranges::stable_sort(table_.diagnostics, {}, place);
    return std::move(table_);
  }

 private:
  struct Block {
    std::size_t begin = 0;  // the place of its `if`
    SourcePosition where;
    bool broken = false;  // the `if` had an error: its lines are checked and left out
  };

  void Add(const TableLine& line) {
    LineReader reader(table_.kind, line, &table_.diagnostics);
    switch (reader.Keyword()) {
      case LineReader::Word::kIf:
        return AddIf(line, &reader);
      case LineReader::Word::kEndif:
        return AddEndif(&reader);
      case LineReader::Word::kNone:
        return AddEntry(line, &reader);
    }
  }

  void AddIf(const TableLine& line, LineReader* reader) {
    AccessLine entry;
    entry.is_if = true;
    entry.last_line = line.last_line();
    bool fine = reader->ReadMatcher(&entry.matcher);
    fine = fine && reader->AtEnd("the pattern of if");
    open_.push_back({table_.lines.size(), line.At(0), !fine});
    table_.lines.push_back(std::move(entry));
  }

  void AddEndif(LineReader* reader) {
    reader->AtEnd("endif");
    if (open_.empty()) {
      reader->Fail(0, "this endif has no if");
      return;
    }
    const Block block = open_.back();
    open_.pop_back();
    if (block.broken) {
      Drop(block.begin);
    } else {
      table_.lines[block.begin].end = table_.lines.size();
    }
  }

  void AddEntry(const TableLine& line, LineReader* reader) {
    const bool pattern_first = table_.kind != TableKind::kCidr && !IsAlnum(line.text().front());
    if (!pattern_first && table_.kind != TableKind::kCidr) {
      reader->Fail(0, "a line starts with a pattern between delimiters, such as /^dyn[0-9]/, with if or with endif");
      return;
    }
    AccessLine entry;
    entry.last_line = line.last_line();
    if (!reader->ReadMatcher(&entry.matcher)) return;
    if (reader->AtSecondPattern()) {
      reader->Fail(0, "two patterns on one line are not supported; put it between \"if !/.../\" and \"endif\"");
      return;
    }
    if (reader->ReadResult(entry.matcher, &entry.result)) table_.lines.push_back(std::move(entry));
  }

  // An `if` and what stands behind it.
  void Drop(std::size_t begin) {
    for (std::size_t i = begin + 1; i < table_.lines.size(); ++i) {
      if (!table_.lines[i].is_if) table_.dropped.push_back(std::move(table_.lines[i].matcher));
    }
    table_.lines.resize(begin);
  }

  PostfixTable table_;
  std::vector<Block> open_;
};

}  // namespace

Result<TableName> ParseTableName(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view type = text.substr(0, colon);
  const auto fail = [&](const std::string& message) { return Error{ErrorKind::kConfig, message, {}}; };
  const std::string form = "; write \"pcre:PATH\", \"regexp:PATH\" or \"cidr:PATH\"";
  if (colon == text.size()) return fail(Quoted(text) + " names no type of table" + form);
  const auto kind = FromName<TableKind>(type);
  if (!kind) {
    return fail("tables of type " + Quoted(type) + " are not read" + DidYouMean(type, EnumNames<TableKind>) + form);
  }
  const std::string_view path = text.substr(colon + 1);
  if (path.starts_with('{')) return fail("tables written into main.cf are not read" + form);
  if (path.empty()) return fail("the table has no path" + form);
  return TableName{*kind, std::string(path)};
}

PostfixTable ReadPostfixTable(TableKind kind, std::string_view text, const std::string& file) {
  return TableReader(kind).Run(text, file);
}

}  // namespace heloguard
