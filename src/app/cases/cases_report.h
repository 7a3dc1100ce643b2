// Results of .cases files as text, JSON or TAP.
#pragma once

#include <string>
#include <vector>

#include "app/cases/coverage.h"

namespace heloguard {

struct TestRun {
  std::vector<TestedFile> files;
  std::vector<FileCoverage> coverage;
};

// `format`: text, json or tap. Pure.
[[nodiscard]] std::string PrintTests(const TestRun& run, const std::string& format);

}  // namespace heloguard
