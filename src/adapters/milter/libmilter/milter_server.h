// The milter protocol, through libmilter.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>

#include "engine/frontend.h"
#include "engine/session_factory.h"
#include "heloguard/settings.h"
#include "os/listen_socket.h"
#include "os/mutex.h"

namespace heloguard {

class Connections;

// Serves milter connections on libmilter's threads. libmilter keeps process-wide state: one in a process may be
// started, once.
//
// libmilter takes SIGHUP, SIGINT and SIGTERM itself and ends service soon after, cutting sessions. It waits for them in
// a thread of its own: they have to be blocked in every other one, or their default action ends the process.
class MilterServer final : public Frontend {
 public:
  // `log_error`: a caught exception, a library failure; one line; called from any thread. Resolves the host of
  // settings.socket. `clock` is the one of the sessions and outlives the process's last callback.
  MilterServer(const Settings::Milter& settings, const Settings::Headers& headers, SessionFactory sessions,
               WaitableClock* clock, std::function<void(std::string_view)> log_error);
  ~MilterServer() override;

  [[nodiscard]] Status Start(Ended ended) override;
  bool Drain(std::chrono::milliseconds limit) override;
  void Stop() override;
  [[nodiscard]] bool Probe(std::chrono::milliseconds patience) const override;
  [[nodiscard]] std::string Tend() override;

 private:
  Status Open();
  void CloseFile();
  // Until the end of service, on thread_.
  void Serve(const Ended& ended);

  const Settings::Milter settings_;
  const Settings::Headers headers_;
  const SessionFactory sessions_;
  WaitableClock* const clock_;
  const std::function<void(std::string_view)> log_error_;
  const Result<ListenAddress> address_;

  std::atomic<Connections*> connections_{nullptr};  // from Start on; never freed
  std::atomic<bool> ended_{false};                  // smfi_main has returned
  Mutex mutex_;
  ConditionVariable stopped_;
  std::unique_ptr<SocketFile> file_ GUARDED_BY(mutex_);  // while the socket is open
  bool stopping_ GUARDED_BY(mutex_) = false;             // somebody waits for the end, with the thread in hand
  std::thread thread_ GUARDED_BY(mutex_);
};

}  // namespace heloguard
