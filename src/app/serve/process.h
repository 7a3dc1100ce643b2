// The daemon's process: signals, limits, who it runs as, and what systemd is told.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "heloguard/base/result.h"

namespace heloguard {

// Blocks the signals of the service in this thread and all it starts from now on, ignores SIGPIPE, raises the limit of
// open files to what is allowed, and lets new files be read by the owner and the group only.
// REQUIRES: called before any other thread is started.
void PrepareServiceProcess();

// Becomes `user` and `group` ("": the user's own) for good. Nothing to do for two empty names, or for who is already
// that user. Errors: kConfig, with the setting's name.
[[nodiscard]] Status DropPrivileges(const std::string& user, const std::string& group);

// Tells the service manager ("READY=1", ...) if there is one.
void NotifyServiceManager(const std::string& state);

// Takes SIGUSR1 and SIGUSR2 on a thread of its own and calls what they stand for there; after `stop` none is taken any
// more. REQUIRES: PrepareServiceProcess was called.
class SignalThread {
 public:
  SignalThread(std::function<void()> reload, std::function<void()> stop);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  void Run();

  const std::function<void()> reload_;
  const std::function<void()> stop_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace heloguard
