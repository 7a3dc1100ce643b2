// Any bytes as an incoming Authentication-Results field, as an authserv-id and as a HELO name: whose a field is gets
// decided whatever it holds, what we write is printable, short and ours, and putting comments, folds or a version
// around an id never hides it.
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

void TryIncoming(std::string_view id, std::string_view value) {
  const bool claims = ClaimsAuthservId(value, id);
  const std::string lower = LowerCase(value);
  Require(ClaimsAuthservId(lower, id) == claims);
  if (!IsAuthservId(id) || id == ".") return;
  for (const char* const frame : {"", " ", "\n\t", "(x)", "(a\\)b (c))\r\n "}) {
    Require(ClaimsAuthservId(std::string(frame) + std::string(id) + frame + ";" + std::string(value), id));
    Require(ClaimsAuthservId(std::string(frame) + "\"" + std::string(id) + "\" 1" + frame + ";", id));
  }
  Require(!ClaimsAuthservId("not." + std::string(id) + ";" + std::string(value), id));
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
