// The connections libmilter serves, and the gate between its threads and MilterServer.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "adapters/milter/conversation.h"
#include "adapters/milter/libmilter/pool_nudge.h"
#include "engine/session_factory.h"
#include "heloguard/settings.h"
#include "os/socket_address.h"

namespace heloguard {

// Thread rule: any thread, except where one is named.
class Connections {
 public:
  // `reachable`: where the milter's own socket is connected to, for the nudge.
  Connections(const SessionFactory& sessions, const Settings::Headers& headers, OnInternalError on_internal_error,
              std::function<void(std::string_view)> log_error, const SocketAddress& reachable);
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

  // What conversations share. Their sessions tell the nudge when they wait.
  [[nodiscard]] MilterService& service() { return service_; }
  // A new conversation; it belongs to this until Forget.
  [[nodiscard]] Conversation* Open();
  void Forget(Conversation* conversation);

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
  using Map = std::unordered_map<Conversation*, std::unique_ptr<Conversation>>;
  bool Enter() noexcept;
  void Leave() noexcept;

  PoolNudge nudge_;
  NudgingClock clock_;
  MilterService service_;

  std::atomic<bool> open_{true};
  std::atomic<bool> stop_requested_{false};
  std::atomic<int> inside_{0};

  std::mutex mutex_;  // guards conversations_
  std::condition_variable idle_;
  Map conversations_;
};

}  // namespace heloguard
