// Whether a milter socket is served: somebody accepts there and answers.
#pragma once

#include <chrono>

#include "os/listen_socket.h"

namespace heloguard {

// Connects, offers to negotiate as a mail server does, and waits for the answer. Takes `patience` at most. Thread rule:
// any thread, but none of those that have to answer.
[[nodiscard]] bool IsServed(const ListenAddress& socket, std::chrono::milliseconds patience);

}  // namespace heloguard
