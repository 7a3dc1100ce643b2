// Sockets that do not block, waited for until a deadline.
#pragma once

#include <sys/socket.h>

#include <chrono>

namespace heloguard {

// Waits until `fd` is ready for `events` of poll(); false at the deadline. Signals do not end it. Thread rule: any.
[[nodiscard]] bool WaitFor(int fd, short events, std::chrono::steady_clock::time_point deadline);

// Connects a socket opened with SOCK_NONBLOCK. 0, or the errno of what kept it from it: ETIMEDOUT at the deadline.
[[nodiscard]] int ConnectBy(int fd, const sockaddr* address, socklen_t length,
                            std::chrono::steady_clock::time_point deadline);

}  // namespace heloguard
