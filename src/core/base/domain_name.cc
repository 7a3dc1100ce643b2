// DNS names as values: text to labels and back, wire format, reverse names.
//
// The only place where text becomes labels. Knows nothing of what a name means (public_suffix.cc, special_use.cc).
// RFC 1035 sections 2.3.4, 3.1 and 3.5; RFC 3596 section 2.5; RFC 4343 (case). Tests:
// tests/unit/core/base/domain_name_test.cc.
#include "heloguard/base/domain_name.h"

#include <algorithm>

#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxWire = 255;
constexpr std::string_view kHexDigits = "0123456789abcdef";

// tolower() depends on the locale; DNS folds ASCII letters only.
void FoldCase(std::string* label) {
  for (char& c : *label) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

std::size_t WireSize(const std::vector<std::string>& labels) {
  std::size_t size = 1;
  for (const std::string& label : labels) size += label.size() + 1;
  return size;
}

bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// A label in which every octet that could be taken for something else is written \xNN.
std::string LabelText(std::string_view label) {
  std::string out;
  for (const char c : label) {
    if (c == '.' || c == ' ') {
      out += c == '.' ? "\\x2e" : "\\x20";
    } else {
      out += EscapeBytes(std::string_view(&c, 1));
    }
  }
  return out;
}

bool EndsWithLabels(const std::vector<std::string>& labels, const std::vector<std::string>& tail) {
  return labels.size() >= tail.size() && std::equal(tail.rbegin(), tail.rend(), labels.rbegin());
}

}  // namespace

std::optional<DomainName> DomainName::FromText(std::string_view text) {
  DomainName name;
  if (text == ".") return name;
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > kMaxLabel) return std::nullopt;
    FoldCase(&name.labels_.emplace_back(label));
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return WireSize(name.labels_) <= kMaxWire ? std::optional(std::move(name)) : std::nullopt;
}

std::optional<DomainName> DomainName::FromWire(std::string_view wire) {
  if (wire.size() > kMaxWire) return std::nullopt;
  DomainName name;
  while (!wire.empty()) {
    const std::size_t length = static_cast<unsigned char>(wire.front());
    wire.remove_prefix(1);
    if (length == 0) return wire.empty() ? std::optional(std::move(name)) : std::nullopt;
    if (length > kMaxLabel || length > wire.size()) return std::nullopt;  // compression pointers are above 63 too
    FoldCase(&name.labels_.emplace_back(wire.substr(0, length)));
    wire.remove_prefix(length);
  }
  return std::nullopt;
}

DomainName DomainName::Reverse(const IpAddress& address) {
  DomainName name;
  const auto octets = address.bytes();
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    if (address.is_v4()) {
      name.labels_.push_back(std::to_string(*octet));
    } else {
      name.labels_.emplace_back(1, kHexDigits[*octet & 0xfU]);
      name.labels_.emplace_back(1, kHexDigits[*octet >> 4U]);
    }
  }
  name.labels_.emplace_back(address.is_v4() ? "in-addr" : "ip6");
  name.labels_.emplace_back("arpa");
  return name;
}

std::string DomainName::ToText() const {
  std::string text;
  for (const std::string& label : labels_) {
    if (!text.empty()) text += '.';
    text += LabelText(label);
  }
  return text.empty() ? "." : text;
}

std::string DomainName::ToWire() const {
  std::string wire;
  for (const std::string& label : labels_) {
    wire += static_cast<char>(label.size());
    wire += label;
  }
  return wire + '\0';
}

bool DomainName::IsHostName() const {
  return !empty() && std::all_of(labels_.begin(), labels_.end(), [](const std::string& label) {
    return label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) { return IsLetterOrDigit(c) || c == '-'; });
  });
}

bool DomainName::IsAtOrUnder(const DomainName& ancestor) const { return EndsWithLabels(labels_, ancestor.labels_); }

}  // namespace heloguard
