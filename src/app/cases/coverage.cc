// Adds up which rules cases exercised. A rule counts in the file it stands in: a policy that includes another need not
// prove its rules again, and every line of a policy of many files is accounted for. Pure; knows no file system.
// Tests: tests/cli/test_policy_test.py.
#include "app/cases/coverage.h"

#include <algorithm>
#include <filesystem>
#include <map>

namespace heloguard {
namespace {

// One spelling a path: a policy named on the command line may be included by another one of the same run.
std::string Normal(const std::string& path) { return std::filesystem::path(path).lexically_normal().string(); }

// Rules by the place they stand at, which is where their file has them in order.
using Uses = std::map<std::pair<std::uint32_t, std::uint32_t>, RuleUse>;

FileCoverage Count(const std::string& file, const Uses& uses) {
  FileCoverage coverage;
  coverage.file = file;
  for (const auto& [where, use] : uses) {
    if (use.exercised) {
      ++coverage.exercised;
    } else {
      coverage.never.push_back(use.name);
    }
  }
  return coverage;
}

}  // namespace

std::vector<FileCoverage> CoverageOf(const std::vector<TestedFile>& files) {
  std::vector<std::string> order;
  std::vector<std::string> tested;
  std::map<std::string, Uses> uses;
  for (const TestedFile& file : files) {
    tested.push_back(Normal(file.policy));
    for (const RuleUse& rule : file.result.rules) {
      const std::string stands_in = Normal(rule.where.file);
      if (!uses.contains(stands_in)) order.push_back(stands_in);
      RuleUse& use = uses[stands_in].try_emplace({rule.where.line, rule.where.column}, rule).first->second;
      use.exercised = use.exercised || rule.exercised;
    }
  }
  std::vector<FileCoverage> coverage;
  for (const std::string& file : order) {
    coverage.push_back(Count(file, uses[file]));
    coverage.back().included = std::ranges::find(tested, file) == tested.end();
  }
  return coverage;
}

}  // namespace heloguard
