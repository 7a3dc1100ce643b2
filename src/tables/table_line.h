// An entry of a Postfix table: one line of the file and those that continue it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/result.h"

namespace heloguard {

class TableLine {
 public:
  // `text` without its line end, on line `number`.
  TableLine(const std::string& file, std::uint32_t number, std::string_view text);
  void Continue(std::uint32_t number, std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }  // all of it, line ends left out
  [[nodiscard]] std::uint32_t last_line() const { return parts_.back().number; }
  // Where in the file an octet of the text stands.
  [[nodiscard]] SourcePosition At(std::size_t offset) const;

 private:
  struct Part {
    std::size_t begin;
    std::uint32_t number;
  };
  const std::string* file_;
  std::string text_;
  std::vector<Part> parts_;
};

// What C calls a space.
[[nodiscard]] inline bool IsTableBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Splits a file: blank lines and comments, which may stand between the lines of an entry, are left out, blanks at the
// end of an entry too. `file` outlives the lines. Reports entries that are too long, have a NUL in them or continue
// nothing; those are left out.
[[nodiscard]] std::vector<TableLine> SplitTable(std::string_view text, const std::string& file, Diagnostics* out);

}  // namespace heloguard
