// `heloguard serve`: puts the daemon together, reloads its policy, ends it. What it says and counts, judges and answers
// is its parts' business.
//
// Signals: SIGUSR1 reloads the configuration's policy; a file with errors changes nothing. SIGUSR2 waits for running
// sessions and stops. SIGHUP, SIGINT and SIGTERM cut them. Before the service has started each but SIGUSR1 ends the
// process at once; after a stop it ends within the time to drain and a second, whatever does not.
// Tests: tests/cli/serve_test.py.
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <random>
#include <vector>

#include "adapters/log/log_sink.h"
#include "adapters/metrics/metrics.h"
#include "adapters/milter/libmilter/milter_server.h"
#include "app/serve/event_fanout.h"
#include "app/serve/health_watch.h"
#include "app/serve/process.h"
#include "app/serve/serve_command.h"
#include "app/serve/upkeep.h"
#include "app/shared/live_services.h"
#include "app/shared/text.h"
#include "engine/frontend.h"
#include "engine/limits/session_limits.h"
#include "engine/policy_store.h"
#include "engine/resolver_health.h"
#include "engine/session_factory.h"
#include "engine/session_id.h"
#include "heloguard/base/escape.h"
#include "os/mutex.h"
#include "os/process_use.h"

namespace heloguard {
namespace {

std::string Describe(const Policy& policy) {
  return "policy " + EscapeBytes(policy.name) + " (" + ModeText(policy) + ", hash " + policy.hash + ", " +
         std::to_string(policy.rules.size()) + " rules, file " + EscapeBytes(policy.where.file) + ")";
}

std::string DescribeStages(const Policy& policy, const Settings::Headers& headers) {
  const std::string_view more = headers.authentication_results ? ", header, eom" : "";
  const std::string_view does = policy.mode == Mode::kEnforce ? "refuses" : "observes";
  return "stages connect, helo, mail, rcpt" + std::string(more) + "; " + std::string(does) + " from " +
         std::string(NameOf(policy.first_stage)) + " on";
}

// How a signal asks for the end.
enum class End : std::uint8_t { kDrain, kStop };

// Beside the time to drain: for what is left to do after it.
constexpr std::chrono::seconds kLastSecond{1};

int PrintError(const Error& error) {
  std::fprintf(stderr, "heloguard: %s\n", error.ToString().c_str());
  return ExitStatus(error.kind);
}

class Daemon {
 public:
  Daemon(Sources sources, Loaded loaded, std::unique_ptr<Log> log)
      : sources_(std::move(sources)),
        settings_(std::move(loaded.settings)),
        log_(std::move(log)),
        store_(std::move(loaded.policy)),
        ids_(std::random_device{}()) {}
  ~Daemon() {
    StopFrontends();
    metrics_.Close();  // before what its probes look at
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Serves until it is stopped; returns the exit status.
  int Run(ServiceSignals* signals) {
    if (const Status ready = Prepare(); !ready.ok()) return Fail(ready.error());
    if (const Status started = StartFrontends(); !started.ok()) return Fail(started.error());
    Ready();
    Reloader reloader([this] { Reload(); });
    const Upkeep upkeep([this] { Tend(); });
    signals->Take({.reload = [&reloader] { reloader.Request(); },
                   .drain = [this] { RequestEnd(End::kDrain); },
                   .stop = [this] { RequestEnd(End::kStop); }});
    const Status served = AwaitEnd();
    StopFrontends();
    signals->Take({});
    const int status = served.ok() ? EX_OK : Fail(served.error());
    if (served.ok()) log_->Info("stopped");
    log_->Flush();
    EndWithin(kLastSecond, status);
    return status;
  }

 private:
  [[nodiscard]] MetricsProbes Probes() const {
    static constexpr std::chrono::seconds kPatience{4};  // a busy daemon is not a dead one
    MetricsProbes probes;
    probes.serving = [this] {
      return std::ranges::all_of(frontends_, [](const auto& frontend) { return frontend->Probe(kPatience); });
    };
    probes.log_dropped = [this] { return log_->dropped(); };
    probes.sessions = [this] { return limits_.open(); };
    probes.dns_in_flight = [this] { return services_ ? services_->shares->in_flight() : 0; };
    return probes;
  }

  // Everything that may fail before the first session.
  Status Prepare() {
    if (Status dropped = DropPrivileges(settings_.service.user, settings_.service.group); !dropped.ok()) return dropped;
    const bool watched = settings_.dns.health_interval.count() > 0;
    auto services = MakeLiveServices(settings_, watched ? &watched_sink_ : &sink_, Network::kShared);
    if (!services.ok()) return services.error();
    services_ = std::move(services).value();
    if (watched) {
      services_->session.trust = &health_;
      services_->shares->Tell([this](const DomainName& zone, const std::optional<IpAddress>& client,
                                     const DnsAnswer& answer) { health_.Answered(zone, client, answer); });
    }
    MakeFrontends();
    if (!settings_.metrics.listen.empty()) {
      if (Status listening =
              metrics_.Listen(settings_.metrics.listen, {.connections = settings_.metrics.max_connections});
          !listening.ok())
        return listening;
    }
    if (watched) Watch();
    return Done{};
  }

  // The first look is waited for, a few seconds at most: no session is judged before it is known what DNS is worth
  // here.
  void Watch() {
    const CanaryReport first = LookAtResolver(services_.get());
    health_.Looked(first);
    health_.OnSuspicion([this] { watch_->LookAtOnce(); });
    watch_ = std::make_unique<HealthWatch>(settings_.dns.health_interval, first.state == ResolverState::kWell,
                                           services_->resolver.get(),
                                           [this](const CanaryReport& report) { Looked(report); });
  }

  void Looked(const CanaryReport& report) {
    const bool was_ill = health_.ill();
    health_.Looked(report);
    if (!was_ill || health_.ill()) return;
    services_->evidence->Clear();
    services_->shares->Forgive();
  }

  // The only place that knows which front ends there are.
  void MakeFrontends() {
    SessionFactory::Parts parts;
    parts.policy = [this] { return store_.Current(); };
    parts.new_id = [this] { return ids_.Next(std::chrono::system_clock::now()); };
    parts.services = services_->session;
    parts.services.limits_of_sessions = &limits_;
    const SessionFactory sessions(std::move(parts));
    const auto log_error = [this](std::string_view text) { log_->Error(text); };
    frontends_.push_back(
        std::make_unique<MilterServer>(settings_.milter, settings_.headers, sessions, &services_->clock, log_error));
  }

  Status StartFrontends() {
    for (const auto& frontend : frontends_) {
      Status started = frontend->Start([this](const Status& status) { Ended(status); });
      if (!started.ok()) return started;
    }
    return Done{};
  }

  // On a front end's thread.
  void Ended(const Status& status) {
    const MutexLock lock(mutex_);
    if (!ended_) ended_ = status;
    changed_.WakeAll();
  }

  // On the signals' thread. The second of two that stop has nothing to add but haste.
  void RequestEnd(End how) {
    EndWithin(settings_.milter.drain + kLastSecond, EX_OK);
    {
      const MutexLock lock(mutex_);
      end_ = how;
      changed_.WakeAll();
    }
    if (how == End::kStop) StopFrontends();  // a drain is over with it
  }

  // Until somebody asks for it, or the first front end has ended: the others are to end with it.
  Status AwaitEnd() {
    MutexLock lock(mutex_);
    while (!ended_ && !end_) changed_.Wait(lock);
    if (ended_) return *ended_;
    if (*end_ == End::kDrain) {
      lock.Unlock();
      Drain();
    }
    return Done{};
  }

  void StopFrontends() {
    for (const auto& frontend : frontends_) frontend->Stop();
  }

  void Ready() {
    const std::shared_ptr<const Policy> policy = store_.Current();
    const std::string metrics = settings_.metrics.listen.empty() ? "none" : settings_.metrics.listen;
    log_->Info("started: version " HELOGUARD_VERSION ", socket " + EscapeBytes(settings_.milter.socket) + ", " +
               Describe(*policy) + ", " + DescribeStages(*policy, settings_.headers) + ", resolver " +
               services_->resolver->description() + ", metrics " + metrics);
    if (::geteuid() == 0) log_->Alarm("runs as root: service.user names whom to become");
    NotifyServiceManager("READY=1\nSTATUS=" + Describe(*policy));
  }

  // On the reloader's thread, which nothing may end.
  void Reload() noexcept {
    try {
      NotifyServiceManager("RELOADING=1");
      const bool ok = TryReload();
      metrics_.Reloaded(ok);
      const std::string state = (ok ? "" : "reload failed, still ") + Describe(*store_.Current());
      (ok ? log_->Info("reloaded: " + state) : log_->Error(state));
      NotifyServiceManager("READY=1\nSTATUS=" + state);
    } catch (const std::exception& problem) {
      metrics_.Reloaded(false);
      log_->Error(std::string("reload failed: ") + problem.what());
    }
  }

  bool TryReload() {
    Diagnostics diagnostics;
    std::optional<Loaded> loaded = TryLoad(sources_, &diagnostics);
    const ShownDiagnostics first = FirstOf(diagnostics);
    for (const Diagnostic* each : first.shown) {
      const std::string line = DiagnosticLine(*each);
      each->severity == Severity::kError ? log_->Error(line) : log_->Alarm(line);
    }
    if (!first.rest.empty()) HasErrors(diagnostics) ? log_->Error(first.rest) : log_->Alarm(first.rest);
    if (!loaded) return false;
    WarnOfUnapplied(loaded->settings);
    store_.Publish(std::move(loaded->policy));
    return true;
  }

  // Nobody should believe that a changed setting is in force when it is not.
  void WarnOfUnapplied(const Settings& now) {
    for (const SettingSpec* spec : ChangedSettings(settings_, now)) {
      if (spec->reload) continue;
      log_->Alarm(std::string(spec->section) + "." + std::string(spec->key) +
                  " has changed: in force from the next start on");
    }
  }

  // On the upkeep's thread.
  void Tend() {
    for (const std::string& line : watch_of_limits_.Look()) log_->Alarm(line);
    for (const auto& frontend : frontends_) {
      const std::string told = frontend->Tend();
      if (!told.empty() && told != tended_) log_->Alarm(told);
      tended_ = told;
    }
  }

  void Drain() {
    // systemd kills what takes longer than the unit's TimeoutStopSec, unless it is asked for more time.
    const std::chrono::microseconds needed = settings_.milter.drain + std::chrono::seconds(20);
    NotifyServiceManager("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(needed.count()));
    log_->Info("stopping: running sessions have " + std::to_string(settings_.milter.drain.count()) + " ms to end");
    const auto limit = std::chrono::steady_clock::now() + settings_.milter.drain;
    for (const auto& frontend : frontends_) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - std::chrono::steady_clock::now());
      frontend->Drain(std::max(left, std::chrono::milliseconds(0)));
    }
  }

  int Fail(const Error& error) {
    log_->Error(error.ToString());
    if (settings_.log.target != LogTarget::kStderr) return PrintError(error);
    return ExitStatus(error.kind);
  }

  // Used by those below them, and ended after them.
  const Sources sources_;
  const Settings settings_;  // as at the start
  const std::unique_ptr<Log> log_;
  // Before the metrics, whose thread probes them to its end. The destructor has stopped them by then.
  std::vector<std::unique_ptr<Frontend>> frontends_;
  Metrics metrics_{HELOGUARD_VERSION, Probes()};
  EventFanout sink_{{log_.get(), &metrics_}};
  SystemClock clock_;
  ResolverHealth health_{settings_.dns, &clock_, &sink_};
  EventFanout watched_sink_{{&sink_, &health_}};
  SessionLimits limits_{settings_.limits, &clock_, &sink_};
  LimitWatch watch_of_limits_{
      {{"descriptors", "LimitNOFILE of the unit", OpenDescriptors, DescriptorLimit()},
       {"threads", "LimitNPROC of the unit", RunningThreads, ThreadLimit()},
       {"sessions", "limits.sessions", [this] { return limits_.open(); }, settings_.limits.sessions}}};
  std::string tended_;  // what the front ends told last
  PolicyStore store_;
  SessionIds ids_;
  std::unique_ptr<LiveServices> services_;
  std::unique_ptr<HealthWatch> watch_;

  Mutex mutex_;
  ConditionVariable changed_;
  std::optional<Status> ended_ GUARDED_BY(mutex_);  // how the first front end ended
  std::optional<End> end_ GUARDED_BY(mutex_);       // what a signal asked for
};

// All that can be known without opening a socket or a log.
int CheckConfig(const Sources& sources) {
  int status = EX_OK;
  const std::optional<Loaded> loaded = Load(sources, &status);
  if (!loaded) return status;
  EventFanout nobody({});
  const auto services = MakeLiveServices(loaded->settings, &nobody, Network::kLive);
  if (!services.ok()) return PrintError(services.error());
  std::printf("configuration ok: %s, %s, resolver %s\n", Describe(*loaded->policy).c_str(),
              DescribeStages(*loaded->policy, loaded->settings.headers).c_str(),
              services.value()->resolver->description().c_str());
  return EX_OK;
}

int Serve(const ServeOptions& options, ServiceSignals* signals) {
  int status = EX_OK;
  std::optional<Loaded> loaded = Load(options.sources, &status);
  if (!loaded) return status;
  auto log = Log::Open(loaded->settings.log);
  if (!log.ok()) return PrintError(log.error());
  return Daemon(options.sources, *std::move(loaded), std::move(log).value()).Run(signals);
}

}  // namespace

int RunServe(const ServeOptions& options) {
  if (options.check_config) return CheckConfig(options.sources);
  PrepareServiceProcess();
  return ServiceSignals::Run([&options](ServiceSignals* signals) { return Serve(options, signals); });
}

}  // namespace heloguard
