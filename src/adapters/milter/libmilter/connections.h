// The running adapter: its connections, and the gate between libmilter's threads and MilterServer.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/milter/libmilter/pool_nudge.h"
#include "adapters/milter/message_headers.h"
#include "engine/session_factory.h"
#include "heloguard/settings.h"

namespace heloguard {

// One connection of an MTA, from negotiation (or the first event without one) to close. Its calls are serial.
struct Connection {
  std::shared_ptr<const Policy> policy;        // the snapshot negotiated with; null if getting it failed
  EnumSet<Stage> no_reply;                     // stages at which the MTA does not wait for our answer
  std::unique_ptr<Session> session;            // from the first event on
  WritesResults results = WritesResults::kNo;  // yes: header fields were negotiated
  bool no_header_reply = false;
  MessageHeaders message;  // of the message under way
  bool failed = false;     // something was caught: every later stage is answered by on_internal_error
};

// Thread rule: any thread, except where one is named.
class Adapter {
 public:
  Adapter(const Settings::Milter& settings, const Settings::Headers& headers, const SessionFactory& sessions,
          std::function<void(std::string_view)> log_error, const SocketAddress& reachable);
  ~Adapter() = default;
  Adapter(const Adapter&) = delete;
  Adapter& operator=(const Adapter&) = delete;

  // The one of this process; null before MilterServer::Start. It is never destroyed: libmilter's threads are detached
  // and may call back until the process ends.
  [[nodiscard]] static Adapter* Running();
  // Makes `adapter` the running one; null if there was one already.
  [[nodiscard]] static Adapter* Publish(std::unique_ptr<Adapter> adapter);

  // A callback's stay. While one is inside, everything sessions refer to is alive; a callback that finds the gate
  // closed must touch nothing.
  class Visit {
   public:
    explicit Visit(Adapter* adapter) noexcept : adapter_(adapter), open_(adapter->Enter()) {}
    ~Visit() { adapter_->Leave(); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    [[nodiscard]] bool open() const { return open_; }

   private:
    Adapter* adapter_;
    bool open_;
  };

  // A new connection without a policy; it belongs to the adapter until Forget.
  [[nodiscard]] Connection* Open();
  void Forget(Connection* connection);

  // Its sessions tell the nudge when they wait. They may throw what the functions of the factory throw.
  [[nodiscard]] const SessionFactory& sessions() const { return sessions_; }
  [[nodiscard]] const Settings::Headers& headers() const { return headers_; }
  [[nodiscard]] Outcome internal_error() const { return internal_error_; }
  void LogError(std::string_view text) const noexcept;
  // As LogError, but once only: what every message of an MTA would say again.
  void LogErrorOnce(std::string_view text) noexcept;
  // What a client did that the postmaster has to find again.
  void Alarm(std::string_view text) const { sessions_.sink().Alarm(text); }

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
  using Connections = std::unordered_map<Connection*, std::unique_ptr<Connection>>;
  bool Enter() noexcept;
  void Leave() noexcept;

  const Settings::Headers headers_;
  const std::function<void(std::string_view)> log_error_;
  Outcome internal_error_;
  PoolNudge nudge_;
  NudgingClock clock_;
  SessionFactory sessions_;

  std::atomic<bool> open_{true};
  std::atomic<bool> stop_requested_{false};
  std::atomic<bool> told_once_{false};
  std::atomic<int> inside_{0};

  std::mutex mutex_;  // guards connections_
  std::condition_variable idle_;
  Connections connections_;
};

}  // namespace heloguard
