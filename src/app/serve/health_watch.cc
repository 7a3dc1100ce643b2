// The clockwork of the resolver's health: when to look. What a look means is resolver_health.cc's business.
// Tests: tests/cli/serve_test.py.
#include "app/serve/health_watch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace heloguard {

namespace {
// Looks make contexts and ask the root: not in a loop, whatever the setting.
constexpr std::chrono::milliseconds kShortest{1'000};
}  // namespace

struct HealthWatch::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool looking = false;  // guarded by mutex, as those below
  bool well = true;
  bool ending = false;
};

HealthWatch::HealthWatch(std::chrono::milliseconds interval, bool well, Canary* canary,
                         std::function<void(const CanaryReport&)> told)
    : interval_(std::max(interval, kShortest)),
      canary_(canary),
      told_(std::move(told)),
      state_(std::make_shared<State>()) {
  state_->well = well;
  thread_ = std::thread([this] { Run(); });
}

HealthWatch::~HealthWatch() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->changed.notify_all();
  thread_.join();
}

void HealthWatch::Run() {
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  for (;;) {
    state.changed.wait_for(lock, state.well ? interval_ : interval_ / 3, [&] { return state.ending; });
    if (state.ending) return;
    state.looking = true;
    lock.unlock();
    canary_->Look([kept = state_, told = told_](const CanaryReport& report) {
      {
        const std::lock_guard heard(kept->mutex);
        if (kept->ending) return;  // that the resolver stops is no illness
      }
      told(report);
      {
        const std::lock_guard done(kept->mutex);
        kept->well = report.state == ResolverState::kWell;
        kept->looking = false;
      }
      kept->changed.notify_all();
    });
    lock.lock();
    state.changed.wait(lock, [&] { return state.ending || !state.looking; });
  }
}

}  // namespace heloguard
