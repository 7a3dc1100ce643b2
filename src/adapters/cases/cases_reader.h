// What the parsers of the lines of a .cases file share.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "adapters/cases/cases.h"
#include "adapters/cases/cases_words.h"

namespace heloguard {

// The words of one line, taken one after another, and a place for what is wrong with them.
class CaseLine {
 public:
  CaseLine(std::vector<CaseWord> words, SourcePosition where, Diagnostics* diagnostics)
      : words_(std::move(words)), where_(std::move(where)), diagnostics_(diagnostics) {}

  [[nodiscard]] bool done() const { return next_ == words_.size(); }
  // REQUIRES: !done().
  [[nodiscard]] const std::string& Peek() const { return words_[next_].text; }
  const std::string& Take() { return words_[next_++].text; }
  // The next word, or nullptr with an error that says `what` is missing.
  const std::string* Need(std::string_view what);

  // Position of the word taken last; of the next one; behind the last one.
  [[nodiscard]] SourcePosition here() const { return At(next_ == 0 ? 0 : next_ - 1); }
  [[nodiscard]] SourcePosition next() const { return At(next_); }
  // An error at the word taken last.
  void Fail(const std::string& message) { FailAt(here(), message); }
  void FailAt(const SourcePosition& where, const std::string& message);
  // True if any Fail was called on this line.
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  [[nodiscard]] SourcePosition At(std::size_t index) const;
  std::vector<CaseWord> words_;
  SourcePosition where_;
  Diagnostics* diagnostics_;
  std::size_t next_ = 0;
  bool failed_ = false;
};

// "dns" and "client" lines, the verb taken already. They report through the line; what is half right is not added.
void ReadDnsLine(CaseLine* line, CasesFile* file);
void ReadClientLine(CaseLine* line, CasesFile* file);

}  // namespace heloguard
