// Policies of very many rules, lists and patterns load in a time that grows with their size. ctest's limit holds that:
// a step that grows with the square takes minutes here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "adapters/toml/policy_reader.h"

namespace heloguard {
namespace {

constexpr int kRules = 20'000;

std::string Address(int i) {
  return "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255);
}

std::string Many(int count, const std::function<std::string(int)>& each) {
  std::string text = "schema = 1\npolicy.score.reject = 1e6\n";
  for (int i = 0; i < count; ++i) text += each(i);
  return text;
}

std::string Rule(int i, const std::string& rest) { return "[[rule]]\nname = 'r" + std::to_string(i) + "'\n" + rest; }

std::string Rules(const std::function<std::string(int)>& rest) {
  return Many(kRules, [&rest](int i) { return Rule(i, rest(i)); });
}

LoadedPolicy Load(const std::string& text) {
  PolicyReadOptions options;
  options.known_good = {"mail-x1.big.example.com", "out.example.org"};
  return ReadPolicyText(text, ::testing::TempDir() + "large.toml", options);
}

// Loads with as many rules as there are; returns how often each kind of finding comes.
std::map<std::string, std::size_t> Findings(const std::string& text, std::size_t rules = kRules) {
  const LoadedPolicy loaded = Load(text);
  std::map<std::string, std::size_t> counts;
  for (const Diagnostic& each : loaded.diagnostics) ++counts[each.id];
  EXPECT_EQ(loaded.policy ? loaded.policy->rules.size() : 0, rules);
  return counts;
}

using Counts = std::map<std::string, std::size_t>;
const Counts kUnreachable{{"unreachable-threshold", 1}};

TEST(LargePolicyTest, RulesThatDecide) {
  EXPECT_EQ(Findings(Rules([](int i) {
              return "when.client.address = '" + Address(i) + "'\nwhen.rdns.status = 'fail'\naction = 'reject'\n";
            })),
            kUnreachable);
}

TEST(LargePolicyTest, RulesThatAreShadowed) {
  const Counts counts = Findings(Rules([](int i) {
    return i == 0 ? std::string("when.client.address = '10.0.0.0/8'\naction = 'accept'\n")
                  : "when.client.address = '" + Address(i) + "'\naction = 'reject'\n";
  }));
  EXPECT_EQ(counts, (Counts{{"unreachable-threshold", 1}, {"shadowed-rule", kRules - 1}}));
}

TEST(LargePolicyTest, RulesThatDifferInWhatExcuses) {
  EXPECT_EQ(Findings(Rules([](int i) {
              return "when.rdns.status = 'fail'\nunless.client.address = '" + Address(i) + "'\naction = 'reject'\n";
            })),
            kUnreachable);
}

TEST(LargePolicyTest, RulesWithListsOfTheirOwn) {
  EXPECT_EQ(Findings(Many(kRules,
                          [](int i) {
                            const std::string list = "l" + std::to_string(i);
                            return "[list." + list + "]\nclients = ['" + Address(i) + "']\n" +
                                   Rule(i, "when.client.address = '@" + list + "'\naction = 'reject'\n");
                          })),
            kUnreachable);
}

TEST(LargePolicyTest, RulesThatAddUp) {
  EXPECT_EQ(Findings(Rules([](int i) {
              return "when.helo.address = 'mismatch'\nwhen.client.port = " + std::to_string(i + 1) + "\nscore = 0.1\n";
            })),
            kUnreachable);
}

TEST(LargePolicyTest, RulesOfManyAlternatives) {
  const auto rule = [](int i) {
    std::string any;
    for (int j = 0; j < 1'000; ++j) any += "{ client.address = '" + Address(1'000 * i + j) + "' },\n";
    return Rule(i, "when.client.port = 25\nwhen.any = [" + any + "]\naction = 'reject'\n");
  };
  EXPECT_EQ(Findings(Many(20, rule), 20), kUnreachable);
}

TEST(LargePolicyTest, RulesThatReplaceOthers) {
  const std::string rules =
      Rules([](int i) { return "when.client.port = " + std::to_string(i + 1) + "\naction = 'note'\n"; });
  std::ofstream(::testing::TempDir() + "replaced.toml") << rules;
  EXPECT_EQ(Findings("include = 'replaced.toml'\n" + rules), kUnreachable);
}

TEST(LargePolicyTest, RulesThatNameNoList) {
  const LoadedPolicy loaded = Load(Many(3'000, [](int i) {
    const std::string number = std::to_string(i);
    return "[list.customer-list-" + number + "]\nclients = []\n" +
           Rule(i, "when.client.address = '@costumer-list-" + number + "'\naction = 'reject'\n");
  }));
  ASSERT_EQ(loaded.diagnostics.size(), 3'000U);
  EXPECT_THAT(loaded.diagnostics[2'321].error.message, ::testing::HasSubstr("did you mean \"customer-list-2321\"?"));
}

TEST(LargePolicyTest, ListsOfManyNetworks) {
  std::string clients;
  for (int i = 0; i < kRules; ++i) clients += "'" + Address(i) + "',\n";
  const std::string lists = "[list.a]\nclients = [" + clients + "]\n[list.b]\nclients = [" + clients + "]\n";
  const std::string rules = Rule(0, "when.client.address = '@a'\naction = 'reject'\n") +
                            Rule(1, "when.client.address = '@b'\naction = 'reject'\n");
  EXPECT_EQ(Findings("schema = 1\n" + lists + rules, 2), (Counts{{"shadowed-rule", 1}}));
}

TEST(LargePolicyTest, PatternsWithSamples) {
  std::ofstream file(::testing::TempDir() + "large.re2");
  for (int i = 0; i < kRules; ++i) {
    const std::string number = std::to_string(i);
    file << "^h" + number + "-[0-9a-f]+[.]dyn\n+ h" + number + "-5.dyn.example\n- h" + number + ".example\n";
  }
  file.close();
  const std::string list = "[list.l]\npatterns = 'large.re2'\n";
  EXPECT_EQ(Findings(list + Rule(0, "when.helo.name = '@l'\naction = 'reject'\n"), 1), Counts{});
}

}  // namespace
}  // namespace heloguard
