// Owns what lives between libmilter's callbacks. Must not know libmilter: callbacks.cc turns its types into calls here.
//
// libmilter's workers are detached and may still be inside a callback when smfi_main has returned, and it never calls
// xxfi_close for connections that are open then. Hence the gate: service ends only when no callback is inside
// and none can come in any more, and sessions left behind are freed before what they refer to. Tests: tests/wire/
// (drain, stop, failing hooks).
#include "adapters/milter/libmilter/connections.h"

#include <utility>

namespace heloguard {
namespace {

// The one process-wide pointer: libmilter's callbacks get no argument of ours.
std::atomic<Adapter*> running_adapter{nullptr};

}  // namespace

Adapter::Adapter(const Settings::Milter& settings, const Settings::Headers& headers, const SessionFactory& sessions,
                 std::function<void(std::string_view)> log_error, const SocketAddress& reachable)
    : headers_(headers),
      log_error_(std::move(log_error)),
      internal_error_(settings.on_internal_error == OnInternalError::kAccept ? Outcome::kAccept : Outcome::kTempfail),
      nudge_(reachable),
      clock_(&sessions.clock(), &nudge_),
      sessions_(sessions.WaitingBy(&clock_)) {}

Adapter* Adapter::Running() { return running_adapter.load(); }

Adapter* Adapter::Publish(std::unique_ptr<Adapter> adapter) {
  Adapter* none = nullptr;
  if (!running_adapter.compare_exchange_strong(none, adapter.get())) return nullptr;
  return adapter.release();
}

Connection* Adapter::Open() {
  auto connection = std::make_unique<Connection>();
  Connection* const key = connection.get();
  const std::lock_guard<std::mutex> lock(mutex_);
  connections_.emplace(key, std::move(connection));
  return key;
}

void Adapter::Forget(Connection* connection) {
  std::unique_ptr<Connection> last;  // outlives the lock: ending a session is no work to do under it
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  last = std::move(found->second);
  connections_.erase(found);
  if (connections_.empty()) idle_.notify_all();
}

void Adapter::LogError(std::string_view text) const noexcept {
  try {
    if (log_error_) log_error_(text);
  } catch (...) {  // NOLINT(bugprone-empty-catch): there is nobody left to tell
  }
}

void Adapter::LogErrorOnce(std::string_view text) noexcept {
  if (!told_once_.exchange(true)) LogError(text);
}

bool Adapter::WaitUntilIdle(std::chrono::milliseconds limit) {
  std::unique_lock<std::mutex> lock(mutex_);
  return idle_.wait_for(lock, limit, [this] { return connections_.empty(); });
}

void Adapter::CloseGate() {
  open_ = false;
  for (int inside = inside_; inside != 0; inside = inside_) inside_.wait(inside);
}

void Adapter::ForgetAll() {
  Connections left;
  const std::lock_guard<std::mutex> lock(mutex_);
  left.swap(connections_);
  idle_.notify_all();  // a drain that was overtaken by libmilter's own stop waits for nobody any more
}

void Adapter::RequestStop() {
  stop_requested_ = true;
  nudge_.Begin();
}

bool Adapter::Enter() noexcept {
  inside_.fetch_add(1);
  return open_;
}

void Adapter::Leave() noexcept {
  if (inside_.fetch_sub(1) == 1) inside_.notify_all();
}

}  // namespace heloguard
