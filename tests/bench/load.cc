// How long large policies take to load, and whether that grows with their size alone: each kind in two sizes, one five
// times the other.
#include <array>
#include <cstdio>
#include <functional>
#include <string>

#include "adapters/toml/policy_reader.h"
#include "bench.h"
#include "measure.h"

namespace heloguard::bench {
namespace {

constexpr int kGrowth = 5;

std::string Address(int i) {
  return "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255);
}

std::string Rule(int i, const std::string& rest) {
  return "[[rule]]\nname = \"r" + std::to_string(i) + "\"\n" + rest + "action = \"reject\"\n";
}

std::string Pattern(int i) { return "'^h" + std::to_string(i) + "-[0-9a-f]+[.]dyn" + std::to_string(i % 977) + "[.]'"; }

std::string Repeated(int count, const std::function<std::string(int)>& each) {
  std::string text;
  for (int i = 0; i < count; ++i) text += each(i);
  return text;
}

std::string WithOneFact(int count) {
  return Repeated(count, [](int i) { return Rule(i, "when.client.address = \"" + Address(i) + "\"\n"); });
}

std::string WithTwoFacts(int count) {
  return Repeated(count, [](int i) {
    return Rule(i, "when.client.address = \"" + Address(i) + "\"\nwhen.rdns.status = [\"fail\", \"permerror\"]\n");
  });
}

std::string WithLists(int count) {
  return Repeated(count, [](int i) {
    const std::string list = "l" + std::to_string(i);
    return "[list." + list + "]\nclients = [\"" + Address(i) + "\"]\n" +
           Rule(i, "when.client.address = \"@" + list + "\"\n");
  });
}

std::string PatternsOfRules(int count) {
  return Repeated(count / 100, [](int i) {
    return Rule(i, "when.helo.name = [" + Repeated(100, [i](int j) { return Pattern(100 * i + j) + ",\n"; }) + "]\n");
  });
}

std::string PatternsOfOneRule(int count) {
  return Rule(0, "when.helo.name = [" + Repeated(count, [](int i) { return Pattern(i) + ",\n"; }) + "]\n");
}

struct Kind {
  const char* what;
  int count;  // of the larger
  std::string (*write)(int count);
};
constexpr std::array<Kind, 5> kKinds{{
    {"rules with one fact", 40'000, WithOneFact},
    {"rules with two facts", 40'000, WithTwoFacts},
    {"rules with a list of their own", 40'000, WithLists},
    {"patterns, 100 a rule", 100'000, PatternsOfRules},
    {"patterns in one rule", 100'000, PatternsOfOneRule},
}};

// Seconds of processor time, the median of three.
double TimeToLoad(const std::string& text) {
  std::vector<double> rounds;
  for (int round = 0; round < 3; ++round) {
    const Stopwatch watch;
    if (!ReadPolicyText(text, "load.toml", {}).policy) Fail("a large policy does not load");
    rounds.push_back(watch.ProcessorSeconds());
  }
  return Median(rounds);
}

}  // namespace

void RunLoad(const std::string& /*policies*/) {
  std::printf("%-32s %10s %8s %12s   %s\n", "a policy of", "count", "time", "each", "ratio to a fifth of them");
  for (const Kind& kind : kKinds) {
    const double few = TimeToLoad(kind.write(kind.count / kGrowth)) * kGrowth;
    const double many = TimeToLoad(kind.write(kind.count));
    std::printf("%-32s %10d %6.2f s %9.1f us   %.2f\n", kind.what, kind.count, many, many * 1e6 / kind.count,
                many / few);
  }
}

}  // namespace heloguard::bench
