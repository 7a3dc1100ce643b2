// Where log lines go: stderr, syslog, the journal or a file, through spdlog. What a line says is log_line.cc's.
// Tests: tests/unit/log/log_sink_test.cc.
#include "log_sink.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/sinks/systemd_sink.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "log_line.h"
#include "reopening_file.h"

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
  return SinkPtr(std::make_shared<spdlog::sinks::systemd_sink_mt>(kProgram, true));
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
      return SinkPtr(std::make_shared<spdlog::sinks::stderr_sink_mt>());
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

}  // namespace

struct Log::Impl {
  std::shared_ptr<spdlog::logger> logger;
  LogFormat format = LogFormat::kText;
  bool envelope = true;

  // A line of fields; the pattern has opened a JSON object already.
  void Fields(std::string_view line) const { logger->info(line.substr(format == LogFormat::kJson ? 1 : 0)); }

  void Message(spdlog::level::level_enum level, std::string_view text) const {
    if (!logger->should_log(level)) return;
    const std::string line = OneLine(text);
    logger->log(level, format == LogFormat::kText ? line : "\"message\":" + JsonString(line) + "}");
  }
};

Log::Log(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Log::~Log() { Flush(); }

Result<std::unique_ptr<Log>> Log::Open(const Settings::Log& settings) {
  try {
    auto sink = OpenTarget(settings);
    if (!sink.ok()) return sink.error();
    auto impl = std::make_unique<Impl>();
    impl->logger = std::make_shared<spdlog::logger>(kProgram, std::move(sink).value());
    impl->logger->set_pattern(LinePattern(settings));
    impl->logger->set_level(SpdlogLevel(settings.level));
    impl->logger->flush_on(spdlog::level::trace);  // a line that was logged is out, whatever happens next
    impl->format = settings.format;
    impl->envelope = settings.envelope;
    return std::unique_ptr<Log>(new Log(std::move(impl)));
  } catch (const std::exception& problem) {
    return heloguard::Error{ErrorKind::kUnavailable, "log.target: " + OneLine(problem.what()), {}};
  }
}

void Log::Judged(const SessionReport& report) {
  if (!impl_->logger->should_log(spdlog::level::info)) return;
  impl_->Fields(FormatReport(report, impl_->format, impl_->envelope));
}

void Log::Differed(const CandidateReport& report) {
  if (!impl_->logger->should_log(spdlog::level::info)) return;
  impl_->Fields(FormatDifference(report, impl_->format, impl_->envelope));
}

void Log::LookedUp(const DnsQuestion& question, const DnsAnswer& answer) {
  if (!impl_->logger->should_log(spdlog::level::debug)) return;
  impl_->Message(spdlog::level::debug,
                 "lookup " + question.name.ToText() + " " + std::string(NameOf(question.type)) + ": " +
                     std::string(NameOf(answer.status)) + ", " + std::string(NameOf(answer.dnssec)) + ", " +
                     std::to_string(answer.elapsed.count()) + " us" + (answer.why.empty() ? "" : ", " + answer.why));
}

void Log::Alarm(std::string_view text) { impl_->Message(spdlog::level::warn, text); }
void Log::Info(std::string_view text) { impl_->Message(spdlog::level::info, text); }
void Log::Error(std::string_view text) { impl_->Message(spdlog::level::err, text); }
void Log::Flush() { impl_->logger->flush(); }

}  // namespace heloguard
