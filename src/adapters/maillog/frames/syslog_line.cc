// Frames of log lines: RFC 3164 section 4.1 as syslog daemons write it to files, with time stamps of either kind, and
// RFC 5424 section 6. Judges no message. Tests: tests/unit/adapters/maillog/frames/syslog_line_test.cc.
#include "adapters/maillog/frames/syslog_line.h"

#include <algorithm>
#include <array>

#include "adapters/maillog/frames/digits.h"
#include "heloguard/base/ascii.h"

namespace heloguard {
namespace {

constexpr std::string_view kOwnName = "heloguard";
// What heloguard itself writes behind the time, to a file.
constexpr std::array<std::string_view, 6> kLevels{"trace", "debug", "info", "warning", "error", "critical"};

// "<22>" at the front, taken off, and the version behind it, or in its place: "<22>1 ", "1 ". True if there is one,
// which makes the line RFC 5424's.
bool TakePriority(std::string_view* line) {
  if (line->starts_with('<')) {
    const std::size_t end = line->find('>');
    constexpr std::size_t kMaxPriority = 4;  // npos is longer
    if (end > kMaxPriority) return false;
    line->remove_prefix(end + 1);
  }
  if (!line->starts_with("1 ")) return false;
  line->remove_prefix(2);
  return true;
}

// Structured data and the blank behind it: "- " or "[id name="value"][...] " (RFC 5424 section 6.3).
void SkipStructuredData(std::string_view* rest) {
  if (!rest->starts_with('[')) {
    TakeWord(rest);
    return;
  }
  bool quoted = false;
  for (std::size_t i = 0; i < rest->size(); ++i) {
    const char c = (*rest)[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ' ' && (*rest)[i - 1] == ']') {
      rest->remove_prefix(i + 1);
      return;
    }
  }
  *rest = {};
}

// What rsyslog says in place of a line that comes again; the text is cut there to 800 octets, and stands in brackets.
std::string_view Unrepeated(std::string_view message) {
  constexpr std::string_view kOpening = "message repeated ";
  constexpr std::string_view kMiddle = " times: [";
  if (!message.starts_with(kOpening)) return message;
  const std::string_view rest = message.substr(kOpening.size());
  const std::size_t middle = rest.find(kMiddle);
  if (middle == std::string_view::npos || !std::ranges::all_of(rest.substr(0, middle), IsDigit)) return message;
  std::string_view text = rest.substr(middle + kMiddle.size());
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text.ends_with(']')) text.remove_suffix(1);
  return text;
}

std::optional<SyslogLine> ParseModern(std::string_view rest, SyslogLine line) {
  line.host = TakeWord(&rest);
  line.program = TakeWord(&rest);
  line.pid = LeadingNumber<std::uint32_t>(TakeWord(&rest));
  TakeWord(&rest);  // MSGID
  SkipStructuredData(&rest);
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  line.message = Unrepeated(rest);
  return line;
}

// "postfix/smtpd[123]: message", "sendmail: message".
bool TakeTag(std::string_view* rest, SyslogLine* line) {
  const std::string_view tag = rest->substr(0, rest->find(' '));
  if (!tag.ends_with(':')) return false;
  const std::string_view text = tag.substr(0, tag.size() - 1);
  const std::size_t bracket = text.find('[');
  line->program = text.substr(0, bracket);
  if (bracket != std::string_view::npos && text.ends_with(']')) {
    line->pid = LeadingNumber<std::uint32_t>(text.substr(bracket + 1, text.size() - bracket - 2));
  }
  line->message = Unrepeated(rest->substr(std::min(tag.size() + 1, rest->size())));
  return !line->program.empty();
}

}  // namespace

std::string_view TakeWord(std::string_view* rest) {
  const std::size_t end = std::min(rest->find(' '), rest->size());
  const std::string_view word = rest->substr(0, end);
  rest->remove_prefix(std::min(end + 1, rest->size()));
  return word;
}

std::optional<SyslogLine> ParseSyslogLine(std::string_view line, LogClock* clock) {
  SyslogLine parsed;
  std::string_view rest = line;
  if (rest.starts_with("{\"time\":\"")) {  // heloguard's own, as JSON
    std::string_view time = rest.substr(9);
    time = time.substr(0, time.find('"'));
    const auto at = clock->Read(&time);
    if (!at) return std::nullopt;
    return SyslogLine{*at, {}, kOwnName, 0, rest};
  }
  const bool modern = TakePriority(&rest);
  const auto time = clock->Read(&rest);
  if (!time) return std::nullopt;
  parsed.time = *time;
  if (modern) return ParseModern(rest, parsed);
  std::string_view behind_host = rest;
  parsed.host = TakeWord(&behind_host);
  if (std::ranges::find(kLevels, parsed.host) != kLevels.end()) return SyslogLine{*time, {}, kOwnName, 0, behind_host};
  const bool names_host = !parsed.host.ends_with(':');
  if (!names_host) parsed.host = {};
  if (TakeTag(names_host ? &behind_host : &rest, &parsed)) return parsed;
  return std::nullopt;
}

}  // namespace heloguard
