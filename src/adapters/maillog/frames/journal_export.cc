// systemd's Journal Export Format: "NAME=value" lines, an empty line behind each entry; a value that is no plain text
// stands behind its length, eight octets, the lowest first. Tests: tests/unit/adapters/maillog/mail_log_test.cc.
#include "adapters/maillog/frames/journal_export.h"

#include <algorithm>
#include <array>

#include "adapters/maillog/frames/digits.h"

namespace heloguard {
namespace {

constexpr std::array<std::string_view, 7> kWanted{"MESSAGE", "SYSLOG_IDENTIFIER",   "SYSLOG_PID", "_PID", "_HOSTNAME",
                                                  "_COMM",   "__REALTIME_TIMESTAMP"};

}  // namespace

bool JournalEntries::Recognises(std::string_view head) {
  head.remove_prefix(std::min(head.find_first_not_of('\n'), head.size()));
  return head.starts_with("__CURSOR=") || head.starts_with("__REALTIME_TIMESTAMP=");
}

bool JournalEntries::ReadBinary(std::string* value) {
  const auto length = file_->NextBytes(8);
  if (!length) return false;
  std::uint64_t size = 0;
  for (std::size_t i = 8; i-- > 0;) size = size << 8U | static_cast<unsigned char>((*length)[i]);
  while (size > 0) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(size, LogFile::kMaxLine));
    const auto bytes = file_->NextBytes(part);
    if (!bytes) return false;
    if (value->empty()) *value = *bytes;  // of a longer one, the beginning
    size -= part;
  }
  std::string_view rest_of_line;
  return file_->NextLine(&rest_of_line);
}

bool JournalEntries::Next(std::optional<SyslogLine>* line) {
  fields_.clear();
  std::string_view text;
  bool any = false;
  while (!ended_ && file_->NextLine(&text)) {
    if (text.empty() && any) break;
    if (text.empty()) continue;
    any = true;
    const std::size_t equals = text.find('=');
    const std::string name(text.substr(0, equals));
    std::string value;
    if (equals != std::string_view::npos) {
      value = text.substr(equals + 1);
    } else if (!ReadBinary(&value)) {
      ended_ = true;
    }
    if (std::ranges::find(kWanted, std::string_view(name)) != kWanted.end()) fields_.emplace(name, std::move(value));
  }
  line->reset();
  if (!any) return false;
  const auto field = [&](std::string_view name) -> std::string_view {
    const auto found = fields_.find(name);
    return found == fields_.end() ? std::string_view() : std::string_view(found->second);
  };
  const std::uint64_t microseconds = LeadingNumber<std::uint64_t>(field("__REALTIME_TIMESTAMP"));
  constexpr std::uint64_t kLatest = 253'402'300'799'000'000;  // the year 9999
  if (microseconds == 0 || microseconds > kLatest || field("MESSAGE").empty()) return true;
  SyslogLine parsed;
  parsed.time = std::chrono::sys_seconds(std::chrono::seconds(microseconds / 1'000'000));
  parsed.host = field("_HOSTNAME");
  parsed.program = field("SYSLOG_IDENTIFIER").empty() ? field("_COMM") : field("SYSLOG_IDENTIFIER");
  parsed.pid = LeadingNumber<std::uint32_t>(field("SYSLOG_PID").empty() ? field("_PID") : field("SYSLOG_PID"));
  parsed.message = field("MESSAGE");
  *line = parsed;
  return true;
}

}  // namespace heloguard
