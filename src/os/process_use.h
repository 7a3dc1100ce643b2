// What this process has of the machine. Thread rule: any thread.
#pragma once

#include <cstddef>
#include <optional>

namespace heloguard {

[[nodiscard]] std::size_t OpenDescriptors();
[[nodiscard]] std::size_t RunningThreads();
// The limits in force, where there are any. That of threads counts all processes of the user (RLIMIT_NPROC).
[[nodiscard]] std::optional<std::size_t> DescriptorLimit();
[[nodiscard]] std::optional<std::size_t> ThreadLimit();
// Whether a thread can be started now. Starts one that ends at once: some twenty microseconds.
[[nodiscard]] bool CanStartThread();

}  // namespace heloguard
