// The socket a milter listens on: its text form, what stands in its way, and who may use it.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "heloguard/base/result.h"
#include "heloguard/settings.h"

namespace heloguard {

struct MilterSocket {
  std::string text;            // for smfi_setconn, the address in numbers
  std::string path;            // of a unix socket; "" for the others
  sockaddr_storage address{};  // what it binds to
  socklen_t length = 0;
};

// Reads "inet:PORT@HOST", "inet6:PORT@HOST" (brackets around HOST are allowed; without @HOST: all addresses),
// "unix:/PATH" or "local:/PATH". A host name is resolved here, once. Errors: kConfig.
[[nodiscard]] Result<MilterSocket> ParseMilterSocket(std::string_view text);

// Where to connect in order to reach `socket` from this host: loopback if it listens on all addresses.
[[nodiscard]] MilterSocket Reachable(const MilterSocket& socket);

// Makes way for `socket`: removes a unix socket nobody listens on any more; says in words what else would keep
// libmilter from opening it (it only tells syslog). Errors: kConfig for a path that is no socket, kUnavailable.
[[nodiscard]] Status PrepareMilterSocket(const MilterSocket& socket);

// The group id for `name` (a name or a number); nullopt for "". Errors: kConfig.
[[nodiscard]] Result<std::optional<gid_t>> FindGroup(const std::string& name);

// Gives the open unix socket its group and mode; nothing to do for other sockets. Errors: kUnavailable.
[[nodiscard]] Status ApplySocketAccess(const MilterSocket& socket, unsigned mode, std::optional<gid_t> group);

// Whoever holds this removes the unix socket in the end, if it is still the file that was there at the start: libmilter
// does not do it for root.
class SocketFile {
 public:
  explicit SocketFile(const MilterSocket& socket);
  ~SocketFile();
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;

 private:
  std::string path_;  // "": nothing to remove
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// Takes rights away from files created while it lives, so that a socket is never open to more than `mode` allows, not
// even between its creation and ApplySocketAccess. The mask is the process's own: use it before other threads create
// files.
class FileModeMask {
 public:
  explicit FileModeMask(unsigned mode);
  ~FileModeMask();
  FileModeMask(const FileModeMask&) = delete;
  FileModeMask& operator=(const FileModeMask&) = delete;

 private:
  mode_t before_;
};

}  // namespace heloguard
