// The clockwork of the resolver's health: when to look. What a look means is resolver_health.cc's business.
// Tests: tests/cli/serve_test.py.
#include "app/serve/health_watch.h"

#include <algorithm>

#include "os/mutex.h"

namespace heloguard {

namespace {
// Looks make contexts and ask the root: not in a loop, whatever the setting.
constexpr std::chrono::milliseconds kShortest{1'000};
}  // namespace

struct HealthWatch::State {
  explicit State(bool well_at_first) : well(well_at_first) {}

  Mutex mutex;
  ConditionVariable changed;
  bool looking GUARDED_BY(mutex) = false;
  bool well GUARDED_BY(mutex);
  bool at_once GUARDED_BY(mutex) = false;
  bool ending GUARDED_BY(mutex) = false;
};

HealthWatch::HealthWatch(std::chrono::milliseconds interval, bool well, Canary* canary,
                         std::function<void(const CanaryReport&)> told)
    : interval_(std::max(interval, kShortest)),
      canary_(canary),
      told_(std::move(told)),
      state_(std::make_shared<State>(well)) {
  thread_ = std::thread([this] { Run(); });
}

HealthWatch::~HealthWatch() {
  {
    const MutexLock lock(state_->mutex);
    state_->ending = true;
  }
  state_->changed.WakeAll();
  thread_.join();
}

void HealthWatch::LookAtOnce() {
  {
    const MutexLock lock(state_->mutex);
    state_->at_once = true;
  }
  state_->changed.WakeAll();
}

void HealthWatch::Run() {
  State& state = *state_;
  MutexLock lock(state.mutex);
  for (;;) {
    const auto begun = std::chrono::steady_clock::now();
    const auto until = [&] { return begun + (state.at_once ? kShortest : state.well ? interval_ : interval_ / 3); };
    while (!state.ending && std::chrono::steady_clock::now() < until()) state.changed.WaitUntil(lock, until());
    if (state.ending) return;
    state.looking = true;
    state.at_once = false;
    lock.Unlock();
    canary_->Look([kept = state_, told = told_](const CanaryReport& report) {
      {
        const MutexLock heard(kept->mutex);
        if (kept->ending) return;  // that the resolver stops is no illness
      }
      told(report);
      {
        const MutexLock done(kept->mutex);
        kept->well = report.state == ResolverState::kWell;
        kept->looking = false;
      }
      kept->changed.WakeAll();
    });
    lock.Lock();
    while (!state.ending && state.looking) state.changed.Wait(lock);
  }
}

}  // namespace heloguard
