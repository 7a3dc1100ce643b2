// A set of mail logs, read side by side in the order of time and joined to sessions: the door of this box.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/maillog/frames/log_file.h"
#include "adapters/maillog/session_joiner.h"
#include "heloguard/base/result.h"
#include "heloguard/logged_session.h"

namespace heloguard {

// What there was in one file.
struct LogFileCount {
  std::string name;
  std::uintmax_t bytes = 0;              // as stored
  std::uint64_t lines = 0, skipped = 0;  // skipped: not understood
  std::optional<LogTime> first, last;
};

// Thread rule: one thread.
class MailLog {
 public:
  // Looks at the beginning of each file for its first line's time. "-" is standard input. A file that is named twice is
  // read once: a problem says so. Errors: kNoInput.
  [[nodiscard]] static Result<MailLog> Open(const std::vector<std::string>& paths);
  // The same with files that are open already.
  [[nodiscard]] static MailLog Of(std::vector<std::unique_ptr<LogFile>> files);

  struct Options {
    LogChoice choice = LogChoice::kAuto;
    std::function<void(std::uintmax_t bytes, std::uint64_t lines)> progress;  // called now and then; may be empty
  };
  // Reads everything, of files that overlap in time the earliest line first; `sink` gets each session when it ends.
  // Memory does not grow with the logs; no more than kMaxOpenFiles files are open. Call once.
  void Read(const Options& options, const SessionJoiner::Sink& sink);

  static constexpr std::size_t kMaxOpenFiles = 64;

  // Of all files as stored; 0 if that is not known of one.
  [[nodiscard]] std::uintmax_t size() const;
  // After Read.
  [[nodiscard]] const std::vector<LogFileCount>& counts() const { return counts_; }
  // Files that could not be read to their end, hold no line of a form known, or were named twice.
  [[nodiscard]] const Diagnostics& problems() const { return problems_; }
  [[nodiscard]] std::uint64_t left_out() const { return joined_.left_out; }
  [[nodiscard]] std::uint64_t forwarded() const { return joined_.forwarded; }
  [[nodiscard]] std::uint64_t without_address() const { return joined_.without_address; }
  [[nodiscard]] std::uint64_t crowded_out() const { return joined_.crowded_out; }
  [[nodiscard]] std::uint64_t only_counted() const { return joined_.only_counted; }

 private:
  struct Part {
    std::string path;
    std::unique_ptr<LogFile> file;  // held open only where it cannot be opened again
    std::optional<std::uintmax_t> size;
    LogTime first = LogTime::max();  // as far as the beginning shows
  };
  class Reader;
  MailLog() = default;
  void Add(std::string path, std::unique_ptr<LogFile> file);
  void Sort();

  std::vector<Part> parts_;
  std::map<LogFile::Identity, std::string> known_;  // paths
  std::vector<LogFileCount> counts_;                // of the parts, in their order
  Diagnostics problems_;
  SessionJoiner::Counts joined_;
};

}  // namespace heloguard
