// The grammar of RFC 8601 section 2.2, to the letter, for tests: what we write has to be in it, and to say what was
// meant once it is read back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heloguard::testing {

struct ReadResult {
  std::string method, result;
  std::vector<std::pair<std::string, std::string>> properties;  // "smtp.helo" and the value without its quotes
};
struct ReadField {
  std::string id;
  std::vector<ReadResult> results;
};

class ResultsGrammar {
 public:
  // nullopt if `value` is no "authres-payload".
  static std::optional<ReadField> Read(std::string_view value) {
    ResultsGrammar grammar(value);
    ReadField field;
    return grammar.Payload(&field) ? std::optional(field) : std::nullopt;
  }

 private:
  explicit ResultsGrammar(std::string_view text) : text_(text) {}

  [[nodiscard]] bool AtEnd() const { return at_ == text_.size(); }
  [[nodiscard]] char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  bool Take(char c) {
    if (Peek() != c || AtEnd()) return false;
    ++at_;
    return true;
  }
  static bool IsVisible(char c) { return c > ' ' && c <= '~'; }
  static bool IsBlank(char c) { return c == ' ' || c == '\t'; }
  static bool IsAlnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  // FWS, with libmilter's LF for CRLF: a fold is followed by a blank (RFC 5322 section 3.2.2).
  bool Blanks() {
    const std::size_t begin = at_;
    while (IsBlank(Peek()) || (Peek() == '\n' && at_ + 1 < text_.size() && IsBlank(text_[at_ + 1]))) ++at_;
    return at_ > begin;
  }
  bool Comment() {
    if (!Take('(')) return false;
    while (!Take(')')) {
      if (Blanks() || Comment()) continue;
      if (Take('\\')) {
        if (!IsVisible(Peek()) && !IsBlank(Peek())) return false;
      } else if (!IsVisible(Peek()) || Peek() == '(' || Peek() == ')') {
        return false;
      }
      ++at_;
    }
    return true;
  }
  // [CFWS]; true if there was any.
  bool Cfws() {
    const std::size_t begin = at_;
    while (Blanks() || Comment()) {
    }
    return at_ > begin;
  }
  bool Keyword(std::string* out) {  // Ldh-str of RFC 5321: it ends with a letter or digit
    const std::size_t begin = at_;
    while (IsAlnum(Peek()) || Peek() == '-') ++at_;
    *out = text_.substr(begin, at_ - begin);
    return !out->empty() && out->back() != '-';
  }
  bool Value(std::string* out) {  // token or quoted-string of RFC 2045
    if (Take('"')) {
      while (!Take('"')) {
        Take('\\');
        if (!IsVisible(Peek()) && !IsBlank(Peek())) return false;
        *out += text_[at_++];
      }
      return true;
    }
    constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?=";
    while (IsVisible(Peek()) && kSpecials.find(Peek()) == std::string_view::npos) *out += text_[at_++];
    return !out->empty();
  }
  bool Property(ReadResult* result) {
    std::string type;
    std::string name;
    std::string value;
    if (!Keyword(&type)) return false;
    Cfws();
    if (!Take('.')) return false;
    Cfws();
    if (!Keyword(&name)) return false;
    Cfws();
    if (!Take('=')) return false;
    Cfws();
    if (!Value(&value)) return false;
    result->properties.emplace_back(type + "." + name, value);
    return true;
  }
  bool Result(ReadField* field) {
    ReadResult result;
    Cfws();
    if (!Keyword(&result.method)) return false;
    Cfws();
    if (!Take('=')) return false;
    Cfws();
    if (!Keyword(&result.result)) return false;
    while (Cfws() && !AtEnd() && Peek() != ';') {
      if (!Property(&result)) return false;
    }
    field->results.push_back(std::move(result));
    return true;
  }
  bool Payload(ReadField* field) {
    Cfws();
    if (!Value(&field->id)) return false;
    Cfws();
    if (text_.substr(at_) == "; none") return true;  // the one form of no-result that we write
    while (Take(';')) {
      if (!Result(field)) return false;
    }
    return AtEnd() && !field->results.empty();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace heloguard::testing
