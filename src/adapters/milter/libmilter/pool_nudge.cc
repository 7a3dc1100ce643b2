// The workaround for a stall in libmilter's worker pool, all of it.
//
// What happens: Debian's libmilter 8.17.1 serves all connections from a pool of workers. Its controller thread, on
// seeing a command arrive, counts idle workers: if there is one it marks the session ready and signals a condition
// variable, else it starts a worker. Two signals may wake one and the same idle worker, and a worker that was signalled
// is still counted idle until it runs. The second session then lies ready and nobody starts a worker for it: it waits
// until some worker comes back from a callback, and those may all be waiting for DNS inside us. Measured on two cores,
// callbacks that wait 1 s, little other traffic: other sessions waited 3 to 5 s for an answer that needs nothing. The
// same library built without the pool never exceeded 1.07 s. Under steady traffic it does not show, since each new
// command wakes or starts a worker, and any worker that finishes looks for ready sessions.
//
// What helps: each new connection to the socket goes the same way, so it either starts a worker or signals one, and
// that worker takes a ready session along. Ten connections a second to our own socket brought the worst wait to 1.4 s,
// a hundred to 1.2 s, since each saves one queued command. So while at least one callback waits, a thread makes one
// every 10 ms, and one more for each wait that has begun since: with 120 sessions that begin to wait at once other
// sessions then took 0.25 s at worst in 60 runs, and 1.2 s once on a busy machine (1.1 s without the extra ones; up to
// more than 20 s without any). A connection costs about 100 us of processor time. It is closed at once without a word:
// libmilter calls no callback for it but xxfi_close, with no private data, so it is never a session to us.
//
// Where no thread can be started, each nudge would stay: libmilter keeps a connection that it has no thread for, with
// its descriptor, for good. So it is tried first, and while it fails nobody is nudged and nobody waits.
//
// What it costs to be wrong: nothing but those connections; no answer depends on them. The thread also speeds up the
// end of smfi_main, which looks at its stop flag only when a connection arrives or every five seconds.
//
// Tests: tests/wire/stall_test.py.
#include "adapters/milter/libmilter/pool_nudge.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigset_t is POSIX
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "os/process_use.h"

namespace heloguard {
namespace {

constexpr std::chrono::milliseconds kPeriod{10};
constexpr int kBurst = 300;
constexpr std::chrono::seconds kShortFor{1};  // after a thread could not be started

class Waiting {
 public:
  explicit Waiting(PoolNudge* nudge) : nudge_(nudge) { nudge_->Begin(); }
  ~Waiting() { nudge_->End(); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  PoolNudge* nudge_;
};

}  // namespace

int NudgeBudget::Take(unsigned begun, std::chrono::steady_clock::time_point now) {
  const auto periods = (now - refilled_) / kPeriod;
  refilled_ += periods * kPeriod;
  credit_ = static_cast<int>(std::min<std::int64_t>(kBurst, credit_ + periods));
  const int wanted = static_cast<int>(std::min<unsigned>(begun - begun_, kBurst));
  begun_ = begun;
  const int extra = std::min(wanted, credit_);
  credit_ -= extra;
  return 1 + extra;
}

void PoolNudge::Start() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited: no signal is this thread's business
  thread_ = std::thread([this] { Run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void PoolNudge::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  Begin();
  thread_.join();
}

void PoolNudge::Begin() noexcept {
  begun_.fetch_add(1);
  if (waiting_.fetch_add(1) == 0) waiting_.notify_one();
}

void PoolNudge::End() noexcept { waiting_.fetch_sub(1); }

void PoolNudge::Run() {
  NudgeBudget budget;
  while (!stopping_) {
    waiting_.wait(0);
    std::this_thread::sleep_for(kPeriod);  // short waits need no help
    if (!CanStartThread()) {
      short_until_ = std::chrono::steady_clock::now() + kShortFor;
      continue;
    }
    const int count = budget.Take(begun_, std::chrono::steady_clock::now());
    for (int i = 0; i < count && waiting_ > 0 && !stopping_; ++i) Nudge();
  }
}

bool PoolNudge::ShortOfThreads() const noexcept { return std::chrono::steady_clock::now() < short_until_.load(); }

void PoolNudge::Nudge() const {
  const int fd = socket(own_.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;  // out of descriptors: the next period tries again
  if (connect(fd, own_.generic(), own_.length) != 0 && errno == EINPROGRESS) {
    pollfd established{.fd = fd, .events = POLLOUT, .revents = 0};
    poll(&established, 1, static_cast<int>(kPeriod.count()));  // closing earlier would take the connection back
  }
  close(fd);
}

bool NudgingClock::WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable& changed, TimePoint deadline,
                             const std::function<bool()>& ready) {
  if (ready()) return true;
  if (nudge_->ShortOfThreads()) return false;
  const Waiting waiting(nudge_);
  return clock_->WaitUntil(lock, changed, deadline, ready);
}

}  // namespace heloguard
