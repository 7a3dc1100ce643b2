// The connections libmilter serves, and the gate between its threads and MilterServer.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "adapters/milter/conversation.h"
#include "adapters/milter/libmilter/pool_nudge.h"
#include "engine/session_factory.h"
#include "heloguard/settings.h"
#include "os/doorbell.h"
#include "os/mutex.h"
#include "os/socket_address.h"

namespace heloguard {

// One connection of libmilter's: a conversation, and what its thread waits on while an event is pending.
struct Connection {
  explicit Connection(MilterService* service) : conversation(service, [this] { bell.Ring(); }) {}
  Doorbell bell;
  Conversation conversation;
};

// Thread rule: any thread, except where one is named.
class Connections {
 public:
  // `reachable`: where the milter's own socket is connected to, for the nudge. `clock`, the one of the sessions,
  // outlives this.
  Connections(const SessionFactory& sessions, const Settings::Headers& headers, OnInternalError on_internal_error,
              std::function<void(std::string_view)> log_error, const SocketAddress& reachable, WaitableClock* clock);
  ~Connections() = default;
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Those of this process; null before MilterServer::Start. Never destroyed: libmilter's threads are detached and may
  // call back until the process ends.
  [[nodiscard]] static Connections* Running();
  // Makes `connections` the running ones; null if there were some already.
  [[nodiscard]] static Connections* Publish(std::unique_ptr<Connections> connections);

  // A callback's stay. While one is inside, everything sessions refer to is alive; a callback that finds the gate
  // closed must touch nothing.
  class Visit {
   public:
    explicit Visit(Connections* connections) noexcept : connections_(connections), open_(connections->Enter()) {}
    ~Visit() { connections_->Leave(); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    [[nodiscard]] bool open() const { return open_; }

   private:
    Connections* connections_;
    bool open_;
  };

  // What conversations share.
  [[nodiscard]] MilterService& service() { return service_; }
  // A new connection; it belongs to this until Forget.
  [[nodiscard]] Connection* Open();
  void Forget(Connection* connection);

  // Waits for the answer to a pending event: the only place in the daemon where a thread waits for a session, since
  // libmilter wants an answer before the callback returns. Keeps the other connections served meanwhile.
  [[nodiscard]] StageAnswer Await(Connection& connection, Step step);

  [[nodiscard]] PoolNudge& nudge() { return nudge_; }
  // Keeps nudging from now on, so that libmilter's listener sees its stop flag.
  void RequestStop();
  [[nodiscard]] bool stop_requested() const { return stop_requested_; }

  // Waits until no connection is left, for `limit` at most; false if some are.
  bool WaitUntilIdle(std::chrono::milliseconds limit);

  // Closes the gate and waits for the callbacks inside; each ends by its DNS deadline.
  void CloseGate();
  // Frees the connections libmilter left behind. REQUIRES: CloseGate.
  void ForgetAll();

 private:
  using Map = std::unordered_map<Connection*, std::unique_ptr<Connection>>;
  bool Enter() noexcept;
  void Leave() noexcept;

  PoolNudge nudge_;
  NudgingClock clock_;
  MilterService service_;

  std::atomic<bool> open_{true};
  std::atomic<bool> stop_requested_{false};
  std::atomic<int> inside_{0};

  Mutex mutex_;
  ConditionVariable idle_;
  Map connections_ GUARDED_BY(mutex_);
};

}  // namespace heloguard
