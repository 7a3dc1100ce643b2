// A policy file, what it includes, and the site's own file: parsed, in the order in which later ones win.
#pragma once

#include <toml++/toml.h>

#include <deque>
#include <string>

#include "adapters/toml/source_files.h"
#include "heloguard/base/result.h"

namespace heloguard {

struct PolicyFile {
  std::string path;
  toml::table root;
};

struct PolicyFiles {
  // Includes before the file that names them, the local file last. A deque, for readers keep references.
  std::deque<PolicyFile> files;
  bool complete = true;  // false if some file could not be read or parsed
};

// Loads `path`, what it includes (relative to the including file, each file once, kMaxIncludeDepth deep), then `local`
// ("": none). A missing `path` is kNoInput; everything else is kConfig where the file is named.
inline constexpr std::size_t kMaxIncludeDepth = 16;
[[nodiscard]] PolicyFiles LoadPolicyFiles(SourceFiles* sources, const std::string& path, const std::string& local,
                                          Diagnostics* out);

}  // namespace heloguard
