// Opens the milter socket, runs libmilter and ends it. What a session does is in callbacks.cc; how the socket is
// checked in src/os/listen_socket.cc.
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

#include <unistd.h>

#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include "adapters/milter/libmilter/callbacks.h"
#include "adapters/milter/libmilter/connections.h"
#include "heloguard/base/domain_name.h"
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

// From the open socket to the end of service.
Status Run(Adapter* adapter, const MilterHooks& hooks) {
  adapter->nudge().Start();
  if (hooks.listening) hooks.listening();
  const int result = smfi_main();
  adapter->nudge().Stop();
  adapter->CloseGate();
  adapter->ForgetAll();
  // A stop may catch the listener between two looks at its flag; it then calls the closed socket a failure.
  if (result != MI_SUCCESS && !adapter->stop_requested()) {
    return Error{ErrorKind::kUnavailable, "libmilter gave up serving, syslog has its reason", {}};
  }
  return Done{};
}

Status Serve(const Settings::Milter& settings, const MilterHooks& hooks) {
  Result<ListenAddress> socket = ParseSocketText(settings.socket);
  if (!socket.ok()) return OfMilter(socket.error());
  Result<std::optional<gid_t>> group = FindGroup(settings.socket_group);
  if (!group.ok()) return OfMilter(group.error());
  if (Adapter::Running() != nullptr) return Error{ErrorKind::kInternal, "libmilter can serve once in a process", {}};
  if (Status open = OpenSocket(settings, socket.value()); !open.ok()) return open;
  const SocketFile file(socket.value());
  if (Status access = ApplySocketAccess(socket.value(), settings.socket_mode, group.value()); !access.ok())
    return OfMilter(access.error());
  // Not before the socket is open: libmilter's first callback comes after this, and a mistake in the settings leaves
  // nothing behind.
  Adapter* const adapter =
      Adapter::Publish(std::make_unique<Adapter>(settings, hooks, Reachable(socket.value()).address));
  if (adapter == nullptr) return Error{ErrorKind::kInternal, "libmilter can serve once in a process", {}};
  return Run(adapter, hooks);
}

}  // namespace

Status ServeMilter(const Settings::Milter& settings, const MilterHooks& hooks) {
  try {
    return Serve(settings, hooks);
  } catch (const std::exception& e) {
    return Error{ErrorKind::kInternal, "milter: " + EscapeBytes(e.what()), {}};
  }
}

void StopMilter() {
  Adapter* const adapter = Adapter::Running();
  if (adapter != nullptr) {
    adapter->WaitUntilIdle(adapter->drain());
    adapter->CloseGate();
    adapter->RequestStop();
  }
  smfi_stop();
}

}  // namespace heloguard
