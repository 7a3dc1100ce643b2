// The socket a server listens on: its text form, what stands in its way, who may use it, and opening it.
//
// A server that opens its own socket calls ListenSocket::Open. A library that opens it by a text (libmilter) is led by
// the parts: PrepareSocket, FileModeMask, the library's own call, SocketFile, ApplySocketAccess.
//
// Error texts begin with "socket": callers put before it whose socket it is ("milter socket ...").
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "heloguard/base/result.h"
#include "os/descriptor.h"
#include "os/socket_address.h"

namespace heloguard {

// Where to listen. Value.
struct ListenAddress {
  std::string text;       // in the form libmilter takes, the host in numbers
  std::string path;       // of a unix socket; "" for the others
  SocketAddress address;  // what it binds to
};

// Reads "inet:PORT@HOST", "inet6:PORT@HOST" (brackets around HOST are allowed; without @HOST: all addresses),
// "unix:/PATH" or "local:/PATH". Resolves a host name once, which may take as long as the system's resolver does.
// Errors: kConfig.
[[nodiscard]] Result<ListenAddress> ParseSocketText(std::string_view text);

// Where to connect in order to reach a server on `at` from this host: loopback if it listens on all addresses.
[[nodiscard]] ListenAddress Reachable(const ListenAddress& at);

// Makes way for a socket on `at`: removes a unix socket that nobody listens on any more; tests whether anything
// else would prevent opening it. Errors: kConfig for a path that is no socket, kUnavailable.
[[nodiscard]] Status PrepareSocket(const ListenAddress& at);

// The group id for `name` (a name or a number); nullopt for "". Errors: kConfig, its text begins with "socket_group".
[[nodiscard]] Result<std::optional<gid_t>> FindGroup(const std::string& name);

// Gives the unix socket its group and mode; nothing to do for other sockets. Errors: kUnavailable.
[[nodiscard]] Status ApplySocketAccess(const ListenAddress& at, unsigned mode, std::optional<gid_t> group);

// Removes the unix socket when destroyed, if it is still the file that was there at construction. Holds nothing for
// other sockets.
class SocketFile {
 public:
  explicit SocketFile(const ListenAddress& at);
  ~SocketFile();
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;

  // Whether the path still leads to it. True for other sockets.
  [[nodiscard]] bool IsInPlace() const;
  // It is somebody else's to remove from now on.
  void Leave() { path_.clear(); }

 private:
  std::string path_;  // "": nothing to remove
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// Takes rights away from files created while it lives, so that a socket somebody else opens is never open to more than
// `mode` allows, not even between its creation and ApplySocketAccess. The mask is the process's own: use it before
// other threads create files.
class FileModeMask {
 public:
  explicit FileModeMask(unsigned mode);
  ~FileModeMask();
  FileModeMask(const FileModeMask&) = delete;
  FileModeMask& operator=(const FileModeMask&) = delete;

 private:
  mode_t before_;
};

struct ListenOptions {
  unsigned mode = 0660;          // of a unix socket
  std::optional<gid_t> group{};  // of a unix socket; nullopt: the process's own
  int backlog = 0;               // connections the system keeps waiting; 0: as many as it allows
};

// An open stream socket that listens; closes itself and removes its file. Thread rule: one owner; fd() may be polled
// and accepted from by any thread while the owner holds it.
class ListenSocket {
 public:
  // Prepares and opens the socket: close-on-exec, non-blocking. Mode and group are in force before the first client can
  // connect. Two processes that open one path at the same moment may take it from each other, as one between bind and
  // listen looks stale. Errors: as PrepareSocket and ApplySocketAccess.
  [[nodiscard]] static Result<std::unique_ptr<ListenSocket>> Open(const ListenAddress& at,
                                                                  const ListenOptions& options);

  [[nodiscard]] int fd() const { return socket_.get(); }

  // Gives a server whose socket's file was deleted or replaced a new one: opens it, where Open may, and puts it under
  // the number of the descriptor that listens on `at` by now. The server needs not know, and clients that are connected
  // stay so. Errors: as Open; kInternal where no descriptor listens there.
  [[nodiscard]] static Status Renew(const ListenAddress& at, const ListenOptions& options);

 private:
  explicit ListenSocket(int fd) : socket_(fd) {}

  Descriptor socket_;
  std::optional<SocketFile> file_;  // once bound
};

}  // namespace heloguard
