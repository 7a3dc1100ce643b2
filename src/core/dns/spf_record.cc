// Reads SPF records (spf.h): RFC 7208 sections 4.5, 4.6 and 12. Total: any bytes are a record, or have a first fault.
// Asks nothing and expands nothing. Tests: tests/unit/core/dns/spf_record_test.cc, tests/fuzz/fuzz_spf.cc.
#include <algorithm>
#include <array>
#include <charconv>

#include "heloguard/base/ascii.h"
#include "heloguard/base/escape.h"
#include "heloguard/dns/spf.h"

namespace heloguard {
namespace {

struct Qualifier {
  char sign;
  SpfResult result;
};
constexpr std::array<Qualifier, 4> kQualifiers{
    {{'+', SpfResult::kPass}, {'-', SpfResult::kFail}, {'~', SpfResult::kSoftfail}, {'?', SpfResult::kNeutral}}};

// What may stand behind a mechanism's name.
enum class Argument : std::uint8_t { kNone, kDomain, kOptionalDomain, kOptionalDomainAndPrefixes, kIpv4, kIpv6 };
// In the order of SpfMechanism.
constexpr std::array<Argument, 8> kArguments{Argument::kNone,
                                             Argument::kDomain,
                                             Argument::kOptionalDomainAndPrefixes,
                                             Argument::kOptionalDomainAndPrefixes,
                                             Argument::kOptionalDomain,
                                             Argument::kIpv4,
                                             Argument::kIpv6,
                                             Argument::kDomain};

using Fault = std::optional<SpfFault>;

Fault At(std::size_t offset, std::string message) { return SpfFault{offset, std::move(message)}; }
Fault Moved(Fault fault, std::size_t by) {
  if (fault) fault->offset += by;
  return fault;
}
// ip4-cidr-length, ip6-cidr-length: decimal without leading zeros. nullopt if it is none, or above `most`.
std::optional<unsigned> PrefixLength(std::string_view digits, unsigned most) {
  constexpr std::size_t kMaxDigits = 3;
  if (digits.empty() || digits.size() > kMaxDigits || !std::ranges::all_of(digits, IsDigit)) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  unsigned length = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), length);
  return length <= most ? std::optional(length) : std::nullopt;
}

// The last "/DIGITS" of a text, or "" if it does not end in one.
std::string_view LastPrefix(std::string_view text) {
  std::size_t start = text.size();
  while (start > 0 && IsDigit(text[start - 1])) --start;
  const bool slash = start > 0 && text[start - 1] == '/';
  return start < text.size() && slash ? text.substr(start - 1) : std::string_view();
}

constexpr unsigned kBitsV4 = 32;
constexpr unsigned kBitsV6 = 128;

// ip4-network and ip6-network with their prefix. `at` is where the argument begins.
Fault ReadNetwork(std::string_view argument, bool v4, std::size_t at, SpfTerm* term) {
  const std::size_t slash = argument.find('/');
  const auto address = IpAddress::Parse(argument.substr(0, slash));
  if (!address || address->is_v4() != v4) {
    return At(at, Quoted(argument.substr(0, slash)) + (v4 ? " is no IPv4 address" : " is no IPv6 address"));
  }
  term->address = *address;
  if (slash == std::string_view::npos) return std::nullopt;
  const auto length = PrefixLength(argument.substr(slash + 1), v4 ? kBitsV4 : kBitsV6);
  if (!length) return At(at + slash, std::string("a prefix length from 0 to ") + (v4 ? "32" : "128") + " is wanted");
  (v4 ? term->prefix_v4 : term->prefix_v6) = *length;
  return std::nullopt;
}

// Takes "/24", "//64" or "/24//64" from the end. A domain-spec may have slashes of its own, so only the end counts.
Fault TakePrefixes(std::string_view* text, std::size_t at, SpfTerm* term) {
  std::string_view last = LastPrefix(*text);
  if (last.empty()) return std::nullopt;
  std::string_view rest = text->substr(0, text->size() - last.size());
  if (rest.ends_with('/')) {
    const auto v6 = PrefixLength(last.substr(1), kBitsV6);
    if (!v6) return At(at + rest.size(), "a prefix length from 0 to 128 is wanted");
    term->prefix_v6 = *v6;
    rest.remove_suffix(1);
    *text = rest;
    last = LastPrefix(rest);
    if (last.empty()) return std::nullopt;
    rest = rest.substr(0, rest.size() - last.size());
  }
  const auto v4 = PrefixLength(last.substr(1), kBitsV4);
  if (!v4) return At(at + rest.size(), "a prefix length from 0 to 32 is wanted");
  term->prefix_v4 = *v4;
  *text = rest;
  return std::nullopt;
}

// `rest` is what follows the mechanism's name: "", ":domain", "/24" or ":domain/24".
Fault ReadArgument(std::string_view rest, std::size_t at, SpfTerm* term) {
  const Argument argument = kArguments[static_cast<std::size_t>(term->mechanism)];
  const bool optional = argument == Argument::kOptionalDomain || argument == Argument::kOptionalDomainAndPrefixes;
  if (argument == Argument::kOptionalDomainAndPrefixes) {
    if (auto fault = TakePrefixes(&rest, at, term)) return fault;
  }
  const std::string name(NameOf(term->mechanism));
  if (rest.empty() && (optional || argument == Argument::kNone)) return std::nullopt;
  if (argument == Argument::kNone) return At(at, name + " takes nothing behind it");
  if (!rest.starts_with(':')) {
    return At(at, rest.empty() ? name + " wants a colon and what it is about" : "a colon is wanted behind " + name);
  }
  rest.remove_prefix(1);
  if (argument == Argument::kIpv4 || argument == Argument::kIpv6) {
    return ReadNetwork(rest, argument == Argument::kIpv4, at + 1, term);
  }
  term->domain = rest;
  return Moved(CheckSpfDomainSpec(rest), at + 1);
}

// name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ): how long it is at the front of `text`.
std::size_t NameLength(std::string_view text) {
  if (text.empty() || !IsLetter(LowerCase(text.front()))) return 0;
  const auto other = std::ranges::find_if(text, [](char c) { return !IsAlnum(c) && c != '-' && c != '_' && c != '.'; });
  return static_cast<std::size_t>(other - text.begin());
}

Fault ReadMechanism(std::string_view text, SpfRecord* record) {
  SpfTerm term;
  term.text = text;
  std::size_t start = 0;
  const auto* sign = std::ranges::find(kQualifiers, text.front(), &Qualifier::sign);
  if (sign != kQualifiers.end()) {
    term.result = sign->result;
    start = 1;
  }
  const std::size_t end = std::min(text.find_first_of(":/", start), text.size());
  const std::string_view name = text.substr(start, end - start);
  const auto mechanism = FromName<SpfMechanism>(LowerCase(name));
  if (!mechanism) return At(start, Quoted(name) + " is no mechanism");
  term.mechanism = *mechanism;
  if (auto fault = ReadArgument(text.substr(end), end, &term)) return fault;
  record->terms.push_back(std::move(term));
  return std::nullopt;
}

// Section 6: those nobody knows are ignored, but well formed.
Fault ReadModifier(std::string_view text, std::size_t name_length, SpfRecord* record) {
  const std::string name = LowerCase(text.substr(0, name_length));
  const std::size_t start = name_length + 1;
  const std::string_view value = text.substr(start);
  std::optional<std::string>* known = name == "redirect" ? &record->redirect
                                      : name == "exp"    ? &record->explained
                                                         : nullptr;
  if (known == nullptr) return Moved(CheckSpfMacroString(value), start);
  if (known->has_value()) return At(0, name + "= stands there twice");
  *known = value;
  return Moved(CheckSpfDomainSpec(value), start);
}

Fault ReadTerm(std::string_view text, SpfRecord* record) {
  const std::size_t name_length = NameLength(text);
  const bool modifier = name_length > 0 && name_length < text.size() && text[name_length] == '=';
  return modifier ? ReadModifier(text, name_length, record) : ReadMechanism(text, record);
}

bool HasVersion(std::string_view text) {
  return LowerCase(text.substr(0, kSpfVersion.size())) == kSpfVersion &&
         (text.size() == kSpfVersion.size() || text[kSpfVersion.size()] == ' ');
}

Fault ReadRecord(std::string_view text, SpfRecord* record) {
  if (!HasVersion(text)) return At(0, "a record begins with v=spf1 and a blank");
  if (text.size() > kMaxSpfRecord) return At(kMaxSpfRecord, "the record is longer than anybody needs");
  std::size_t at = kSpfVersion.size();
  while ((at = text.find_first_not_of(' ', at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (auto fault = Moved(ReadTerm(text.substr(at, end - at), record), at)) return fault;
    at = end;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string_view> SpfRecordsOf(const DnsAnswer& txt) {
  std::vector<std::string_view> records;
  for (const DnsRecord& data : txt.data) {
    const auto* record = std::get_if<TxtRecord>(&data);
    if (record != nullptr && HasVersion(record->text)) records.emplace_back(record->text);
  }
  return records;
}

Result<SpfRecord> ParseSpfRecord(std::string_view text) {
  SpfRecord record;
  if (auto fault = ReadRecord(text, &record)) {
    return Error{ErrorKind::kInputData, fault->message, {"", 0, static_cast<std::uint32_t>(fault->offset + 1)}};
  }
  return record;
}

}  // namespace heloguard
