// Any bytes as a Postfix table of each kind: reading ends, says where each problem is in one printable line, and leaves
// lines that compile. What a table finds is what its lines say tried one by one, and every reply can be sent.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tables/postfix_table.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxText = 4 * 1024;
// Patterns that multiply what they repeat are slow to compile, and other tests are about that.
constexpr std::ptrdiff_t kMaxRepeats = 8;
constexpr std::array<std::string_view, 8> kNames{"a",
                                                 "mail.example.com",
                                                 "dyn-192-0-2-1.isp.example",
                                                 "[192.0.2.1]",
                                                 "A_b\x01\xff c",
                                                 "xn--bcher-kva.example",
                                                 "localhost",
                                                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
constexpr std::array<std::string_view, 4> kAddresses{"192.0.2.1", "10.1.2.3", "2001:db8::1", "::ffff:10.0.0.1"};

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// The walk, without sets.
const AccessLine* FindOneByOne(const AccessTable& table, std::string_view name) {
  const std::string key = AccessKey(name);
  const auto& lines = table.lines();
  for (std::size_t i = 0; i < lines.size();) {
    const AccessMatcher& matcher = lines[i].matcher;
    const bool holds = MatchesAlone({matcher.pattern, {}}, key).value() != matcher.negated;
    if (holds && !lines[i].is_if) return &lines[i];
    i = lines[i].is_if && !holds ? lines[i].end : i + 1;
  }
  return nullptr;
}

void TryReply(const AccessTable& table, const AccessLine& line, std::string_view name) {
  for (const int code : {550, 450}) {
    const SmtpReply own = SmtpReply::Make(code, code == 550 ? "5.7.1" : "4.7.1", "own").value();
    const SmtpReply reply = table.ReplyOf(line, name, own);
    Require(reply.permanent() == own.permanent());
    Require(IsPrintable(reply.ToString()) && reply.ToString().size() + 2 <= SmtpReply::kMaxReplyOctets);
  }
}

void TryTable(TableKind kind, std::string_view text) {
  PostfixTable read = ReadPostfixTable(kind, text, "fuzz");
  for (const Diagnostic& found : read.diagnostics) {
    Require(!found.error.message.empty() && IsPrintable(found.error.message));
    Require(found.error.where.line > 0 && found.error.where.column > 0);
  }
  for (std::size_t i = 0; i < read.lines.size(); ++i) {
    if (read.lines[i].is_if) Require(read.lines[i].end > i && read.lines[i].end <= read.lines.size());
  }
  Diagnostics broken;
  const auto table = AccessTable::Compile(kind, std::move(read.lines), &broken);
  Require((table == nullptr) == HasErrors(broken));
  if (!table) return;
  for (const std::string_view address : kAddresses) {
    const auto hit = table->Find(*IpAddress::Parse(address));
    if (hit.line != nullptr) TryReply(*table, *hit.line, "");
  }
  for (const std::string_view name : kNames) {
    const auto hit = table->Find(name);
    if (kind != TableKind::kCidr) Require(hit.line == FindOneByOne(*table, name));
    if (hit.line != nullptr) TryReply(*table, *hit.line, name);
  }
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), std::min(size, heloguard::kMaxText));
  if (std::ranges::count(text, '{') > heloguard::kMaxRepeats) return 0;
  for (const auto kind : {heloguard::TableKind::kPcre, heloguard::TableKind::kRegexp, heloguard::TableKind::kCidr}) {
    heloguard::TryTable(kind, text);
  }
  return 0;
}
