// Splits a Postfix table into its entries (table_line.h). Pure. Tests: tests/unit/tables/postfix_table_test.cc.
#include "tables/table_line.h"

#include <algorithm>
#include <optional>

#include "tables/postfix_table.h"

namespace heloguard {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsTableBlank(text.back())) text.remove_suffix(1);
  return text;
}

class Splitter {
 public:
  Splitter(const std::string& file, Diagnostics* out) : file_(file), out_(out) {}

  void Line(std::uint32_t number, std::string_view line) {
    const std::string_view text = Trimmed(line);
    const std::size_t begin = static_cast<std::size_t>(std::ranges::find_if_not(text, IsTableBlank) - text.begin());
    if (begin == text.size() || text[begin] == '#') return;
    if (text.size() > kMaxTableLine || text.find('\0') != std::string_view::npos) {
      const bool nul = text.size() <= kMaxTableLine;
      Refuse(number, nul ? "this line has a NUL octet in it"
                         : "this line is longer than " + std::to_string(kMaxTableLine) + " octets");
    } else if (begin == 0) {
      refused_ = false;
      if (lines_.size() == kMaxTableLines) return Refuse(number, "a table may have 100000 entries at most");
      lines_.emplace_back(file_, number, text);
    } else if (lines_.empty() && !refused_) {
      Refuse(number, "this line starts with a blank, but there is no line above that it could continue");
    } else if (!refused_) {
      lines_.back().Continue(number, text);
      if (lines_.back().text().size() > kMaxTableLine) {
        lines_.pop_back();
        Refuse(number, "this entry is longer than " + std::to_string(kMaxTableLine) + " octets");
      }
    }
  }

  std::vector<TableLine> Take() { return std::move(lines_); }

 private:
  // What continues a refused line goes with it.
  void Refuse(std::uint32_t number, std::string message) {
    refused_ = true;
    AddError(out_, {file_, number, 1}, std::move(message));
  }

  const std::string& file_;
  Diagnostics* out_;
  std::vector<TableLine> lines_;
  bool refused_ = false;
};

}  // namespace

TableLine::TableLine(const std::string& file, std::uint32_t number, std::string_view text)
    : file_(&file), text_(text), parts_{{0, number}} {}

void TableLine::Continue(std::uint32_t number, std::string_view text) {
  parts_.push_back({text_.size(), number});
  text_ += text;
}

SourcePosition TableLine::At(std::size_t offset) const {
  const Part* part = &parts_.front();
  for (const Part& each : parts_) {
    if (each.begin <= offset) part = &each;
  }
  return {*file_, part->number, static_cast<std::uint32_t>(offset - part->begin + 1)};
}

std::vector<TableLine> SplitTable(std::string_view text, const std::string& file, Diagnostics* out) {
  Splitter splitter(file, out);
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    splitter.Line(number, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return splitter.Take();
}

}  // namespace heloguard
