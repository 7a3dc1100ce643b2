// Every broken policy of tests/golden/policy_errors/ against the exact findings that a postmaster sees for it.
//
// With HELOGUARD_UPDATE_GOLDEN set the .expected files are written anew, and the test fails so that nobody forgets it
// set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "adapters/toml/policy_reader.h"

namespace heloguard {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(HELOGUARD_SOURCE_DIR) / "tests/golden/policy_errors";

std::string Contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string Without(std::string text, const std::string& piece) {
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece)) text.erase(at, piece.size());
  return text;
}

std::string FindingsOf(const fs::path& path) {
  PolicyReadOptions options;
  options.today = std::chrono::year{2026} / std::chrono::October / 1;
  const LoadedPolicy loaded = ReadPolicy(path.string(), options);
  std::string text;
  for (const Diagnostic& each : loaded.diagnostics) {
    text += each.severity == Severity::kError ? "error " : "warning ";
    text += each.error.ToString() + (each.id.empty() ? "" : " [" + each.id + "]") + "\n";
    EXPECT_EQ(each.error.kind, ErrorKind::kConfig);
  }
  EXPECT_EQ(loaded.policy == nullptr, HasErrors(loaded.diagnostics));
  return Without(text, kFolder.string() + "/");
}

std::vector<std::string> Stems() {
  std::vector<std::string> stems;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".toml") stems.push_back(entry.path().stem().string());
  }
  std::ranges::sort(stems);
  return stems;
}

class PolicyErrorsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(PolicyErrorsTest, FindingsAreExact) {
  const std::string found = FindingsOf(kFolder / (GetParam() + ".toml"));
  const fs::path expected = kFolder / (GetParam() + ".expected");
  EXPECT_FALSE(found.empty()) << "nothing is wrong with this policy";
  if (std::getenv("HELOGUARD_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(expected, std::ios::binary) << found;
    FAIL() << "written anew: " << expected;
  }
  EXPECT_EQ(found, Contents(expected));
}

INSTANTIATE_TEST_SUITE_P(Golden, PolicyErrorsTest, ::testing::ValuesIn(Stems()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace heloguard
