// Opens logs, and feeds their lines to the joiner in the order of time. Tests:
// tests/unit/adapters/maillog/mail_log_test.cc, tests/cli/replay_test.py.
#include "adapters/maillog/mail_log.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/maillog/frames/journal_export.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

// The lines of one file, whichever form it has.
class Lines {
 public:
  explicit Lines(LogFile* file)
      : file_(file), clock_(file->changed()), entries_(file), journal_(JournalEntries::Recognises(file->Head())) {}

  // False at the end; nullopt for a line that is not understood.
  bool Next(std::optional<SyslogLine>* line) {
    if (journal_) return entries_.Next(line);
    std::string_view text;
    do {
      if (!file_->NextLine(&text)) return false;
    } while (text.empty());
    *line = ParseSyslogLine(text, &clock_);
    return true;
  }

 private:
  LogFile* file_;
  LogClock clock_;
  JournalEntries entries_;
  bool journal_;
};

// A file's beginning as a file of its own.
class HeadSource final : public ByteSource {
 public:
  explicit HeadSource(std::string_view head) : head_(head) {}
  std::size_t Read(std::span<char> into) override {
    const std::size_t size = std::min(head_.size(), into.size());
    std::copy_n(head_.data(), size, into.data());
    head_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view head_;
};

}  // namespace

// Reads the files of which lines are due, a line at a time.
class MailLog::Reader {
 public:
  Reader(MailLog* log, const Options& options, SessionJoiner* joiner)
      : log_(*log), options_(options), joiner_(*joiner) {}

  void Run() {
    while (OpenDue()) {
      const auto first = First();
      const LogTime others = OthersFrom(first);
      bool more = true;
      do {
        joiner_.Take((*first)->line);
        more = Next(first->get());
      } while (more && (*first)->line.time < others);
      if (!more) Close(first);
    }
  }

 private:
  // A file that stands at a line which is understood.
  struct Stream {
    explicit Stream(std::unique_ptr<LogFile> opened, std::size_t part_in)
        : file(std::move(opened)), lines(file.get()), part(part_in) {}
    std::unique_ptr<LogFile> file;
    Lines lines;
    std::size_t part;
    SyslogLine line;
  };
  using Streams = std::vector<std::unique_ptr<Stream>>;

  // Of the same second heloguard's own lines go first: it has spoken before the mail server has ended the session.
  static bool IsBefore(const Stream& a, const Stream& b) {
    if (a.line.time != b.line.time) return a.line.time < b.line.time;
    const bool own = a.line.program == "heloguard";
    if (own != (b.line.program == "heloguard")) return own;
    return a.part < b.part;
  }
  Streams::iterator First() {
    return std::ranges::min_element(open_, [](const auto& a, const auto& b) { return IsBefore(*a, *b); });
  }
  // The time from which on other files have lines as well.
  LogTime OthersFrom(Streams::iterator first) {
    const bool more = next_ < log_.parts_.size() && open_.size() < kMaxOpenFiles;
    LogTime from = more ? log_.parts_[next_].first : LogTime::max();
    for (auto other = open_.begin(); other != open_.end(); ++other) {
      if (other != first) from = std::min(from, (*other)->line.time);
    }
    return from;
  }

  // Opens what begins before the first line that is there. False if there is nothing left to read.
  bool OpenDue() {
    while (next_ < log_.parts_.size() && open_.size() < kMaxOpenFiles) {
      if (!open_.empty() && (*First())->line.time < log_.parts_[next_].first) break;
      Open(next_++);
    }
    return !open_.empty();
  }
  void Open(std::size_t number) {
    Part& part = log_.parts_[number];
    if (part.file == nullptr) {
      auto opened = LogFile::Open(part.path);
      if (!opened.ok()) {
        log_.problems_.push_back({Severity::kError, opened.error(), ""});
        return;
      }
      part.file = std::move(opened).value();
    }
    open_.push_back(std::make_unique<Stream>(std::move(part.file), number));
    if (!Next(open_.back().get())) Close(std::prev(open_.end()));
  }

  // To the next line that is understood; false at the end.
  bool Next(Stream* stream) {
    LogFileCount& count = log_.counts_[stream->part];
    std::optional<SyslogLine> line;
    while (stream->lines.Next(&line)) {
      ++count.lines;
      Tell();
      if (line) {
        count.first = std::min(count.first.value_or(line->time), line->time);
        count.last = std::max(count.last.value_or(line->time), line->time);
        stream->line = *line;
        return true;
      }
      ++count.skipped;
    }
    return false;
  }

  void Close(Streams::iterator stream) {
    const LogFile& file = *(*stream)->file;
    LogFileCount& count = log_.counts_[(*stream)->part];
    count.bytes = file.bytes();
    closed_bytes_ += file.bytes();
    if (file.problem()) log_.problems_.push_back({Severity::kError, *file.problem(), ""});
    if (count.lines > 0 && count.skipped == count.lines && !file.problem()) {
      const Error error{ErrorKind::kInputData,
                        "no line is a log line: it needs a time and a program, or to be one of heloguard's own",
                        {.file = count.name}};
      log_.problems_.push_back({Severity::kError, error, ""});
    }
    open_.erase(stream);
  }

  void Tell() {
    constexpr std::uint64_t kEvery = 4096;
    if (++lines_ % kEvery != 0 || !options_.progress) return;
    std::uintmax_t bytes = closed_bytes_;
    for (const auto& stream : open_) bytes += stream->file->bytes();
    options_.progress(bytes, lines_);
  }

  MailLog& log_;
  const Options& options_;
  SessionJoiner& joiner_;
  Streams open_;
  std::size_t next_ = 0;  // of the parts
  std::uintmax_t closed_bytes_ = 0;
  std::uint64_t lines_ = 0;
};

Result<MailLog> MailLog::Open(const std::vector<std::string>& paths) {
  MailLog log;
  for (const std::string& path : paths) {
    auto opened = LogFile::Open(path);
    if (!opened.ok()) return opened.error();
    log.Add(path, std::move(opened).value());
  }
  log.Sort();
  return log;
}

MailLog MailLog::Of(std::vector<std::unique_ptr<LogFile>> files) {
  MailLog log;
  for (auto& file : files) {
    std::string name = file->name();
    log.Add(std::move(name), std::move(file));
  }
  log.Sort();
  return log;
}

void MailLog::Add(std::string path, std::unique_ptr<LogFile> file) {
  if (file->identity()) {
    const auto [found, fresh] = known_.emplace(*file->identity(), file->name());
    if (!fresh) {
      const Error error{ErrorKind::kInputData,
                        "is the same file as " + EscapeBytes(found->second) + ": it is read once",
                        {.file = file->name()}};
      problems_.push_back({Severity::kWarning, error, ""});
      return;
    }
  }
  LogFile head(path, std::make_unique<HeadSource>(file->Head()), file->changed());
  Lines lines(&head);
  Part part;
  part.path = std::move(path);
  part.size = file->size();
  std::optional<SyslogLine> line;
  while (!line && lines.Next(&line)) continue;
  if (line) part.first = line->time;
  if (!file->regular()) part.file = std::move(file);
  parts_.push_back(std::move(part));
}

void MailLog::Sort() {
  std::ranges::stable_sort(parts_, {}, &Part::first);
  for (const Part& part : parts_) counts_.emplace_back().name = part.path == "-" ? "(stdin)" : part.path;
}

std::uintmax_t MailLog::size() const {
  std::uintmax_t sum = 0;
  for (const Part& part : parts_) {
    if (!part.size) return 0;
    sum += *part.size;
  }
  return sum;
}

void MailLog::Read(const Options& options, const SessionJoiner::Sink& sink) {
  SessionJoiner joiner(options.choice, sink);
  Reader(this, options, &joiner).Run();
  joiner.Finish();
  joined_ = joiner.counts();
}

}  // namespace heloguard
