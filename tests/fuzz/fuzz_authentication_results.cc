// Any bytes as an incoming Authentication-Results field, as an authserv-id and as a HELO name: whose a field is gets
// decided whatever it holds, what we write is printable, short and ours, and putting comments, folds, a version,
// invisible characters or encodings around an id never hides it.
//
// The first octet says how many of those that follow are the id.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "heloguard/base/ascii.h"
#include "heloguard/base/escape.h"
#include "heloguard/judge/authentication_results.h"
#include "results_grammar.h"

namespace heloguard {
namespace {

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

// The id as a host's name: then a field that begins with another one is that host's.
bool IsHostName(std::string_view id) {
  return std::ranges::all_of(id, [](char c) { return IsAlnum(c) || c == '-' || c == '_' || c == '.'; });
}

// Encoded octet by octet, as "%6d" or as an encoded word of "=6d".
std::string Encoded(std::string_view id, char sign) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : id) {
    const auto octet = static_cast<unsigned char>(c);
    text += {sign, kDigits[octet >> 4U], kDigits[octet & 0xFU]};
  }
  return text;
}

// Wherever a blank of Unicode or something invisible stands, and however the id is encoded.
void TryDisguises(const std::string& id, std::string_view value) {
  const std::string rest = ";" + std::string(value);
  const std::string half = id.substr(0, id.size() / 2);
  const std::string other_half = id.substr(half.size());
  for (const std::string hidden : {"\xc2\xa0", "\xe2\x80\x8b", "\xef\xbb\xbf", "\xe3\x80\x80", "\xc2\xad", "\xa0"}) {
    Require(ClaimsAuthservId(hidden + id + hidden + rest, id));
    Require(ClaimsAuthservId(half + hidden + other_half + rest, id));
    Require(ClaimsAuthservId("=;" + half + hidden + other_half, id));
  }
  for (const char* const before : {"", "=;x="}) {
    Require(ClaimsAuthservId(before + Encoded(id, '%') + rest, id));
    Require(ClaimsAuthservId(before + ("=?utf-8?q?" + Encoded(id, '=') + "?=") + rest, id));
  }
}

void TryIncoming(std::string_view id, std::string_view value) {
  const bool claims = ClaimsAuthservId(value, id);
  const std::string lower = LowerCase(value);
  if (value.find("=?") == std::string_view::npos) Require(ClaimsAuthservId(lower, id) == claims);  // base64 has a case
  if (!IsAuthservId(id) || id == ".") return;
  for (const char* const frame : {"", " ", "\n\t", "(x)", "(a\\)b (c))\r\n "}) {
    Require(ClaimsAuthservId(std::string(frame) + std::string(id) + frame + ";" + std::string(value), id));
    Require(ClaimsAuthservId(std::string(frame) + "\"" + std::string(id) + "\" 1" + frame + ";", id));
  }
  Require(ClaimsAuthservId("=" + std::string(id), id));
  if (!IsHostName(id)) return;
  Require(!ClaimsAuthservId("not." + std::string(id) + ";" + std::string(value), id));
  TryDisguises(std::string(id), value);
}

void TryOutgoing(std::string_view id, std::string_view value) {
  const MethodResult result{"x-helo", "pass", std::string(value), {{"smtp.helo", std::string(value)}}};
  const std::string field = ResultsField(id, {result, result});
  Require(field.size() <= kMaxResultsOctets);
  Require(std::ranges::all_of(field, [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\t'; }));
  const auto read = testing::ResultsGrammar::Read(field);
  Require(read && read->results.size() == 2);
  Require(read->results[1].properties.size() == 1);
  if (value.size() < 16) Require(read->results[1].properties[0].second == EscapeBytes(value));
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view id = text.substr(0, data[0]);
  const std::string_view value = text.substr(id.size());
  const bool c_strings = text.find('\0') == std::string_view::npos;  // as libmilter hands them on
  if (c_strings) heloguard::TryIncoming(id, value);
  heloguard::TryOutgoing(id, value);
  return 0;
}
