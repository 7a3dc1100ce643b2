// The daemon's process: signals, limits, who it runs as, and what systemd is told.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "heloguard/base/result.h"
#include "os/mutex.h"

namespace heloguard {

// Blocks the signals of the service in this thread and all it starts from now on, ignores SIGPIPE, raises the limit of
// open files to what is allowed, lets new files be read by the owner and the group only, and makes no core dumps:
// memory holds addresses of mail.
// REQUIRES: called before any other thread is started.
void PrepareServiceProcess();

// Becomes `user` and `group` ("": the user's own) for good. Nothing to do for two empty names, or for who is already
// that user. Errors: kConfig, with the setting's name.
[[nodiscard]] Status DropPrivileges(const std::string& user, const std::string& group);

// Tells the service manager ("READY=1", ...) if there is one.
void NotifyServiceManager(const std::string& state);

// Ends the process with `status` once `limit` is over, whatever any thread is in the middle of: a log that takes no
// lines, a reload, a library. A later call replaces an earlier one. Needs no thread and no memory.
void EndWithin(std::chrono::milliseconds limit, int status);

// Runs the service's work on a thread of its own while the calling one, which has to be the process's first, takes its
// signals. The first, because of all threads that wait for a signal it is the one that gets it: libmilter waits for
// SIGHUP, SIGINT and SIGTERM as well, and takes seconds over them.
// Until Take is called, a signal that stops ends the process at once, with status 0.
class ServiceSignals {
 public:
  // Called on the first thread. None may wait long: no other signal is seen meanwhile.
  struct Handlers {
    std::function<void()> reload;  // SIGUSR1
    std::function<void()> drain;   // SIGUSR2
    std::function<void()> stop;    // SIGHUP, SIGINT, SIGTERM
  };

  // What `work` returns. REQUIRES: PrepareServiceProcess was called.
  [[nodiscard]] static int Run(const std::function<int(ServiceSignals*)>& work);

  // From now on signals are these handlers' business, one that asked for a reload before among them; with empty ones
  // nobody's any more. What they refer to outlives the next call's return.
  void Take(Handlers handlers);

 private:
  void Serve();
  void Handle(int signal);

  const pthread_t first_ = pthread_self();
  Mutex mutex_;
  bool taken_ GUARDED_BY(mutex_) = false;
  bool reload_wanted_ GUARDED_BY(mutex_) = false;
  Handlers handlers_ GUARDED_BY(mutex_);
  std::atomic<bool> ended_{false};
};

// Does reloads one after the other on a thread of its own; what is asked for while one is under way is one more.
// Thread rule: any thread.
class Reloader {
 public:
  explicit Reloader(std::function<void()> reload) : reload_(std::move(reload)), thread_([this] { Run(); }) {}
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  void Request();

 private:
  void Run();

  const std::function<void()> reload_;
  Mutex mutex_;
  ConditionVariable changed_;
  bool wanted_ GUARDED_BY(mutex_) = false;
  bool ending_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace heloguard
