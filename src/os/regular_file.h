// The one place where files that a setting, a policy or a command names are opened: regular files only. A FIFO would
// hold up whoever opens it, and a device or a socket is nobody's configuration or log.
//
// Error texts are the reason alone ("it is a directory, not a regular file"): callers say which file and what for.
// Errors: kNoInput where there is no such file, kConfig for all else.
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <cstddef>
#include <string>

#include "heloguard/base/result.h"
#include "os/descriptor.h"

namespace heloguard {

// `flags`: open(2)'s; close-on-exec is added. Never waits.
[[nodiscard]] Result<Descriptor> OpenRegularFile(const std::string& path, int flags = O_RDONLY, mode_t mode = 0);

// All of it, `max_bytes` at most; more is an error.
[[nodiscard]] Result<std::string> ReadRegularFile(const std::string& path, std::size_t max_bytes);

}  // namespace heloguard
