// What judging costs, topic by topic, beside baselines of the same run: absolute figures move from machine to machine,
// the ratios hold. No network but loopback. script/bench runs it; docs/performance.md keeps the figures.
// Usage: heloguard_bench POLICIES [TOPIC...]
#include "bench.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace heloguard::bench {
namespace {

struct Topic {
  std::string_view name;
  const char* title;
  void (*run)(const std::string& policies);
};
constexpr std::array<Topic, 7> kTopics{{
    {"steps", "What the steps of a judgement take, on one core, without DNS", RunSteps},
    {"load", "How long large policies take to load, and how that grows with their size", RunLoad},
    {"questions", "How many different DNS questions a cold session puts", RunQuestions},
    {"waits", "How long a cold session waits for DNS, against the same lookups one after another", RunWaits},
    {"warm", "Sessions a second of clients known already, with and without the evidence cache", RunWarm},
    {"library", "libunbound's three ways to a cached answer, and ours on top of one of them", RunLibrary},
    {"replay", "How fast mail logs are read and judged, on one core", RunReplay},
}};

int Usage() {
  std::fprintf(stderr, "usage: heloguard_bench POLICIES [TOPIC...]\n");
  for (const Topic& topic : kTopics) {
    std::fprintf(stderr, "  %-10.*s %s\n", static_cast<int>(topic.name.size()), topic.name.data(), topic.title);
  }
  return 64;
}

int Main(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return Usage();
  const std::vector<std::string> wanted(arguments.begin() + 1, arguments.end());
  for (const std::string& name : wanted) {
    if (std::ranges::find(kTopics, name, &Topic::name) == kTopics.end()) return Usage();
  }
  for (const Topic& topic : kTopics) {
    if (!wanted.empty() && std::ranges::find(wanted, topic.name) == wanted.end()) continue;
    std::printf("== %s\n", topic.title);
    topic.run(arguments[0]);
    std::printf("\n");
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace heloguard::bench

int main(int argc, char** argv) { return heloguard::bench::Main({argv + 1, argv + argc}); }
