// Results of .cases files as text, JSON or TAP.
#pragma once

#include <string>
#include <vector>

#include "cases.h"

namespace heloguard {

struct TestedFile {
  std::string path;
  std::string policy;
  CasesResult result;
  Diagnostics problems;  // of the cases file and of its policy; with an error nothing ran
};

// `format`: text, json or tap. Pure.
[[nodiscard]] std::string PrintTests(const std::vector<TestedFile>& files, const std::string& format);

}  // namespace heloguard
