// Macros of SPF domain-specs (spf.h): their syntax and what they expand to. RFC 7208 sections 7 and 12.
// Asks nothing: the validated name of %{p} is handed in. Tests: tests/unit/core/dns/spf_macro_test.cc,
// tests/fuzz/fuzz_spf.cc.
#include <algorithm>

#include "heloguard/base/ascii.h"
#include "heloguard/base/escape.h"
#include "heloguard/dns/spf.h"

namespace heloguard {
namespace {

constexpr std::string_view kLetters = "slodiphcrtv";
constexpr std::string_view kOnlyExplained = "crt";  // allowed in the text of an explanation alone
constexpr std::string_view kDelimiters = ".-+,/_=";
constexpr std::size_t kMaxNameText = 253;
constexpr unsigned kManyParts = 1'000;  // more than any value has

bool IsVisible(char c) { return c >= '!' && c <= '~'; }

// A literal octet, or a macro.
struct Piece {
  std::string_view literal;  // "" if it is a macro
  char letter = 0;           // in lower case
  bool url_escape = false;   // it was a capital
  unsigned keep = 0;         // right-hand parts; 0: all
  bool reverse = false;
  std::string_view delimiters;
  bool expands = false;  // %%, %_, %- or a macro: it may end a domain-spec
};

// Takes a macro-string apart, piece by piece.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : text_(text) {}

  // False at the end and at a fault.
  bool Next(Piece* piece) {
    *piece = {};
    start_ = at_;
    if (fault_ || at_ == text_.size()) return false;
    if (!IsVisible(text_[at_])) return Fail("an octet that no domain-spec may have: " + Shown(text_[at_]));
    if (text_[at_] == '%') return NextExpand(piece);
    piece->literal = text_.substr(at_++, 1);
    return true;
  }
  // Where the piece taken last begins and ends.
  [[nodiscard]] std::size_t start() const { return start_; }
  [[nodiscard]] std::size_t end() const { return at_; }
  [[nodiscard]] const std::optional<SpfFault>& fault() const { return fault_; }

 private:
  static std::string Shown(char c) { return EscapeBytes(std::string_view(&c, 1)); }
  bool Fail(std::string message) {
    fault_ = SpfFault{at_, std::move(message)};
    return false;
  }
  [[nodiscard]] char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool NextExpand(Piece* piece) {
    ++at_;
    piece->expands = true;
    switch (Peek()) {
      case '%':
        piece->literal = "%";
        break;
      case '_':
        piece->literal = " ";
        break;
      case '-':
        piece->literal = "%20";
        break;
      case '{':
        ++at_;
        return NextMacro(piece);
      default:
        return Fail("% is followed by {, %, _ or -");
    }
    ++at_;
    return true;
  }

  // macro-letter *DIGIT ["r"] *delimiter "}"
  bool NextMacro(Piece* piece) {
    piece->letter = LowerCase(Peek());
    if (at_ == text_.size() || kLetters.find(piece->letter) == std::string_view::npos) {
      return Fail("no macro letter: those are s, l, o, d, i, p, v and h");
    }
    piece->url_escape = piece->letter != text_[at_];
    ++at_;
    if (!TakeCount(piece)) return false;
    if (LowerCase(Peek()) == 'r') {
      piece->reverse = true;
      ++at_;
    }
    const std::size_t delimiters = at_;
    while (at_ < text_.size() && kDelimiters.find(text_[at_]) != std::string_view::npos) ++at_;
    piece->delimiters = text_.substr(delimiters, at_ - delimiters);
    if (Peek() != '}') return Fail("the macro is not closed by }, or has more than digits, r and delimiters");
    ++at_;
    return true;
  }

  bool TakeCount(Piece* piece) {
    const std::size_t digits = at_;
    for (; IsDigit(Peek()); ++at_) {
      piece->keep = std::min(piece->keep * 10 + static_cast<unsigned>(Peek() - '0'), kManyParts);
    }
    return at_ == digits || piece->keep > 0 || Fail("a macro keeps one part at least");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  std::optional<SpfFault> fault_;
};

// toplabel of section 7.1: letters, digits and hyphens inside, and not digits alone.
bool IsTopLabel(std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  const auto allowed = [](char c) { return IsAlnum(c) || c == '-'; };
  return std::ranges::all_of(label, allowed) && !std::ranges::all_of(label, IsDigit);
}

// `tail` is what stands behind the last macro.
bool EndsInTopLabel(std::string_view tail) {
  if (tail.ends_with('.')) tail.remove_suffix(1);
  const std::size_t dot = tail.rfind('.');
  return dot != std::string_view::npos && IsTopLabel(tail.substr(dot + 1));
}

// Labels as they are: an octet is an octet in the name that is asked for.
std::string PlainText(const DomainName& name) {
  std::string text;
  for (const std::string& label : name.labels()) text += (text.empty() ? "" : ".") + label;
  return text;
}

std::string DottedAddress(const IpAddress& address) {
  if (address.is_v4()) return address.ToString();
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t octet : address.bytes()) {
    if (!text.empty()) text += '.';
    text += kHexDigits[octet >> 4U];
    text += '.';
    text += kHexDigits[octet & 0xFU];
  }
  return text;
}

std::string ValueOf(char letter, const SpfMacroValues& values) {
  constexpr std::string_view kLocalPart = "postmaster";
  switch (letter) {
    case 's':
      return std::string(kLocalPart) + "@" + PlainText(values.helo);
    case 'l':
      return std::string(kLocalPart);
    case 'o':
    case 'h':
      return PlainText(values.helo);
    case 'd':
      return PlainText(values.domain);
    case 'i':
      return DottedAddress(values.client);
    case 'p':
      return std::string(values.validated);
    case 'v':
      return values.client.is_v4() ? "in-addr" : "ip6";
    default:
      return "";  // c, r and t belong to explanations
  }
}

// Splits, reverses, keeps the right-hand parts, and joins with dots.
std::string Transformed(const std::string& value, const Piece& piece) {
  const std::string_view delimiters = piece.delimiters.empty() ? "." : piece.delimiters;
  std::vector<std::string_view> parts;
  std::string_view rest = value;
  while (true) {
    const std::size_t end = rest.find_first_of(delimiters);
    parts.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (piece.reverse) std::ranges::reverse(parts);
  const std::size_t first = piece.keep == 0 || piece.keep >= parts.size() ? 0 : parts.size() - piece.keep;
  std::string text;
  for (std::size_t i = first; i < parts.size(); ++i) {
    if (i > first) text += '.';
    text += parts[i];
  }
  return text;
}

// RFC 3986 section 2.3: everything but the unreserved characters.
std::string UrlEscaped(const std::string& text) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    if (IsAlnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      escaped += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    escaped += {'%', kHexDigits[octet >> 4U], kHexDigits[octet & 0xFU]};
  }
  return escaped;
}

}  // namespace

std::optional<SpfFault> CheckSpfMacroString(std::string_view text) {
  Pieces pieces(text);
  Piece piece;
  while (pieces.Next(&piece)) {
  }
  return pieces.fault();
}

std::optional<SpfFault> CheckSpfDomainSpec(std::string_view text) {
  if (text.empty()) return SpfFault{0, "a domain is missing"};
  Pieces pieces(text);
  Piece piece;
  std::size_t tail = 0;  // where the last macro ends
  while (pieces.Next(&piece)) {
    if (piece.letter != 0 && kOnlyExplained.find(piece.letter) != std::string_view::npos) {
      return SpfFault{pieces.start(), std::string("the macro ") + piece.letter + " is for explanations only"};
    }
    if (piece.expands) tail = pieces.end();
  }
  if (pieces.fault()) return pieces.fault();
  if (tail == text.size() || EndsInTopLabel(text.substr(tail))) return std::nullopt;
  return SpfFault{tail, "a domain ends in a dot and a top-level label, or in a macro"};
}

bool UsesValidatedName(std::string_view spec) {
  Pieces pieces(spec);
  Piece piece;
  while (pieces.Next(&piece)) {
    if (piece.letter == 'p') return true;
  }
  return false;
}

std::string ExpandSpfMacros(std::string_view spec, const SpfMacroValues& values) {
  std::string text;
  Pieces pieces(spec);
  Piece piece;
  while (pieces.Next(&piece)) {
    if (piece.letter == 0) {
      text += piece.literal;
      continue;
    }
    std::string value = ValueOf(piece.letter, values);
    if (piece.keep > 0 || piece.reverse || !piece.delimiters.empty()) value = Transformed(value, piece);
    text += piece.url_escape ? UrlEscaped(value) : value;
  }
  return text;
}

std::optional<DomainName> SpfTargetName(std::string_view expanded) {
  const std::size_t most = kMaxNameText + (expanded.ends_with('.') ? 1 : 0);
  while (expanded.size() > most) {
    const std::size_t dot = expanded.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    expanded.remove_prefix(dot + 1);
  }
  auto name = DomainName::FromText(expanded);
  return name && !name->empty() ? name : std::nullopt;
}

}  // namespace heloguard
