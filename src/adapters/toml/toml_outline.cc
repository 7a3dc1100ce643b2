// One pass over the octets of a TOML text that keeps strings, comments, brackets and dotted keys apart and knows no
// other syntax. It reports no error: where the text is wrong, toml++ stops, and what follows is of no account.
//
// Newlines inside inline tables are blanks here although TOML 1.0 forbids them: a toml++ that takes TOML 1.1 must not
// get to read what this pass has not counted. Tests: tests/unit/adapters/toml/toml_outline_test.cc,
// tests/fuzz/fuzz_settings.cc.
#include "adapters/toml/toml_outline.h"

#include <algorithm>
#include <utility>

namespace heloguard {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

class Scan {
 public:
  Scan(std::string_view text, std::size_t limit) : text_(text), limit_(limit) {
    if (text_.starts_with(kByteOrderMark)) at_ = line_begin_ = kByteOrderMark.size();
  }

  TomlOutline Run() {
    while (at_ < text_.size() && !outline_.too_deep) Take(text_[at_]);
    return std::move(outline_);
  }

 private:
  enum class Place : std::uint8_t { kKey, kHeader, kValue };
  struct Bracket {
    bool table;         // "{"
    std::size_t depth;  // of what it holds
  };

  // Takes the octet at the cursor, or the string or comment that begins with it.
  void Take(char c) {
    switch (c) {
      case '\n':
        return EndLine();
      case '#':
        at_ = std::min(text_.find('\n', at_), text_.size());
        return;
      case '"':
      case '\'':
        BeginPart();
        return SkipString(c);
      case '[':
      case '{':
        return Open(c);
      case ']':
      case '}':
        Close();
        break;
      case '.':
        part_wanted_ = true;
        break;
      case ',':
        if (!open_.empty() && open_.back().table) BeginKey(open_.back().depth);
        break;
      case '=':
        if (place_ == Place::kKey) place_ = Place::kValue;
        break;
      case ' ':
      case '\t':
      case '\r':
        break;
      default:
        BeginPart();
        break;
    }
    ++at_;
  }

  // What stands here is one level below what is around it.
  void Descend() {
    ++depth_;
    if (depth_ > limit_ && !outline_.too_deep) outline_.too_deep = Here();
  }

  void BeginKey(std::size_t depth) {
    place_ = Place::kKey;
    depth_ = depth;
    part_wanted_ = true;
  }

  void BeginPart() {
    if (place_ == Place::kValue || !part_wanted_) return;
    part_wanted_ = false;
    Descend();
  }

  void Open(char c) {
    if (place_ == Place::kKey && open_.empty()) {
      const bool twice = text_.substr(at_).starts_with("[[");
      at_ += twice ? 2U : 1U;
      NoteHeader(twice);
      BeginKey(0);
      place_ = Place::kHeader;
      return;
    }
    Descend();
    ++at_;
    open_.push_back({c == '{', depth_});
    if (c == '{') BeginKey(depth_);
  }

  // The header whose key begins at the cursor.
  void NoteHeader(bool twice) {
    const auto behind_blanks = [this](std::size_t at) {
      return std::min(text_.find_first_not_of(" \t", at), text_.size());
    };
    const std::size_t begin = behind_blanks(at_);
    const std::size_t end = std::min(text_.find_first_of(" \t.]\"'\n", begin), text_.size());
    const std::size_t next = behind_blanks(end);
    const bool alone = next < text_.size() && text_[next] == ']';
    outline_.headers.push_back({text_.substr(begin, end - begin), twice && alone, line_begin_, line_});
  }

  void Close() {
    if (place_ == Place::kHeader) {
      header_depth_ = depth_;
    } else if (!open_.empty()) {
      open_.pop_back();
      // A comma behind it goes on with what is around.
      if (!open_.empty()) depth_ = open_.back().depth;
    }
    place_ = Place::kValue;
  }

  void EndLine() {
    ++at_;
    ++line_;
    line_begin_ = at_;
    if (open_.empty()) BeginKey(header_depth_);
  }

  // A string of one line ends before its newline at the latest, where toml++ reports an error.
  void SkipString(char quote) {
    const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
    const bool long_string = text_.substr(at_).starts_with(three);
    at_ += long_string ? 3U : 1U;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\' && quote == '"' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') {
        ++at_;
      } else if (c == '\n') {
        if (!long_string) return;
        ++line_;
        line_begin_ = at_ + 1;
      } else if (c == quote && (!long_string || text_.substr(at_).starts_with(three))) {
        at_ += long_string ? 3U : 1U;
        // Up to two quotes in front of the closing three belong to the string.
        for (int more = 0; long_string && more < 2 && at_ < text_.size() && text_[at_] == quote; ++more) ++at_;
        return;
      }
    }
  }

  [[nodiscard]] SourcePosition Here() const {
    const std::string_view before = text_.substr(line_begin_, at_ - line_begin_);
    const auto characters =
        std::ranges::count_if(before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    return {"", line_, static_cast<std::uint32_t>(characters + 1)};
  }

  std::string_view text_;
  std::size_t limit_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_begin_ = 0;

  Place place_ = Place::kKey;
  bool part_wanted_ = true;       // the next octet of a key begins a part of it
  std::size_t depth_ = 0;         // of the key or value at the cursor
  std::size_t header_depth_ = 0;  // of the table whose keys stand at the beginnings of lines
  std::vector<Bracket> open_;
  TomlOutline outline_;
};

}  // namespace

TomlOutline OutlineOf(std::string_view text, std::size_t limit) { return Scan(text, limit).Run(); }

}  // namespace heloguard
