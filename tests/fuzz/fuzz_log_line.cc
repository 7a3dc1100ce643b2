// Any bytes as one line of a log, and as what a line of our own is made of. A reader gives views into the line or
// nothing. What heloguard writes about a judgement is one printable line of bounded length in both formats, and reads
// back as what was said, whatever the client said.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/log/log_sink.h"
#include "adapters/maillog/frames/syslog_line.h"
#include "adapters/maillog/heloguard/decision_line_reader.h"
#include "adapters/maillog/postfix/postfix_line.h"
#include "adapters/maillog/sendmail/sendmail_line.h"
#include "sample_report.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxText = 4 * 1024;

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireInside(std::string_view view, std::string_view whole) {
  if (view.empty()) return;
  Require(view.data() >= whole.data() && view.data() + view.size() <= whole.data() + whole.size());
}

void RequireBounded(const OwnLine& line) {
  const LoggedSession& said = line.said;
  for (const std::string* text : {&line.session, &said.helo, &said.from, &said.to}) {
    Require(text->size() <= kMaxLoggedText);
  }
  Require(line.repeated > 0 || (said.was.has_value() && !line.session.empty()));
  Require(said.helo.empty() || said.helo_known == HeloKnowledge::kSaid);
}

void TryPostfix(std::string_view message) {
  for (const auto parse : {ParseSmtpdLine, ParsePostscreenLine, ParseCleanupLine}) {
    const PostfixLine line = parse(message);
    for (const std::string_view view : {line.queue, line.name, line.address, line.port, line.action, line.where,
                                        line.text, line.from, line.to, line.helo.value_or("")}) {
      RequireInside(view, message);
    }
    Require(line.code == 0 || (line.code >= 200 && line.code <= 599));
  }
}

void TrySendmail(std::string_view message) {
  const SendmailLine line = ParseSendmailLine(message);
  for (const std::string_view view :
       {line.name, line.address, line.from, line.to, line.proto, line.helo.value_or("")}) {
    RequireInside(view, message);
  }
}

void TryLine(std::string_view line) {
  LogClock clock(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
  if (const auto framed = ParseSyslogLine(line, &clock)) {
    for (const std::string_view view : {framed->host, framed->message}) RequireInside(view, line);
    if (framed->program != "heloguard") RequireInside(framed->program, line);  // our own lines do not name it
  }
  TryPostfix(line);
  TrySendmail(line);
  if (const auto own = ParseOwnLine(line)) RequireBounded(*own);
}

// What stands in the place of everything a client can choose.
void TryOwn(std::string_view said) {
  SampleReport sample;
  sample.inputs.helo = ParseHelo(said);
  sample.from = sample.to = std::string(said.substr(0, kMaxEnvelopeBytes));
  sample.mta.client_name = sample.mta.helo = sample.mta.queue_id = std::string(said);
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    const std::string line = FormatReport(sample.Report(), format, true);
    Require(line.size() <= kMaxLogLine);
    Require(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }));
    const auto read = ParseOwnLine(line);
    Require(read.has_value());
    RequireBounded(*read);
    Require(read->session == sample.session && read->said.client == sample.inputs.client);
    Require(read->said.was == Outcome::kAccept && read->said.reached == Stage::kRcpt);
    if (said.size() > 32) continue;  // of long values the line keeps a part
    Require(read->said.helo_known == HeloKnowledge::kSaid && read->said.helo == sample.inputs.helo->text);
    Require(read->said.from == sample.from && read->said.to == sample.to);
  }
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), std::min(size, heloguard::kMaxText));
  heloguard::TryLine(text);
  heloguard::TryOwn(text);
  return 0;
}
