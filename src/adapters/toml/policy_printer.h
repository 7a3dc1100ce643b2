// A policy as one TOML file: what it comes to when includes and the site's own file are merged.
#pragma once

#include <string>

#include "heloguard/policy/policy.h"

namespace heloguard {

// A file that loads to the same rules, lists and settings. Patterns of lists and Postfix tables stay in their files,
// which are named by their whole path. Default replies are left out, and so is what is as if unsaid; comments are lost.
// Thread rule: pure but for the current directory, against which relative paths are resolved.
[[nodiscard]] std::string PrintPolicy(const Policy& policy);

}  // namespace heloguard
