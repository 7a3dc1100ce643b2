// Where log lines go: stderr, syslog, the journal or a file, through spdlog. What a line says is decision_line.cc's.
//
// A thread of its own looks once a second whether counts of repeated or of dropped lines are to be told.
// Tests: tests/unit/adapters/log/log_sink_test.cc.
#include "adapters/log/log_sink.h"

#include <spdlog/async.h>
#include <spdlog/sinks/syslog_sink.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "adapters/log/decision_line.h"
#include "adapters/log/journal_sink.h"
#include "adapters/log/line_writer.h"
#include "adapters/log/reopening_file.h"
#include "adapters/log/repeated_lines.h"
#include "heloguard/base/escape.h"
#include "os/lock_guarded.h"
#include "os/mutex.h"

namespace heloguard {
namespace {

constexpr const char* kProgram = "heloguard";
constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

struct Facility {
  std::string_view word;
  int code;
};
constexpr Facility kFacilities[] = {
    {"kern", LOG_KERN},     {"user", LOG_USER},     {"mail", LOG_MAIL},         {"daemon", LOG_DAEMON},
    {"auth", LOG_AUTH},     {"syslog", LOG_SYSLOG}, {"lpr", LOG_LPR},           {"news", LOG_NEWS},
    {"uucp", LOG_UUCP},     {"cron", LOG_CRON},     {"authpriv", LOG_AUTHPRIV}, {"ftp", LOG_FTP},
    {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1}, {"local2", LOG_LOCAL2},     {"local3", LOG_LOCAL3},
    {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5}, {"local6", LOG_LOCAL6},     {"local7", LOG_LOCAL7}};

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

using SinkPtr = spdlog::sink_ptr;

Result<SinkPtr> OpenSyslog(const Settings::Log& settings) {
  const auto* const facility = std::find_if(std::begin(kFacilities), std::end(kFacilities),
                                            [&](const Facility& f) { return f.word == settings.facility; });
  if (facility == std::end(kFacilities)) {
    return Error{ErrorKind::kConfig, "log.facility: there is no facility " + EscapeBytes(settings.facility), {}};
  }
  return SinkPtr(std::make_shared<spdlog::sinks::syslog_sink_mt>(kProgram, LOG_PID | LOG_NDELAY, facility->code, true));
}

Result<SinkPtr> OpenJournal() {
  if (::access(kJournalSocket, F_OK) != 0) {
    return Error{ErrorKind::kUnavailable, std::string("log.target: there is no journal at ") + kJournalSocket, {}};
  }
  return SinkPtr(std::make_shared<JournalSink>());
}

Result<SinkPtr> OpenFile(const Settings::Log& settings) {
  if (settings.file.empty()) return Error{ErrorKind::kConfig, "log.file: the target \"file\" needs its path", {}};
  auto file = ReopeningFile::Open(settings.file);
  if (!file.ok()) return file.error();
  return SinkPtr(std::move(file).value());
}

Result<SinkPtr> OpenTarget(const Settings::Log& settings) {
  switch (settings.target) {
    case LogTarget::kStderr:
      return SinkPtr(std::make_shared<StderrSink>());
    case LogTarget::kSyslog:
      return OpenSyslog(settings);
    case LogTarget::kJournal:
      return OpenJournal();
    case LogTarget::kFile:
      return OpenFile(settings);
  }
  return Error{ErrorKind::kInternal, "log.target: unknown", {}};
}

// What stands around the text. JSON: the object's first keys, the payload brings the rest. Text: time and level, which
// syslog and the journal know themselves.
std::string LinePattern(const Settings::Log& settings) {
  if (settings.format == LogFormat::kJson) return R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v)";
  const bool has_own = settings.target == LogTarget::kSyslog || settings.target == LogTarget::kJournal;
  return has_own ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %l %v";
}

// Counts what comes out at the other end of the queue.
class CountedSink final : public spdlog::sinks::sink {
 public:
  explicit CountedSink(SinkPtr inner) : sink_(std::move(inner)) {}

  void log(const spdlog::details::log_msg& message) override {
    const Counter counted(this);
    try {
      sink_->log(message);
      sink_->flush();  // what is written is out, whatever happens next
    } catch (...) {
      ++lost_;
      throw;  // to the logger, which says so on stderr
    }
  }
  // Lines that could not be written.
  [[nodiscard]] std::size_t lost() const { return lost_; }
  void flush() override {}
  void set_pattern(const std::string& pattern) override { sink_->set_pattern(pattern); }
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    sink_->set_formatter(std::move(formatter));
  }

  // Waits until `settled(written)`, or for kPatience.
  template <class Settled>
  void Wait(Settled settled) {
    constexpr std::chrono::seconds kPatience{2};
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    MutexLock lock(mutex_);
    while (!settled(written_) && changed_.WaitUntil(lock, deadline)) {
    }
  }

 private:
  // A line that cannot be written has left the queue as well.
  class Counter {
   public:
    explicit Counter(CountedSink* of) : of_(*of) {}
    ~Counter() {
      const MutexLock lock(of_.mutex_);
      ++of_.written_;
      of_.changed_.WakeAll();
    }
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;

   private:
    CountedSink& of_;
  };

  const SinkPtr sink_;
  std::atomic<std::size_t> lost_{0};
  Mutex mutex_;
  ConditionVariable changed_;
  std::size_t written_ GUARDED_BY(mutex_) = 0;
};

}  // namespace

class Log::Impl {
 public:
  Impl(const Settings::Log& settings, SinkPtr sink)
      : format_(settings.format),
        envelope_(settings.envelope),
        queue_(settings.queue),
        pool_(std::make_shared<spdlog::details::thread_pool>(settings.queue, 1)),
        sink_(std::make_shared<CountedSink>(std::move(sink))),
        logger_(std::make_shared<spdlog::async_logger>(kProgram, sink_, pool_,
                                                       spdlog::async_overflow_policy::overrun_oldest)),
        refused_(RepeatedLines(settings.repeats)),
        accepted_(RepeatedLines(settings.repeats_accepted)) {
    logger_->set_pattern(LinePattern(settings));
    logger_->set_level(SpdlogLevel(settings.level));
    ticking_ = std::jthread([this](const std::stop_token& stop) { Tick(stop); });
  }
  // The pool writes what is queued before it ends; so it ends last.
  ~Impl() {
    ticking_ = {};
    TellRepeated(RepeatedLines::Which::kAll);
    TellDropped();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] bool Wants(spdlog::level::level_enum level) const { return logger_->should_log(level); }
  [[nodiscard]] LogFormat format() const { return format_; }
  [[nodiscard]] bool envelope() const { return envelope_; }
  [[nodiscard]] std::size_t dropped() const { return pool_->overrun_counter() + sink_->lost(); }

  // A line of fields; the pattern has opened a JSON object already.
  void Fields(std::string_view line) {
    ++queued_;
    logger_->info(line.substr(format_ == LogFormat::kJson ? 1 : 0));
  }

  void Message(spdlog::level::level_enum level, std::string_view text) {
    if (!Wants(level)) return;
    const std::string line = OneLine(text);
    ++queued_;
    logger_->log(level, format_ == LogFormat::kText ? line : "\"message\":" + JsonString(line) + "}");
  }

  void Flush() {
    sink_->Wait(
        [this, queued = queued_.load()](std::size_t written) { return written + pool_->overrun_counter() >= queued; });
  }

  // Whether the judgement has a line of its own. What is only observed always has.
  bool Admits(const SessionReport& report) {
    const Judgement& judgement = report.judgement;
    if (judgement.mode == Mode::kObserve || !report.inputs.client) return true;
    const Outcome outcome = judgement.outcome();
    const LineKey key{report.inputs.client->ToString(), std::string(DecidingRule(judgement)), outcome};
    LockGuarded<RepeatedLines>& lines = outcome == Outcome::kAccept ? accepted_ : refused_;
    return lines.With([&key](RepeatedLines& of) { return of.Admit(key, std::chrono::steady_clock::now()); });
  }

 private:
  void Tick(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    while (!stopped.wait_for(lock, stop, std::chrono::seconds(1), [&stop] { return stop.stop_requested(); })) {
      TellRepeated(RepeatedLines::Which::kOver);
      if (pool_->queue_size() < queue_) TellDropped();  // else it would push out a line that says more
    }
  }

  void TellRepeated(RepeatedLines::Which which) {
    const auto now = std::chrono::steady_clock::now();
    for (LockGuarded<RepeatedLines>* lines : {&refused_, &accepted_}) {
      const auto due = lines->With([&](RepeatedLines& of) { return of.Take(now, which); });
      if (!Wants(spdlog::level::info)) continue;
      for (const Repeated& repeated : due) Fields(FormatRepeated(repeated, format_));
    }
  }

  void TellDropped() {
    const std::size_t now = dropped();
    if (now == told_dropped_) return;
    Message(spdlog::level::warn,
            std::to_string(now - told_dropped_) +
                " log lines were dropped: log.target did not take them, or not as fast as they came");
    told_dropped_ = now;
  }

  const LogFormat format_;
  const bool envelope_;
  const std::size_t queue_;
  const std::shared_ptr<spdlog::details::thread_pool> pool_;
  const std::shared_ptr<CountedSink> sink_;
  const std::shared_ptr<spdlog::logger> logger_;
  std::atomic<std::size_t> queued_{0};
  LockGuarded<RepeatedLines> refused_, accepted_;
  std::size_t told_dropped_ = 0;  // the ticking thread's
  std::jthread ticking_;
};

Log::Log(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::Open(const Settings::Log& settings) {
  try {
    auto sink = OpenTarget(settings);
    if (!sink.ok()) return sink.error();
    return std::unique_ptr<Log>(new Log(std::make_unique<Impl>(settings, std::move(sink).value())));
  } catch (const std::exception& problem) {
    return heloguard::Error{ErrorKind::kUnavailable, "log.target: " + OneLine(problem.what()), {}};
  }
}

void Log::Judged(const SessionReport& report) {
  if (!impl_->Wants(spdlog::level::info) || !impl_->Admits(report)) return;
  impl_->Fields(FormatReport(report, impl_->format(), impl_->envelope()));
}

void Log::Differed(const CandidateReport& report) {
  if (!impl_->Wants(spdlog::level::info)) return;
  impl_->Fields(FormatDifference(report, impl_->format(), impl_->envelope()));
}

void Log::LookedUp(const DnsQuestion& question, const DnsAnswer& answer) {
  if (!impl_->Wants(spdlog::level::debug)) return;
  impl_->Message(spdlog::level::debug,
                 "lookup " + question.name.ToText() + " " + std::string(NameOf(question.type)) + ": " +
                     std::string(NameOf(answer.status)) + ", " + std::string(NameOf(answer.dnssec)) + ", " +
                     std::to_string(answer.elapsed.count()) + " us" + (answer.why.empty() ? "" : ", " + answer.why));
}

void Log::Alarm(std::string_view text) { impl_->Message(spdlog::level::warn, text); }
void Log::Info(std::string_view text) { impl_->Message(spdlog::level::info, text); }
void Log::Error(std::string_view text) { impl_->Message(spdlog::level::err, text); }
void Log::Flush() { impl_->Flush(); }
std::size_t Log::dropped() const { return impl_->dropped(); }

}  // namespace heloguard
