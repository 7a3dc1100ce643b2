// Any bytes as the commands of an SMTP client and as the reply of a server: what must hold of all of them is asked
// here.
//
// The bytes are split at line feeds; each line goes both ways.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/smtp/smtp_dialogue.h"
#include "adapters/smtp/smtp_reply_line.h"
#include "heloguard/facts/helo.h"

namespace heloguard {
namespace {

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

// A reply of ours is one line of printable ASCII, whatever it answers.
void TryReply(std::string_view reply) {
  Require(reply.ends_with("\r\n"));
  reply.remove_suffix(2);
  Require(std::all_of(reply.begin(), reply.end(), [](char c) { return c >= 0x20 && c <= 0x7e; }));
  const auto parsed = ParseSmtpReplyLine(reply);
  Require(parsed.has_value() && parsed->last && !parsed->text.empty());
  Require(parsed->code != 354);  // it never asks for a message
}

void TryLine(std::string_view line, SmtpDialogue* dialogue) {
  if (const auto reply = ParseSmtpReplyLine(line)) {
    Require(reply->code >= 200 && reply->code <= 599);
    const std::string_view name = NameInReply(reply->text);
    Require(name.find_first_of(" \t") == std::string_view::npos && name.size() <= reply->text.size());
  }
  if (dialogue->over()) return;
  TryReply(dialogue->Answer(line));
  if (dialogue->helo()) Require(dialogue->helo()->size() <= kMaxHeloBytes);
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  heloguard::SmtpDialogue dialogue("[192.0.2.1]");
  heloguard::TryReply(dialogue.Greeting());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    heloguard::TryLine(text.substr(0, end), &dialogue);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}
