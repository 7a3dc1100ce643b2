// A set of mail logs, read in the order of time and joined to sessions: the door of this box.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "heloguard/result.h"
#include "log_file.h"
#include "logged_session.h"
#include "session_joiner.h"

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
  // Looks at the beginning of each file, to read them in the order of their first lines. "-" is standard input. Errors:
  // kNoInput.
  [[nodiscard]] static Result<MailLog> Open(const std::vector<std::string>& paths);
  // The same with files that are open already.
  [[nodiscard]] static MailLog Of(std::vector<std::unique_ptr<LogFile>> files);

  struct Options {
    LogChoice choice = LogChoice::kAuto;
    std::function<void(std::uintmax_t bytes, std::uint64_t lines)> progress;  // called now and then; may be empty
  };
  // Reads everything; `sink` gets each session when it ends. Memory does not grow with the logs. Call once.
  void Read(const Options& options, const SessionJoiner::Sink& sink);

  // Of all files as stored; 0 if that is not known of one.
  [[nodiscard]] std::uintmax_t size() const;
  // After Read.
  [[nodiscard]] const std::vector<LogFileCount>& counts() const { return counts_; }
  // Files that could not be read to their end, or hold no line of a form known.
  [[nodiscard]] const Diagnostics& problems() const { return problems_; }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  [[nodiscard]] std::uint64_t crowded_out() const { return crowded_out_; }
  [[nodiscard]] std::uint64_t only_counted() const { return only_counted_; }

 private:
  struct Part {
    std::string path;
    std::unique_ptr<LogFile> file;  // held open only where it cannot be opened again
    std::uintmax_t size = 0;
    std::optional<LogTime> first;
    bool own = false;  // begins with heloguard's own lines, which name no host
  };
  struct Progress;
  MailLog() = default;
  void Add(std::string path, std::unique_ptr<LogFile> file);
  void Sort();
  void ReadPart(Part* part, SessionJoiner* joiner, Progress* progress);

  std::vector<Part> parts_;
  std::vector<LogFileCount> counts_;
  Diagnostics problems_;
  std::uint64_t left_out_ = 0, crowded_out_ = 0, only_counted_ = 0;
};

}  // namespace heloguard
