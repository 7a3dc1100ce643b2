// What a service has to arrange with the system. Knows nothing of mail.
//
// The service's signals are blocked in every thread and waited for by the first one. libmilter waits for SIGHUP, SIGINT
// and SIGTERM on a thread of its own too; the kernel gives a signal to the process's first thread if that wants it.
// Tests: tests/cli/serve_test.py.
#include "app/serve/process.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxAccountBuffer = std::size_t{1} << 20U;

constexpr std::initializer_list<int> kServiceSignals{SIGUSR1, SIGUSR2, SIGHUP, SIGINT, SIGTERM};

// What a signal handler ends the process with.
volatile std::sig_atomic_t exit_status = EX_OK;

sigset_t SetOf(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

Error Misconfigured(const char* setting, const std::string& what) {
  return Error{ErrorKind::kConfig, std::string(setting) + ": " + what, {}};
}

struct User {
  uid_t uid;
  gid_t gid;
};

// getpwnam_r and getgrnam_r alike: fill an entry, with a buffer that grows until it is large enough.
template <class Entry, class Look, class Take>
auto FindAccount(Look look, Take take) -> std::optional<decltype(take(std::declval<const Entry&>()))> {
  Entry entry{};
  Entry* found = nullptr;
  std::vector<char> buffer(1024);
  while (look(&entry, &buffer, &found) == ERANGE && buffer.size() < kMaxAccountBuffer) buffer.resize(buffer.size() * 2);
  if (found == nullptr) return std::nullopt;
  return take(*found);
}

std::optional<User> FindUser(const std::string& name) {
  return FindAccount<passwd>(
      [&](passwd* entry, std::vector<char>* buffer, passwd** found) {
        return getpwnam_r(name.c_str(), entry, buffer->data(), buffer->size(), found);
      },
      [](const passwd& entry) {
        return User{entry.pw_uid, entry.pw_gid};
      });
}

std::optional<gid_t> FindGroupId(const std::string& name) {
  return FindAccount<::group>(
      [&](::group* entry, std::vector<char>* buffer, ::group** found) {
        return getgrnam_r(name.c_str(), entry, buffer->data(), buffer->size(), found);
      },
      [](const ::group& entry) { return entry.gr_gid; });
}

// Groups first: a plain user may not change them any more.
Status Become(const std::string& name, std::optional<User> user, gid_t group) {
  const int groups = user ? ::initgroups(name.c_str(), group) : ::setgroups(1, &group);
  const bool done = groups == 0 && ::setgid(group) == 0 && (!user || ::setuid(user->uid) == 0);
  if (!done) return Misconfigured("service.user", "cannot change it: " + std::generic_category().message(errno));
  if (user && user->uid != 0 && ::setuid(0) == 0) {
    return Error{ErrorKind::kInternal, "service.user: root's rights did not go away", {}};
  }
  return Done{};
}

}  // namespace

void PrepareServiceProcess() {
  const sigset_t blocked = SetOf(kServiceSignals);
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  const sigset_t alarm = SetOf({SIGALRM});  // EndWithin's
  pthread_sigmask(SIG_UNBLOCK, &alarm, nullptr);
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(027);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);  // where it fails the old limit stands, which is a limit like any other
  }
}

Status DropPrivileges(const std::string& user, const std::string& group) {
  if (user.empty() && group.empty()) return Done{};
  const std::optional<User> account = user.empty() ? std::nullopt : FindUser(user);
  if (!user.empty() && !account) return Misconfigured("service.user", "there is no user " + EscapeBytes(user));
  std::optional<gid_t> gid = account ? std::optional(account->gid) : std::nullopt;
  if (!group.empty()) gid = FindGroupId(group);
  if (!gid) return Misconfigured("service.group", "there is no group " + EscapeBytes(group));
  const bool already = (!account || ::geteuid() == account->uid) && ::getegid() == *gid;
  if (already && ::geteuid() != 0) return Done{};
  if (::geteuid() != 0) return Misconfigured("service.user", "only root can become another user or group");
  return Become(user, account, *gid);
}

void NotifyServiceManager(const std::string& state) { sd_notify(0, state.c_str()); }

void EndWithin(std::chrono::milliseconds limit, int status) {
  exit_status = status;
  struct sigaction action {};
  action.sa_handler = [](int) { ::_exit(exit_status); };
  ::sigaction(SIGALRM, &action, nullptr);
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(limit);
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(limit - whole);
  const itimerval timer{.it_interval = {}, .it_value = {.tv_sec = whole.count(), .tv_usec = rest.count()}};
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

int ServiceSignals::Run(const std::function<int(ServiceSignals*)>& work) {
  ServiceSignals signals;
  int status = EX_SOFTWARE;
  std::thread worker([&] {
    status = work(&signals);
    signals.ended_ = true;
    pthread_kill(signals.first_, SIGUSR2);
  });
  signals.Serve();
  worker.join();
  return status;
}

void ServiceSignals::Serve() {
  const sigset_t mine = SetOf(kServiceSignals);
  while (!ended_) {
    int signal = 0;
    if (sigwait(&mine, &signal) == 0 && !ended_) Handle(signal);
  }
}

// With the lock held: what a handler refers to stays until Take returns.
void ServiceSignals::Handle(int signal) {
  const MutexLock lock(mutex_);
  if (!taken_ && signal != SIGUSR1) ::_exit(EX_OK);
  const auto& handler = signal == SIGUSR1 ? handlers_.reload : signal == SIGUSR2 ? handlers_.drain : handlers_.stop;
  if (handler) {
    handler();
  } else if (!taken_) {
    reload_wanted_ = true;
  }
}

void ServiceSignals::Take(Handlers handlers) {
  const MutexLock lock(mutex_);
  taken_ = true;
  handlers_ = std::move(handlers);
  if (std::exchange(reload_wanted_, false) && handlers_.reload) handlers_.reload();
}

Reloader::~Reloader() {
  {
    const MutexLock lock(mutex_);
    ending_ = true;
    changed_.WakeAll();
  }
  thread_.join();
}

void Reloader::Request() {
  const MutexLock lock(mutex_);
  wanted_ = true;
  changed_.WakeAll();
}

void Reloader::Run() {
  MutexLock lock(mutex_);
  while (true) {
    while (!wanted_ && !ending_) changed_.Wait(lock);
    if (ending_) return;
    wanted_ = false;
    lock.Unlock();
    reload_();
    lock.Lock();
  }
}

}  // namespace heloguard
