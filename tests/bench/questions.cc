// Questions by policy and kind of client, counted on scripted DNS: no time is measured, so these figures are the same
// everywhere. What a client's two parts ask alike (the address of the HELO name that is the PTR name as well) counts
// once, as it leaves the resolver once.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "bench.h"
#include "clients.h"
#include "measure.h"

namespace heloguard::bench {
namespace {

using NamedPolicy = std::pair<std::string, std::shared_ptr<const Policy>>;

std::vector<NamedPolicy> PoliciesToCount(const std::string& folder) {
  std::vector<NamedPolicy> policies{
      {"every DNS fact (baseline)", PolicyOnEverything()},
      {"reverse DNS only", PolicyOf("[[rule]]\nname = 'r'\nwhen.rdns.status = 'fail'\naction = 'reject'\n")},
      {"HELO text only", PolicyOf("[[rule]]\nname = 'r'\nwhen.helo.kind = 'bare-ipv4'\naction = 'reject'\n")},
  };
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() == ".toml") files.push_back(file.path());
  }
  std::ranges::sort(files);
  for (const auto& file : files) policies.emplace_back(file.filename().string(), LoadPolicy(file.string()));
  return policies;
}

}  // namespace

void RunQuestions(const std::string& policies) {
  const std::vector<NamedPolicy> all = PoliciesToCount(policies);
  for (const ClientKindRow& row : kClientKinds) std::printf("  %-14s %s\n", row.name, row.about);
  std::printf("%-26s", "policy");
  for (const ClientKindRow& row : kClientKinds) std::printf(" %15s", row.name);
  std::printf("\n");
  for (const auto& [name, policy] : all) {
    std::printf("%-26s", name.c_str());
    for (const ClientKindRow& row : kClientKinds) {
      const Client client = MakeClient(row.kind, 0);
      const auto count = static_cast<double>(QuestionsOf(policy, client).size());
      const auto baseline = static_cast<double>(QuestionsOf(all.front().second, client).size());
      std::printf(" %8.0f (%.2f)", count, count / baseline);
    }
    std::printf("\n");
  }
}

}  // namespace heloguard::bench
