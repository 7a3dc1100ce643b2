// The journal's export format, as `journalctl -o export` writes it, read entry by entry.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "adapters/maillog/frames/log_file.h"
#include "adapters/maillog/frames/syslog_line.h"

namespace heloguard {

// Thread rule: one thread.
class JournalEntries {
 public:
  explicit JournalEntries(LogFile* file) : file_(file) {}
  // True for what an export begins with, perhaps behind empty lines.
  [[nodiscard]] static bool Recognises(std::string_view head);
  // False at the end. `*line` is nullopt for an entry without a message or a time; its views are valid until the next
  // call.
  bool Next(std::optional<SyslogLine>* line);

 private:
  // The value of a field of which only the name stands on its line; false if the file ends before it does.
  bool ReadBinary(std::string* value);

  LogFile* file_;
  bool ended_ = false;  // in the middle of an entry
  std::map<std::string, std::string, std::less<>> fields_;
};

}  // namespace heloguard
