// Splits a line of a .cases file into words: blanks, "..." and comments. Knows nothing of what the words mean.
// Tests: tests/unit/adapters/cases/cases_reader_test.cc.
#include "adapters/cases/cases_words.h"

#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  // Moves to the next word; false at the end of the line or at a comment.
  bool AtWord() {
    while (at_ < line_.size() && IsBlank(line_[at_])) ++at_;
    return at_ < line_.size() && line_[at_] != '#';
  }
  [[nodiscard]] std::uint32_t column() const { return static_cast<std::uint32_t>(at_ + 1); }

  // REQUIRES: AtWord(). False if a quote is not closed, or has text directly behind it.
  bool Take(std::string* text) {
    const bool quoted = line_[at_] == '"';
    const std::size_t start = quoted ? ++at_ : at_;
    while (at_ < line_.size() && (quoted ? line_[at_] != '"' : !IsBlank(line_[at_]))) ++at_;
    *text = UnescapeBytes(line_.substr(start, at_ - start));
    if (!quoted) return true;
    if (at_ == line_.size()) return false;
    ++at_;
    return at_ == line_.size() || IsBlank(line_[at_]);
  }

 private:
  std::string_view line_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<CaseWord>> SplitWords(std::string_view line, const SourcePosition& where) {
  std::vector<CaseWord> words;
  Splitter splitter(line);
  while (splitter.AtWord()) {
    CaseWord word;
    word.column = splitter.column();
    if (!splitter.Take(&word.text)) {
      return Error{ErrorKind::kInputData,
                   "a quoted word ends with \" and a blank (write \\x22 for a quote inside)",
                   {where.file, where.line, word.column}};
    }
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace heloguard
