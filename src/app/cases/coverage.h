// Which rules of policies no case exercised.
#pragma once

#include <string>
#include <vector>

#include "adapters/cases/cases.h"

namespace heloguard {

// A .cases file and what became of it.
struct TestedFile {
  std::string path;
  std::string policy;
  CasesResult result;
  Diagnostics problems;  // of the cases file and of its policy; with an error nothing ran
};

// The rules that stand in one policy file, over all policies tested that they are in force in.
struct FileCoverage {
  std::string file;
  bool included = false;  // by a policy that was tested; not tested itself
  std::size_t exercised = 0;
  std::vector<std::string> never;  // the names of the others, in file order
};

// In the order the files were tested; a file without a rule is left out. Pure.
[[nodiscard]] std::vector<FileCoverage> CoverageOf(const std::vector<TestedFile>& files);

}  // namespace heloguard
