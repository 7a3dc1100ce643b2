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
std::atomic<Connections*> running_connections{nullptr};

}  // namespace

Connections::Connections(const SessionFactory& sessions, const Settings::Headers& headers,
                         OnInternalError on_internal_error, std::function<void(std::string_view)> log_error,
                         const SocketAddress& reachable)
    : nudge_(reachable),
      clock_(&sessions.clock(), &nudge_),
      service_(sessions.WaitingBy(&clock_), headers, on_internal_error, std::move(log_error)) {}

Connections* Connections::Running() { return running_connections.load(); }

Connections* Connections::Publish(std::unique_ptr<Connections> connections) {
  Connections* none = nullptr;
  if (!running_connections.compare_exchange_strong(none, connections.get())) return nullptr;
  return connections.release();
}

Conversation* Connections::Open() {
  auto conversation = std::make_unique<Conversation>(&service_);
  Conversation* const key = conversation.get();
  const std::lock_guard<std::mutex> lock(mutex_);
  conversations_.emplace(key, std::move(conversation));
  return key;
}

void Connections::Forget(Conversation* conversation) {
  std::unique_ptr<Conversation> last;  // outlives the lock: ending a session is no work to do under it
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = conversations_.find(conversation);
  if (found == conversations_.end()) return;
  last = std::move(found->second);
  conversations_.erase(found);
  if (conversations_.empty()) idle_.notify_all();
}

bool Connections::WaitUntilIdle(std::chrono::milliseconds limit) {
  std::unique_lock<std::mutex> lock(mutex_);
  return idle_.wait_for(lock, limit, [this] { return conversations_.empty(); });
}

void Connections::CloseGate() {
  open_ = false;
  for (int inside = inside_; inside != 0; inside = inside_) inside_.wait(inside);
}

void Connections::ForgetAll() {
  Map left;
  const std::lock_guard<std::mutex> lock(mutex_);
  left.swap(conversations_);
  idle_.notify_all();  // a drain that was overtaken by libmilter's own stop waits for nobody any more
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
