// Opens logs, puts them in order, and feeds their lines to the joiner. Tests: tests/unit/maillog/mail_log_test.cc,
// tests/cli/replay_test.py.
#include "mail_log.h"

#include <algorithm>
#include <utility>

#include "journal_export.h"

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

struct MailLog::Progress {
  const Options& options;
  std::uintmax_t bytes = 0;  // of the files before
  std::uint64_t lines = 0;

  void Tell(const LogFile& file) {
    constexpr std::uint64_t kEvery = 4096;
    if (++lines % kEvery == 0 && options.progress) options.progress(bytes + file.bytes(), lines);
  }
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
  LogFile head(path, std::make_unique<HeadSource>(file->Head()), file->changed());
  Lines lines(&head);
  Part part;
  part.path = std::move(path);
  part.size = file->size();
  std::optional<SyslogLine> line;
  while (!part.first && lines.Next(&line)) {
    if (!line) continue;
    part.first = line->time;
    part.own = line->program == "heloguard" && line->host.empty();
  }
  if (!file->regular()) part.file = std::move(file);
  parts_.push_back(std::move(part));
}

void MailLog::Sort() {
  std::ranges::stable_sort(parts_, [](const Part& a, const Part& b) {
    return a.first.value_or(LogTime::max()) < b.first.value_or(LogTime::max());
  });
}

std::uintmax_t MailLog::size() const {
  std::uintmax_t sum = 0;
  for (const Part& part : parts_) {
    if (part.size == 0) return 0;
    sum += part.size;
  }
  return sum;
}

void MailLog::Read(const Options& options, const SessionJoiner::Sink& sink) {
  SessionJoiner joiner(options.choice, sink);
  for (const Part& part : parts_) {
    if (part.own) joiner.OwnLinesFrom(*part.first);
  }
  Progress progress{options};
  for (Part& part : parts_) {
    ReadPart(&part, &joiner, &progress);
    progress.bytes += counts_.back().bytes;
  }
  joiner.Finish();
  left_out_ = joiner.left_out();
  crowded_out_ = joiner.crowded_out();
  only_counted_ = joiner.only_counted();
}

void MailLog::ReadPart(Part* part, SessionJoiner* joiner, Progress* progress) {
  LogFileCount& count = counts_.emplace_back();
  count.name = part->path == "-" ? "(stdin)" : part->path;
  if (part->file == nullptr) {
    auto opened = LogFile::Open(part->path);
    if (!opened.ok()) {
      problems_.push_back({Severity::kError, opened.error(), ""});
      return;
    }
    part->file = std::move(opened).value();
  }
  LogFile& file = *part->file;
  Lines lines(&file);
  std::optional<SyslogLine> line;
  while (lines.Next(&line)) {
    ++count.lines;
    if (line) {
      count.first = std::min(count.first.value_or(line->time), line->time);
      count.last = std::max(count.last.value_or(line->time), line->time);
      joiner->Take(*line);
    } else {
      ++count.skipped;
    }
    progress->Tell(file);
  }
  count.bytes = file.bytes();
  if (file.problem()) problems_.push_back({Severity::kError, *file.problem(), ""});
  if (count.lines > 0 && count.skipped == count.lines && !file.problem()) {
    const Error error{ErrorKind::kInputData,
                      "no line is a log line: it needs a time and a program, or to be one of heloguard's own",
                      {.file = count.name}};
    problems_.push_back({Severity::kError, error, ""});
  }
  part->file.reset();
}

}  // namespace heloguard
