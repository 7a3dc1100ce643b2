// Any bytes as a .cases file: reading ends and says where each problem is in one printable line; what reads without an
// error runs, and every case passes or fails.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "adapters/cases/cases.h"
#include "adapters/toml/policy_reader.h"

namespace heloguard {
namespace {

constexpr std::size_t kMaxText = 16 * 1024;

// abort(), unlike assert(), in release builds too.
void Require(bool holds) {
  if (!holds) std::abort();
}

bool IsPrintable(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::shared_ptr<const Policy> SamplePolicy() {
  constexpr const char* kText = R"(
schema = 1
[policy]
score = { tempfail = 1.0, reject = 2.0 }
[[rule]]
name = "early"
when.helo.kind = "bare-ipv4"
stage = "helo"
action = "reject"
[[rule]]
name = "dns"
when.rdns.status = ["fail", "permerror", "temperror"]
when.helo.address = ["mismatch", "nxdomain", "temperror", "bogus"]
action = "tempfail"
[[rule]]
name = "score"
when.helo.flaws = ["underscore", "bad-character", "control-character"]
unless.helo.mx = "present"
score = 1.5
)";
  PolicyReadOptions options;
  options.today = std::chrono::year{2026} / std::chrono::January / 1;
  LoadedPolicy loaded = ReadPolicyText(kText, "sample.toml", options);
  Require(loaded.policy != nullptr);
  return std::move(loaded.policy);
}

void TryCases(const std::string& text) {
  static const std::shared_ptr<const Policy> policy = SamplePolicy();
  const CasesFile file = ReadCases(text, "fuzz.cases");
  const CasesResult result = RunCases(file, policy);
  for (const Diagnostic& found : result.diagnostics) {
    Require(!found.error.message.empty() && IsPrintable(found.error.message));
    Require(found.error.where.line > 0 && found.error.where.column > 0);
  }
  for (const CaseFailure& failure : result.failures) {
    Require(IsPrintable(failure.line) && IsPrintable(failure.expected) && IsPrintable(failure.got));
  }
  const std::size_t judged = result.passed + result.failures.size();
  Require(judged == (HasErrors(result.diagnostics) ? 0 : file.cases.size()));
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  heloguard::TryCases(std::string(reinterpret_cast<const char*>(data), std::min(size, heloguard::kMaxText)));
  return 0;
}
