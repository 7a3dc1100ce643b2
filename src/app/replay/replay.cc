// `heloguard replay`: what a policy would have done to the traffic a mail log tells of. Puts files, policies, judge,
// tally and output together; knows no log format and no rule. Tests: tests/cli/replay_test.py,
// tests/integration/replay_test.py.
#include "app/replay/replay.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "adapters/maillog/mail_log.h"
#include "app/replay/replay_command.h"
#include "app/replay/replay_page.h"
#include "app/replay/replay_report.h"
#include "app/shared/complaints.h"
#include "app/shared/live_services.h"
#include "app/shared/output.h"

namespace heloguard {
namespace {

constexpr std::size_t kClientsInFlight = 64;

// A bar on standard error, if that is a terminal.
class ProgressBar {
 public:
  explicit ProgressBar(std::uintmax_t size) : size_(size), shown_(isatty(STDERR_FILENO) == 1) {}
  ~ProgressBar() {
    if (drawn_) Put("\r\x1b[K");
  }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void Show(std::uintmax_t bytes, std::uint64_t lines) {
    constexpr std::chrono::milliseconds kEvery{100};
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || (drawn_ && now - last_ < kEvery)) return;
    constexpr std::size_t kWidth = 40;
    std::string bar;
    if (size_ != 0) {
      const auto filled = static_cast<std::size_t>(std::min(bytes, size_) * kWidth / size_);
      bar = "[" + std::string(filled, '#') + std::string(kWidth - filled, ' ') + "] ";
    }
    Put("\r" + bar + std::to_string(lines) + " lines");
    last_ = now;
    drawn_ = true;
  }

 private:
  static void Put(const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
  }
  const std::uintmax_t size_;
  const bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

std::string Rendered(const Json& report, const ReplayOptions& options) {
  if (options.format == "json") return ToLine(report) + "\n";
  if (options.format == "html") return ReplayPage(report);
  return ReplayText(report, options.output.empty() ? ColourOfTerminal() : Colour::kOff);
}

int CannotWrite(const std::string& path, int why) {
  const Error error{ErrorKind::kUnavailable, "cannot write: " + std::generic_category().message(why), {.file = path}};
  return PrintDiagnostics({{Severity::kError, error, ""}});
}

// Whether the report will find its place after a run of minutes. Nothing is made or emptied for that: a file that is
// there stays as it is until the report is done, and a pipe is opened once.
int FindPlace(const std::string& path) {
  const auto may = [](const std::string& where, int how) {
    return faccessat(AT_FDCWD, where.c_str(), how, AT_EACCESS);
  };
  struct stat place {};
  if (path.empty()) return EX_OK;
  if (stat(path.c_str(), &place) == 0) {
    if (S_ISDIR(place.st_mode)) return CannotWrite(path, EISDIR);
    return may(path, W_OK) == 0 ? EX_OK : CannotWrite(path, errno);
  }
  if (errno != ENOENT) return CannotWrite(path, errno);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return may(folder.empty() ? "." : folder, W_OK | X_OK) == 0 ? EX_OK : CannotWrite(path, errno);
}

int WriteTo(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  return out ? EX_OK : CannotWrite(path, errno);
}

// The policies to judge by; nullopt with the exit status set if one does not load.
struct Prepared {
  Loaded loaded;
  ReplayJudge::Policies policies;
};
std::optional<Prepared> Prepare(const ReplayOptions& options, int* status) {
  std::optional<Loaded> loaded = Load(options.sources, status);
  if (!loaded) return std::nullopt;
  Prepared prepared{*std::move(loaded), {}};
  prepared.loaded.settings.dns.auto_trust_anchor.clear();  // the daemon's to write
  prepared.policies.policy = prepared.loaded.policy;
  if (options.against.empty()) return prepared;
  Sources other = options.sources;
  other.policy = options.against;
  const std::optional<Loaded> against = Load(other, status);
  if (!against) return std::nullopt;
  prepared.policies.against = against->policy;
  return prepared;
}

ReplayDns::Limits DnsLimits(const LiveServices& services, double rate) {
  return {services.session.limits, services.session.deadline, rate};
}

void ReadLog(const ReplayOptions& options, MailLog* log, Replayer* replayer) {
  ProgressBar bar(log->size());
  MailLog::Options reading;
  reading.choice = FromName<LogChoice>(options.source).value_or(LogChoice::kAuto);
  reading.progress = [&bar](std::uintmax_t bytes, std::uint64_t lines) { bar.Show(bytes, lines); };
  log->Read(reading, [replayer](const LoggedSession& session) { replayer->Take(session); });
  replayer->Finish();
}

int Report(const ReplayRun& run, const ReplayOptions& options) {
  const int status = PrintDiagnostics(run.log.problems());
  if (run.tally.sessions == 0 && status == 0) {
    std::fputs("heloguard: warning: no session of a mail server was found in the log\n", stderr);
  }
  const std::string text = Rendered(ReplayJson(run), options);
  const int written = options.output.empty() ? PrintOut(text) : WriteTo(options.output, text);
  return written != 0 ? written : status;
}

}  // namespace

Replayer::Replayer(ReplayJudge* judge, ReplayTally* tally, ReplayDns* dns) : judge_(judge), tally_(tally), dns_(dns) {}

void Replayer::Take(const LoggedSession& session) {
  if (dns_ != nullptr && session.client) return TakeLive(session);
  Count(session, judge_->Judge(session, nullptr), nullptr);
}

void Replayer::TakeLive(const LoggedSession& session) {
  if (const auto known = judge_->Find(session)) return Count(session, known, nullptr);
  if (waiting_.size() >= kClientsInFlight) JudgeFirst();
  // One lookup for all sessions of the same client that wait.
  const auto same = std::ranges::find_if(
      waiting_, [&](const Waiting& w) { return w.session.client == session.client && w.session.helo == session.helo; });
  auto gather = same == waiting_.end() ? dns_->Start(session, judge_->Lookups()) : same->gather;
  waiting_.push_back({session, std::move(gather)});
}

void Replayer::JudgeFirst() {
  const Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  const DnsAnswers answers = dns_->Finish(first.gather.get());
  Count(first.session, judge_->Judge(first.session, &answers), &answers);
}

void Replayer::Finish() {
  while (!waiting_.empty()) JudgeFirst();
}

void Replayer::Count(const LoggedSession& session, const std::shared_ptr<const ReplayJudgement>& judgement,
                     const DnsAnswers* answers) {
  ReplayClient* fresh = tally_->Add(session, judgement);
  if (fresh != nullptr) fresh->reply = judge_->ReplyOf(session, *judgement, answers);
}

int RunReplay(const ReplayOptions& options) {
  // What can be wrong at once, before anything is read: standard input may take its time.
  int status = 0;
  const std::optional<Prepared> prepared = Prepare(options, &status);
  if (!prepared) return status;
  if (status = FindPlace(options.output); status != EX_OK) return status;
  Complaints complaints;
  const auto services =
      MakeLiveServices(prepared->loaded.settings, &complaints, options.dns ? Network::kLive : Network::kOffline);
  if (!services.ok()) return PrintDiagnostics({{Severity::kError, services.error(), ""}});
  auto log = MailLog::Open(options.logs);
  if (!log.ok()) return PrintDiagnostics({{Severity::kError, log.error(), ""}});
  LiveServices& around = *services.value();
  if (options.dns) (void)SettleResolver(&around, &complaints);
  ReplayJudge judge(prepared->policies, around.session.own, Today());
  ReplayTally tally(*prepared->policies.policy);
  std::optional<ReplayDns> dns;
  if (options.dns) dns.emplace(around.session.resolver, &around.clock, DnsLimits(around, options.dns_rate));
  Replayer replayer(&judge, &tally, dns ? &*dns : nullptr);
  ReadLog(options, &log.value(), &replayer);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return Report({prepared->policies, tally, log.value(), options.dns, IsoTime(now)}, options);
}

}  // namespace heloguard
