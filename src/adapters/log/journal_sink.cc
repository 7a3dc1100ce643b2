// Sends lines to journald with sd_journal_sendv(3). A line that cannot be sent is lost: there is nobody to tell.
// Tests: tests/unit/adapters/log/journal_sink_test.cc.
#include "adapters/log/journal_sink.h"

#include <syslog.h>
#include <systemd/sd-journal.h>

#include <algorithm>
#include <array>

#include "heloguard/base/ascii.h"

namespace heloguard {
namespace {

// journald takes names of capitals, digits and underscores, at most 64 octets.
constexpr std::size_t kMaxName = 48;

// Lines of judgements begin with one of these.
constexpr std::array<std::string_view, 3> kFirstKeys{"session=", "candidate=", "repeated="};

bool IsKey(std::string_view key) {
  return !key.empty() && key.size() <= kMaxName &&
         std::ranges::all_of(key, [](char c) { return IsLetter(c) || IsDigit(c) || c == '_'; });
}

std::string FieldOf(std::string_view key, std::string_view value) {
  std::string field = "HELOGUARD_";
  for (const char c : key) field += IsLetter(c) ? static_cast<char>(c - 'a' + 'A') : c;
  return field.append("=").append(value);
}

int PriorityOf(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return LOG_ERR;
  if (level == spdlog::level::warn) return LOG_WARNING;
  return level == spdlog::level::info ? LOG_INFO : LOG_DEBUG;
}

}  // namespace

std::vector<std::string> JournalFields(std::string_view line) {
  std::vector<std::string> fields;
  if (std::ranges::none_of(kFirstKeys, [line](std::string_view key) { return line.starts_with(key); })) return fields;
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string_view key = word.substr(0, equals), value = word.substr(std::min(equals + 1, word.size()));
    if (IsKey(key) && !value.empty() && value != "-") fields.push_back(FieldOf(key, value));
  }
  return fields;
}

void JournalSink::sink_it_(const spdlog::details::log_msg& message) {
  const std::string_view line(message.payload.data(), message.payload.size());
  std::vector<std::string> fields = JournalFields(line);
  spdlog::memory_buf_t formatted;
  formatter_->format(message, formatted);
  std::string_view text(formatted.data(), formatted.size());
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  fields.push_back("MESSAGE=" + std::string(text));
  fields.push_back("PRIORITY=" + std::to_string(PriorityOf(message.level)));
  fields.emplace_back("SYSLOG_IDENTIFIER=heloguard");
  std::vector<iovec> parts;
  parts.reserve(fields.size());
  for (std::string& field : fields) parts.push_back({field.data(), field.size()});
  sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

}  // namespace heloguard
