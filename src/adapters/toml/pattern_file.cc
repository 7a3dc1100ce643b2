// Reads pattern files and tries their samples. No I/O, no TOML.
// Tests: tests/unit/adapters/toml/pattern_file_test.cc.
#include "adapters/toml/pattern_file.h"

#include <optional>

#include "adapters/toml/toml_document.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

class Reader {
 public:
  Reader(const std::string& file, Diagnostics* out) : file_(file), out_(out) {}

  void Line(std::uint32_t number, std::string_view line) {
    const std::size_t begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos || line[begin] == '#') return;
    const std::string_view text = line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
    const SourcePosition where{file_, number, static_cast<std::uint32_t>(begin + 1)};
    const bool sample = text[0] == '+' || text[0] == '-';
    if (!sample) orphaned_ = false;
    if (text.size() > kMaxPatternLine) {
      orphaned_ = orphaned_ || !sample;
      AddError(out_, where, "this line is longer than " + std::to_string(kMaxPatternLine) + " octets");
    } else if (sample) {
      Sample(where, text);
    } else if (text.find(" #") != std::string_view::npos || text.find("\t#") != std::string_view::npos) {
      orphaned_ = true;
      AddError(out_, where, "a comment needs a line of its own; here it would be part of the pattern");
    } else {
      patterns_.push_back({std::string(text), where});
      compiled_.reset();
    }
  }

  std::vector<Pattern> Take() { return std::move(patterns_); }

 private:
  void Sample(const SourcePosition& where, std::string_view text) {
    const bool must_match = text[0] == '+';
    const std::size_t begin = text.find_first_not_of(kBlanks, 1);
    if (begin == 1 || begin == std::string_view::npos) {
      AddError(
          out_, where,
          "a sample is written \"+ NAME\" or \"- NAME\"; a pattern that starts with + or - needs a backslash first");
      return;
    }
    if (orphaned_) return;
    if (patterns_.empty()) {
      AddError(out_, where, "a sample needs a pattern above it");
      return;
    }
    const std::string_view name = text.substr(begin);
    if (!compiled_) compiled_ = SinglePattern::Compile(patterns_.back());
    if (!*compiled_ || (*compiled_)->Matches(name) == must_match)
      return;  // what does not compile is reported elsewhere
    AddError(out_, where,
             "the sample " + Quoted(name) + (must_match ? " does not match" : " matches") + " the pattern " +
                 Quoted(patterns_.back().text) + " of line " + std::to_string(patterns_.back().where.line) +
                 (must_match ? ", but must" : ", but must not"));
  }

  const std::string& file_;
  Diagnostics* out_;
  std::vector<Pattern> patterns_;
  std::optional<std::optional<SinglePattern>> compiled_;  // the last pattern, once a sample asks; null: it cannot be
  bool orphaned_ = false;  // the pattern line above was refused, and its samples say nothing about the one before
};

}  // namespace

std::vector<Pattern> ReadPatternText(std::string_view text, const std::string& file, Diagnostics* out) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  Reader reader(file, out);
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.Line(number, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.Take();
}

}  // namespace heloguard
