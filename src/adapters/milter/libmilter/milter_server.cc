// Opens the milter socket, runs libmilter on a thread of its own and ends it. What a session does is in callbacks.cc;
// how the socket is checked in src/os/listen_socket.cc.
//
// Ending well: libmilter has no way to stop listening and go on serving, and refusing new connections while others
// drain would hand the MTA its default action for no reason; so connections that arrive during the drain are served
// like any other. When it is over no callback may be inside: once told to stop, libmilter's controller frees all
// contexts, those in use by a worker too. From then until the end events are answered tempfail. smfi_stop sets a flag
// and then waits for the lock that the listener holds while it polls, five seconds at a time; a connection of our own,
// made while smfi_stop waits, ends the poll at once (if the controller is quicker, libmilter sleeps a second over it).
//
// Tests: tests/wire/.
#include "adapters/milter/libmilter/milter_server.h"

#include <exception>
#include <utility>

#include "adapters/milter/libmilter/callbacks.h"
#include "adapters/milter/libmilter/connections.h"
#include "adapters/milter/milter_probe.h"
#include "heloguard/base/escape.h"
#include "os/listen_socket.h"

namespace heloguard {
namespace {

// An error of os/listen_socket.h, with whose socket it is about.
Error OfMilter(Error error) {
  error.message.insert(0, "milter ");
  return error;
}

// Hands everything to libmilter and lets it open the socket.
Status OpenSocket(const Settings::Milter& settings, const ListenAddress& socket) {
  if (Status ready = PrepareSocket(socket); !ready.ok()) return OfMilter(ready.error());
  std::string text = socket.text;
  const Error failed{ErrorKind::kInternal, "libmilter could not be set up", {}};
  if (smfi_setconn(text.data()) != MI_SUCCESS || smfi_register(MilterDescription()) != MI_SUCCESS) return failed;
  if (settings.backlog > 0 && smfi_setbacklog(settings.backlog) != MI_SUCCESS) return failed;
  const FileModeMask mask(settings.socket_mode);
  if (smfi_opensocket(false) != MI_SUCCESS) {
    return Error{ErrorKind::kUnavailable,
                 "milter socket " + EscapeBytes(socket.text) + ": libmilter cannot open it, syslog has its reason",
                 {}};
  }
  return Done{};
}

}  // namespace

MilterServer::MilterServer(const Settings::Milter& settings, const Settings::Headers& headers, SessionFactory sessions,
                           WaitableClock* clock, std::function<void(std::string_view)> log_error)
    : settings_(settings),
      headers_(headers),
      sessions_(std::move(sessions)),
      clock_(clock),
      log_error_(std::move(log_error)),
      address_(ParseSocketText(settings.socket)) {}

MilterServer::~MilterServer() { Stop(); }

Status MilterServer::Open() {
  if (!address_.ok()) return OfMilter(address_.error());
  const ListenAddress& address = address_.value();
  Result<std::optional<gid_t>> group = FindGroup(settings_.socket_group);
  if (!group.ok()) return OfMilter(group.error());
  const Error again{ErrorKind::kInternal, "libmilter can serve once in a process", {}};
  if (Connections::Running() != nullptr) return again;
  if (Status open = OpenSocket(settings_, address); !open.ok()) return open;
  {
    const MutexLock lock(mutex_);
    file_ = std::make_unique<SocketFile>(address);
  }
  if (Status access = ApplySocketAccess(address, settings_.socket_mode, group.value()); !access.ok()) {
    return OfMilter(access.error());
  }
  // Not before the socket is open: libmilter's first callback comes after this, and a mistake in the settings leaves
  // nothing behind.
  connections_ = Connections::Publish(std::make_unique<Connections>(sessions_, headers_, settings_.on_internal_error,
                                                                    log_error_, Reachable(address).address, clock_));
  return connections_ == nullptr ? Status(again) : Done{};
}

Status MilterServer::Start(Ended ended) {
  try {
    if (Status open = Open(); !open.ok()) {
      CloseFile();
      return open;
    }
    connections_.load()->nudge().Start();
    const MutexLock lock(mutex_);
    thread_ = std::thread([this, told = std::move(ended)] { Serve(told); });
    return Done{};
  } catch (const std::exception& e) {
    CloseFile();
    return Error{ErrorKind::kInternal, "milter: " + EscapeBytes(e.what()), {}};
  }
}

void MilterServer::Serve(const Ended& ended) {
  const int result = smfi_main();
  ended_ = true;
  Connections* const connections = connections_;
  connections->nudge().Stop();
  connections->CloseGate();
  connections->ForgetAll();
  CloseFile();
  // A stop may catch the listener between two looks at its flag; it then calls the closed socket a failure.
  if (result != MI_SUCCESS && !connections->stop_requested()) {
    ended(Error{ErrorKind::kUnavailable, "libmilter gave up serving, syslog has its reason", {}});
  } else {
    ended(Done{});
  }
}

bool MilterServer::Drain(std::chrono::milliseconds limit) {
  Connections* const connections = connections_;
  return connections == nullptr || connections->WaitUntilIdle(limit);
}

void MilterServer::Stop() {
  MutexLock lock(mutex_);
  while (stopping_) stopped_.Wait(lock);
  if (!thread_.joinable()) return;
  std::thread thread = std::move(thread_);
  stopping_ = true;
  lock.Unlock();  // callbacks take locks on their way out
  if (!ended_) {
    connections_.load()->CloseGate();
    connections_.load()->RequestStop();
    smfi_stop();
  }
  thread.join();
  lock.Lock();
  stopping_ = false;
  stopped_.WakeAll();
}

void MilterServer::CloseFile() {
  const MutexLock lock(mutex_);
  file_.reset();
}

// libmilter keeps the number of its descriptor, and polls it anew every five seconds at least.
std::string MilterServer::Tend() {
  const MutexLock lock(mutex_);
  if (!file_ || stopping_ || file_->IsInPlace()) return {};
  const ListenAddress& at = address_.value();
  const std::string what = "milter socket " + EscapeBytes(at.text) + " was deleted or replaced: ";
  const Result<std::optional<gid_t>> group = FindGroup(settings_.socket_group);
  if (!group.ok()) return what + group.error().message;
  const ListenOptions options{.mode = settings_.socket_mode, .group = group.value(), .backlog = settings_.backlog};
  if (const Status renewed = ListenSocket::Renew(at, options); !renewed.ok()) return what + renewed.error().message;
  file_ = std::make_unique<SocketFile>(at);
  return what + "made again";
}

bool MilterServer::Probe(std::chrono::milliseconds patience) const {
  return address_.ok() && IsServed(address_.value(), patience);
}

}  // namespace heloguard
