// Policy files (TOML) to Policy. Reads files; everything else about a policy is core's.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "heloguard/policy/policy.h"

namespace heloguard {

struct LoadedPolicy {
  std::shared_ptr<const Policy> policy;  // null if there was any error
  Diagnostics diagnostics;               // all problems at once, in the order of files and lines
};

struct PolicyReadOptions {
  std::chrono::sys_days today;           // for `until`
  std::string local;                     // a file of the site's own, included last and winning; "": none
  std::vector<std::string> known_good;   // host names that no rule should refuse (CheckKnownGood); `lint` gives them
  // Core's engine unless a test puts another in.
  SetEngineFactory engine = Re2EngineFactory();
};

// Loads `path`, its includes and pattern files, and finishes the policy (FinishPolicy). A missing file named here
// is kNoInput; a missing include or pattern file is kConfig at the line that names it.
[[nodiscard]] LoadedPolicy ReadPolicy(const std::string& path, const PolicyReadOptions& options);

// The same from memory, for tests and fuzzing: `text` stands for a file called `path`, includes are read beside it.
[[nodiscard]] LoadedPolicy ReadPolicyText(const std::string& text, const std::string& path,
                                          const PolicyReadOptions& options);

}  // namespace heloguard
