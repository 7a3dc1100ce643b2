// Owns what lives between libmilter's callbacks. Must not know libmilter: callbacks.cc turns its types into calls here.
//
// libmilter's workers are detached and may still be inside a callback when smfi_main has returned, and it never calls
// xxfi_close for connections that are open then. Hence the gate: service ends only when no callback is inside
// and none can come in any more, and sessions left behind are freed before what they refer to. Tests: tests/wire/
// (drain, stop, failing hooks).
#include "adapters/milter/libmilter/connections.h"

#include <utility>

#include "engine/drive/driven_session.h"

namespace heloguard {
namespace {

// The one process-wide pointer: libmilter's callbacks get no argument of ours.
std::atomic<Connections*> running_connections{nullptr};

}  // namespace

Connections::Connections(const SessionFactory& sessions, const Settings::Headers& headers,
                         OnInternalError on_internal_error, std::function<void(std::string_view)> log_error,
                         const SocketAddress& reachable, WaitableClock* clock)
    : nudge_(reachable), clock_(clock, &nudge_), service_(sessions, headers, on_internal_error, std::move(log_error)) {}

Connections* Connections::Running() { return running_connections.load(); }

Connections* Connections::Publish(std::unique_ptr<Connections> connections) {
  Connections* none = nullptr;
  if (!running_connections.compare_exchange_strong(none, connections.get())) return nullptr;
  return connections.release();
}

Connection* Connections::Open() {
  auto connection = std::make_unique<Connection>(&service_);
  Connection* const key = connection.get();
  const MutexLock lock(mutex_);
  connections_.emplace(key, std::move(connection));
  return key;
}

void Connections::Forget(Connection* connection) {
  std::unique_ptr<Connection> last;  // outlives the lock: ending a session is no work to do under it
  const MutexLock lock(mutex_);
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  last = std::move(found->second);
  connections_.erase(found);
  if (connections_.empty()) idle_.WakeAll();
}

StageAnswer Connections::Await(Connection& connection, Step step) {
  return Complete(&connection.conversation, std::move(step), &connection.bell, &clock_);
}

bool Connections::WaitUntilIdle(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  MutexLock lock(mutex_);
  while (!connections_.empty() && idle_.WaitUntil(lock, deadline)) {
  }
  return connections_.empty();
}

void Connections::CloseGate() {
  open_ = false;
  for (int inside = inside_; inside != 0; inside = inside_) inside_.wait(inside);
}

void Connections::ForgetAll() {
  Map left;
  const MutexLock lock(mutex_);
  left.swap(connections_);
  idle_.WakeAll();  // a drain that was overtaken by libmilter's own stop waits for nobody any more
}

void Connections::RequestStop() {
  stop_requested_ = true;
  nudge_.Begin();
}

bool Connections::Enter() noexcept {
  inside_.fetch_add(1);
  return open_;
}

void Connections::Leave() noexcept {
  if (inside_.fetch_sub(1) == 1) inside_.notify_all();
}

}  // namespace heloguard
