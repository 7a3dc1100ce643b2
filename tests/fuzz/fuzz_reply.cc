// Any bytes as a reply template, and as what is put into it: a template that reads gives replies that can be sent,
// whatever the values hold; what stands in a value is never taken for a placeholder or a line end; findings that cannot
// be shown are left out.
//
// The bytes up to the first NUL are the template, the others the values.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "heloguard/policy/reply_template.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxText = 8 * 1024;
// Shown only where a template asks for it.
constexpr std::string_view kClient = "client-0-value";

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// RFC 5321 sections 4.2 and 4.5.3.1.5, RFC 3463 section 2.
void RequireSendable(const SmtpReply& reply, Outcome outcome) {
  Require(reply.permanent() == (outcome == Outcome::kReject));
  Require(reply.code() >= 400 && reply.code() <= 599);
  Require(reply.enhanced().empty() || reply.enhanced().front() == (reply.permanent() ? '5' : '4'));
  Require(!reply.lines().empty() && reply.lines().size() <= SmtpReply::kMaxLines);
  for (const std::string& line : reply.lines()) {
    Require(IsPrintable(line));
    const std::size_t enhanced = reply.enhanced().empty() ? 0 : reply.enhanced().size() + 1;
    Require(3 + 1 + enhanced + line.size() + 2 <= SmtpReply::kMaxReplyOctets);
  }
}

ReplyValues ValuesOf(std::string_view bytes) {
  ReplyValues values;
  values.client = kClient;
  for (std::string* value : {&values.helo, &values.rdns, &values.rule, &values.help_url}) {
    const std::string_view part = bytes.substr(0, bytes.find('\0'));
    *value = "{client}" + std::string(part);
    bytes.remove_prefix(std::min(part.size() + 1, bytes.size()));
  }
  values.findings = {std::string(bytes), "plain"};
  return values;
}

void TryTemplate(std::string_view text, const ReplyValues& values) {
  for (const Outcome outcome : {Outcome::kAccept, Outcome::kTempfail, Outcome::kReject}) {
    const auto read = ReplyTemplate::Parse(text, outcome);
    if (!read.ok()) {
      Require(!read.error().message.empty() && IsPrintable(read.error().message));
      continue;
    }
    Require(outcome != Outcome::kAccept && read.value().text() == text);
    const SmtpReply reply = read.value().Render(values);
    RequireSendable(reply, outcome);
    RequireSendable(read.value().Render({}), outcome);
    Require(read.value().findings() == ReplyTemplate::Findings::kNone);
    const bool asks = text.find("{client}") != std::string_view::npos || text.find(kClient) != std::string_view::npos;
    Require(asks || reply.ToString().find(kClient) == std::string::npos);
    // A line of the reply is one of the template's: values bring none.
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    Require(reply.lines().size() <= lines);
  }
}

void TryDefaults(const ReplyValues& values) {
  using Subject = ReplyTemplate::Subject;
  for (const Subject subject : {Subject::kPolicy, Subject::kReverseDns, Subject::kScore}) {
    for (const Outcome outcome : {Outcome::kTempfail, Outcome::kReject}) {
      const ReplyTemplate made = ReplyTemplate::Default(subject, outcome);
      RequireSendable(made.Render(values), outcome);
      Require(ReplyTemplate::Parse(made.text(), outcome).ok());
    }
  }
}

// Text that comes from a Postfix table or a policy as it is.
void TryReply(std::string_view text) {
  for (const std::string_view enhanced : {"5.7.1", "", "5.999.999"}) {
    const auto made = SmtpReply::Make(550, enhanced, text);
    if (made.ok()) RequireSendable(made.value(), Outcome::kReject);
    if (!made.ok()) Require(IsPrintable(made.error().message));
  }
  const auto by_text = SmtpReply::Make(450, text, "x");
  if (by_text.ok()) RequireSendable(by_text.value(), Outcome::kTempfail);
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), std::min(size, heloguard::kMaxText));
  const std::string_view text = bytes.substr(0, bytes.find('\0'));
  const heloguard::ReplyValues values = heloguard::ValuesOf(bytes.substr(std::min(text.size() + 1, bytes.size())));
  heloguard::TryTemplate(text, values);
  heloguard::TryDefaults(values);
  heloguard::TryReply(text);
  return 0;
}
