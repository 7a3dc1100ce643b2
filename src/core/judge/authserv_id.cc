// Whose an Authentication-Results field claims to be (authentication_results.h). It decides what is removed, so it
// reads more loosely than the grammar: a forged field that we pass over and a reader behind us takes for ours is the
// harm, one removed too many is none. A field whose id is not plainly somebody else's has to name us nowhere, however
// loosely it is read (loose_text.h). RFC 8601 sections 2.2 (grammar), 2.5 (the id), 5 (removal); RFC 5322 section 3.2.2
// (comments, folds); RFC 2045 section 5.1 (tokens). Values are hostile and may be long: every octet is looked at a
// fixed number of times. Tests: tests/unit/core/judge/authserv_id_test.cc, tests/fuzz/fuzz_authentication_results.cc.
#include <algorithm>
#include <optional>

#include "core/base/a_label.h"
#include "core/judge/loose_text.h"
#include "heloguard/base/ascii.h"
#include "heloguard/judge/authentication_results.h"

namespace heloguard {
namespace {

constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?=";  // RFC 2045 section 5.1
constexpr std::size_t kMaxWords = 64;
// MTAs cut what they hand to a milter, Postfix after 60,000 octets with the folded line that goes beyond. What a
// comment hides behind the cut is not for us to see.
constexpr std::size_t kMayBeCut = 50'000;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}
bool IsControl(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

// The id as written: the words in front of the first semicolon, with comments taken out and quotes off.
struct Written {
  std::vector<std::string> words;
  bool readable = true;  // nothing else is there, that no id and no version has
  bool cut = false;      // it ends inside a comment or quotes, or before anything is said, as if at a NUL
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Written Read() {
    Written written;
    bool inside = false;  // a word goes on
    while (at_ < text_.size() && text_[at_] != ';') {
      const bool comment = text_[at_] == '(';
      if (comment || IsBlank(text_[at_])) {
        if (comment) written.cut = !SkipComment();
        if (!comment) ++at_;
        inside = false;
        continue;
      }
      if (!inside && written.words.size() == kMaxWords) return {std::move(written.words), false, written.cut};
      if (!inside) written.words.emplace_back();
      inside = true;
      if (text_[at_] == '"') {
        written.cut = !TakeQuoted(&written.words.back());
      } else {
        written.readable = TakeOctet(&written.words.back()) && written.readable;
      }
    }
    written.cut |= at_ == text_.size() && written.words.empty();
    return written;
  }

  // All of it but the comments; what follows a parenthesis that is never closed stays.
  std::string WithoutComments() {
    std::string rest;
    bool quoted = false;
    bool closed = true;
    while (at_ < text_.size()) {
      const std::size_t begin = at_;
      if (text_[at_] == '(' && !quoted && closed) {
        closed = SkipComment();
        if (!closed) at_ = begin + 1;
        continue;
      }
      if (text_[at_] == '"') quoted = !quoted;
      SkipBackslash();
      rest += text_[at_++];
    }
    return rest;
  }

 private:
  // One octet more of a word; of a long one no more than shows that it is long.
  void Take(std::string* word) {
    if (word->size() <= 2 * kMaxAuthservId) *word += text_[at_];
    ++at_;
  }
  void SkipBackslash() {
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
  }

  // False for what belongs into no id.
  bool TakeOctet(std::string* word) {
    const char c = text_[at_];
    Take(word);
    return !IsControl(c) && kSpecials.find(c) == std::string_view::npos;
  }

  // False if it is not closed.
  bool SkipComment() {
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      SkipBackslash();
      if (c == '(') ++depth;
      if (c == ')' && --depth == 0) {
        ++at_;
        return true;
      }
    }
    return false;
  }

  bool TakeQuoted(std::string* word) {
    for (++at_; at_ < text_.size();) {
      if (text_[at_] == '"') {
        ++at_;
        return true;
      }
      SkipBackslash();
      Take(word);
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool IsHostLike(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return IsAlnum(c) || c == '-' || c == '_' || c == '.'; });
}

// Letters in lower case, U-labels as A-labels, no dot at the end. nullopt if it is no text.
std::optional<std::string> Canonical(std::string_view id) {
  std::string canonical = LowerCase(id);
  if (!IsAscii(canonical)) {
    auto encoded = ToALabels(canonical);
    if (!encoded) return std::nullopt;
    canonical = std::move(*encoded);
  }
  if (canonical.ends_with('.')) canonical.pop_back();
  return canonical;
}

// The id of words that are no more than a host name, and a version at most. nullopt if they are something else.
std::optional<std::string> PlainId(const std::vector<std::string>& words) {
  if (words.empty() || words.size() > 2) return std::nullopt;
  if (words.size() == 2 && !std::ranges::all_of(words[1], IsDigit)) return std::nullopt;
  auto id = Canonical(words.front());
  return id && !id->empty() && IsHostLike(*id) ? id : std::nullopt;
}

// Whether a name in `text` that is not in ASCII is `own` to IDNA. True if that cannot be told, as there are more of
// them or longer ones than anybody writes.
bool HoldsForeignName(std::string_view text, const std::string& own) {
  constexpr std::size_t kMaxLabel = 63;  // IDNA takes no longer one
  std::size_t tried = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t begin = at;
    while (at < text.size() && (IsHostLike(text.substr(at, 1)) || !IsAscii(text.substr(at, 1)))) ++at;
    const std::string name = FoldLoosely(text.substr(begin, at - begin));
    if (IsAscii(name)) continue;
    if (++tried > kMaxWords || name.size() > 4 * kMaxAuthservId) return true;
    const auto canonical = Canonical(name);
    if (canonical ? canonical->find(own) != std::string::npos : name.size() > kMaxLabel) return true;
  }
  return false;
}

// Whether `own` stands anywhere in the value, as it is or to a reader who decodes, trims or skips something.
bool NamesUs(std::string_view value, const std::string& own) {
  if (LowerCase(value).find(own) != std::string::npos) return true;
  const std::string folded_own = FoldLoosely(own);
  const std::string decoded = DecodeEncodings(value);
  for (const std::string& text :
       {std::string(value), Lexer(value).WithoutComments(), decoded, Lexer(decoded).WithoutComments()}) {
    if (!folded_own.empty() && FoldLoosely(text).find(folded_own) != std::string::npos) return true;
    if (HoldsForeignName(text, own)) return true;
  }
  return false;
}

}  // namespace

bool IsAuthservId(std::string_view text) {
  return !text.empty() && text.size() <= kMaxAuthservId && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c <= '~' && kSpecials.find(c) == std::string_view::npos;
  });
}

bool ClaimsAuthservId(std::string_view value, std::string_view authserv_id) {
  const auto own = Canonical(authserv_id);
  if (!own || own->empty()) return false;
  const Written written = Lexer(value).Read();
  if (written.cut) return true;
  const auto id = written.readable ? PlainId(written.words) : std::nullopt;
  if (!id) return value.size() >= kMayBeCut || NamesUs(value, *own);
  // Some readers skip blanks inside an id, and so take a version for its end.
  return *id == *own || (written.words.size() == 2 && *id + written.words[1] == *own);
}

}  // namespace heloguard
