// Policies written as in a file, for tests. A policy that does not load fails the test and gives an empty one.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "adapters/toml/policy_reader.h"

namespace heloguard::testing {

inline std::shared_ptr<const Policy> PolicyFrom(const std::string& toml) {
  PolicyReadOptions options;
  options.today = std::chrono::year{2026} / std::chrono::January / 1;
  LoadedPolicy loaded = ReadPolicyText("schema = 1\n" + toml, "test.toml", options);
  for (const Diagnostic& d : loaded.diagnostics) {
    if (d.severity == Severity::kError) ADD_FAILURE() << d.error.ToString();
  }
  return loaded.policy ? loaded.policy : std::make_shared<const Policy>();
}

}  // namespace heloguard::testing
