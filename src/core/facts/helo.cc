// ParseHelo: from any bytes to exactly one kind, with every flaw named.
//
// Decides by the text alone; knows nothing of the client, of DNS and of policies. A text is cut, trimmed and folded
// first; then its first word is an address literal, a bare address or a name. Octet flaws look at every octet.
// RFC 5321 sections 2.3.5, 4.1.1, 4.1.2, 4.1.3; RFC 1123 section 2.1; RFC 5890; RFC 6531 section 3.7.1.
// Tests: tests/unit/core/facts/helo_test.cc, tests/fuzz/fuzz_helo.cc.
#include "heloguard/facts/helo.h"

#include <algorithm>
#include <utility>

#include "core/base/a_label.h"
#include "heloguard/base/ascii.h"
#include "heloguard/base/public_suffix.h"
#include "heloguard/base/special_use.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxName = 253;     // 255 octets on the wire, without the first length octet and the root
constexpr std::size_t kMaxLiteral = 255;  // RFC 5321 section 4.5.3.1.2
constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kIpv6Tag = "ipv6:";
constexpr std::string_view kALabelPrefix = "xn--";

// All other flaws make a name malformed.
constexpr EnumSet<HeloFlaw> kMildFlaws{HeloFlaw::kUnderscore, HeloFlaw::kNumericTld, HeloFlaw::kUnknownTld,
                                       HeloFlaw::kPublicSuffix, HeloFlaw::kBadPunycode};

// What a word turned out to be.
struct Word {
  HeloKind kind = HeloKind::kMalformed;
  EnumSet<HeloFlaw> flaws;
  std::optional<IpAddress> address;
};

bool IsLetDigHyphen(char c) { return IsLetter(c) || IsDigit(c) || c == '-'; }
bool IsControl(unsigned char octet) { return octet < 0x20 || octet == 0x7f; }

// RFC 5321 section 4.1.1 wants white space at the end of a command tolerated; MTAs skip what stands in front.
std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// One dot at the end is an absolute name's; two, or a dot alone, are an empty label and stay to be seen.
std::string_view WithoutTrailingDot(std::string_view text) {
  const bool one = text.size() > 1 && text.back() == '.' && text[text.size() - 2] != '.';
  return one ? text.substr(0, text.size() - 1) : text;
}

std::optional<HeloFlaw> FlawOfOctet(char c) {
  if (IsLetDigHyphen(c) || c == '.') return std::nullopt;
  const auto octet = static_cast<unsigned char>(c);
  if (c == '_') return HeloFlaw::kUnderscore;
  if (octet >= 0x80) return HeloFlaw::kNonAscii;
  return IsControl(octet) ? HeloFlaw::kControlCharacter : HeloFlaw::kBadCharacter;
}

// Octets that are wrong wherever they stand, in a literal or a later word too.
EnumSet<HeloFlaw> FlawsAnywhere(std::string_view text) {
  EnumSet<HeloFlaw> flaws;
  for (const char c : text) {
    if (const auto flaw = FlawOfOctet(c)) flaws.Add(*flaw);
  }
  return flaws & EnumSet<HeloFlaw>{HeloFlaw::kNonAscii, HeloFlaw::kControlCharacter};
}

EnumSet<HeloFlaw> FlawsOfLabel(std::string_view label) {
  EnumSet<HeloFlaw> flaws;
  if (label.empty()) return {HeloFlaw::kEmptyLabel};
  if (label.size() > kMaxLabel) flaws.Add(HeloFlaw::kLabelTooLong);
  if (label.front() == '-' || label.back() == '-') flaws.Add(HeloFlaw::kEdgeHyphen);
  if (label.substr(0, kALabelPrefix.size()) == kALabelPrefix && !IsValidALabel(std::string(label))) {
    flaws.Add(HeloFlaw::kBadPunycode);
  }
  for (const char c : label) {
    if (const auto flaw = FlawOfOctet(c)) flaws.Add(*flaw);
  }
  return flaws;
}

Word ParseName(std::string_view word) {
  Word name;
  if (word.size() > kMaxName) name.flaws.Add(HeloFlaw::kNameTooLong);
  std::size_t labels = 0;
  for (std::size_t start = 0; start <= word.size(); ++labels) {
    const std::size_t end = std::min(word.find('.', start), word.size());
    name.flaws = name.flaws | FlawsOfLabel(word.substr(start, end - start));
    start = end + 1;
  }
  name.kind = labels > 1 ? HeloKind::kFqdn : HeloKind::kSingleLabel;
  return name;
}

// General-address-literal = Standardized-tag ":" 1*dcontent, with a tag of letters, digits and inner hyphens.
// No tag beside IPv6 was ever registered, so any is taken; [IPv4:192.0.2.1], which some programs write and read, is one
// of them and no IPv4 literal. A tag of up to four hexadecimal digits is an IPv6 address that lacks its tag.
bool IsGeneralLiteral(std::string_view content) {
  const std::size_t colon = content.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == content.size()) return false;
  const std::string_view tag = content.substr(0, colon);
  const std::string_view text = content.substr(colon + 1);
  if (!std::all_of(tag.begin(), tag.end(), IsLetDigHyphen) || tag.back() == '-') return false;
  if (tag.size() <= 4 && std::all_of(tag.begin(), tag.end(), IsHexDigit)) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '[' && c != ']' && c != '\\';  // dcontent
  });
}

// RFC 5321 section 4.1.3 (IPv6-comp, IPv6v4-comp): "::" stands for two groups of zeros at least.
bool CompressesEnough(std::string_view v6) {
  const std::size_t compressed = v6.find("::");
  if (compressed == std::string_view::npos) return true;
  std::size_t groups = v6.find('.') == std::string_view::npos ? 0 : 1;  // the IPv4 part is two
  for (std::size_t i = 0; i < v6.size(); ++i) {
    if (v6[i] != ':' && (i == 0 || v6[i - 1] == ':')) ++groups;
  }
  return groups <= 6;
}

// `word` begins or ends with a bracket. The whole content is compared with the grammar: a literal that merely begins
// with the client's address is another address, and a bracket taken off leaves another kind of name.
Word ParseLiteral(std::string_view word) {
  const Word bad{HeloKind::kMalformed, {HeloFlaw::kBadLiteral}, std::nullopt};
  if (word.size() < 3 || word.front() != '[' || word.back() != ']') return bad;
  const std::string_view content = word.substr(1, word.size() - 2);
  if (content.substr(0, kIpv6Tag.size()) == kIpv6Tag) {
    const std::string_view text = content.substr(kIpv6Tag.size());
    const auto v6 = IpAddress::Parse(text);
    return v6 && v6->is_v6() && CompressesEnough(text) ? Word{HeloKind::kIpv6Literal, {}, v6} : bad;
  }
  const auto v4 = IpAddress::Parse(content);
  if (v4 && v4->is_v4()) return Word{HeloKind::kIpv4Literal, {}, v4};
  if (!IsGeneralLiteral(content)) return bad;
  Word general{HeloKind::kOtherLiteral, {}, std::nullopt};
  if (word.size() > kMaxLiteral) general.flaws.Add(HeloFlaw::kNameTooLong);
  return general;
}

// "ipv6:..." without brackets, or an IPv6 address with a zone id: meant as an address, and none.
bool IsDamagedAddress(std::string_view word) {
  if (word.substr(0, kIpv6Tag.size()) == kIpv6Tag) return true;
  const std::size_t zone = word.find('%');
  const auto address = zone == std::string_view::npos ? std::nullopt : IpAddress::Parse(word.substr(0, zone));
  return address && address->is_v6();
}

Word ParseWord(std::string_view word) {
  if (!word.empty() && (word.front() == '[' || word.back() == ']')) return ParseLiteral(word);
  if (IsDamagedAddress(word)) return {HeloKind::kMalformed, {HeloFlaw::kBadLiteral}, std::nullopt};
  if (const auto address = IpAddress::Parse(word)) {
    return {address->is_v4() ? HeloKind::kBareIpv4 : HeloKind::kBareIpv6, {}, address};
  }
  return ParseName(word);
}

// For well-formed names with a dot: of a malformed one nobody can say where it belongs.
EnumSet<HeloFlaw> FlawsOfPlace(const DomainName& name) {
  EnumSet<HeloFlaw> flaws;
  const std::string& tld = name.labels().back();
  if (std::all_of(tld.begin(), tld.end(), IsDigit)) {
    flaws.Add(HeloFlaw::kNumericTld);
  } else if (!HasKnownTld(name) && !IsSpecialUse(name)) {
    flaws.Add(HeloFlaw::kUnknownTld);
  }
  if (IsPublicSuffix(name)) flaws.Add(HeloFlaw::kPublicSuffix);
  return flaws;
}

}  // namespace

Helo ParseHelo(std::string_view text) {
  Helo helo;
  helo.text = text.substr(0, kMaxHeloBytes);
  helo.name = LowerCase(Trim(helo.text));
  const std::size_t blank = helo.name.find_first_of(kBlanks);
  if (blank == std::string::npos) helo.name = WithoutTrailingDot(helo.name);

  const Word word = ParseWord(WithoutTrailingDot(std::string_view(helo.name).substr(0, blank)));
  helo.flaws = word.flaws | FlawsAnywhere(helo.name);
  if (blank != std::string::npos) helo.flaws.Add(HeloFlaw::kSeveralWords);
  if (text.size() > kMaxHeloBytes) helo.flaws.Add(HeloFlaw::kNameTooLong);

  helo.kind = (helo.flaws - kMildFlaws).empty() ? word.kind : HeloKind::kMalformed;
  if (helo.kind == HeloKind::kMalformed) return helo;
  helo.address = word.address;
  if (helo.kind == HeloKind::kFqdn || helo.kind == HeloKind::kSingleLabel) {
    helo.domain = DomainName::FromText(helo.name);
  }
  if (helo.kind == HeloKind::kFqdn && helo.domain) helo.flaws = helo.flaws | FlawsOfPlace(*helo.domain);
  return helo;
}

}  // namespace heloguard
