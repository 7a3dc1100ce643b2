// Rules nothing can reach: what the search finds is what comparing every rule with every earlier one would find.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "adapters/toml/policy_reader.h"

namespace heloguard {
namespace {

// --- the definition, written out ---

bool Names(const Condition& condition, const std::shared_ptr<const List>& list) {
  return std::ranges::find(condition.lists, list) != condition.lists.end();
}

std::vector<IpNetwork> NetworksOf(const Condition& condition) {
  std::vector<IpNetwork> networks = condition.networks;
  for (const auto& list : condition.lists) {
    networks.insert(networks.end(), list->clients.begin(), list->clients.end());
  }
  return networks;
}

std::vector<std::string> TextsOf(const Condition& condition) {
  std::vector<std::string> texts;
  if (!condition.patterns) return texts;
  for (const Pattern& each : condition.patterns->patterns()) texts.push_back(each.text);
  return texts;
}

bool Implies(const Condition& inner, const Condition& outer) {
  if (inner.fact != outer.fact) return false;
  const bool address = SpecOf(inner.fact).type == FactType::kAddress;
  for (const auto& list : inner.lists) {
    const bool named = Names(outer, list);
    if (list->table && (!named || !(inner.results - outer.results).empty())) return false;
    if (!address && !named) return false;
  }
  const auto wide = NetworksOf(outer);
  for (const IpNetwork& network : NetworksOf(inner)) {
    if (std::ranges::none_of(wide, [&](const IpNetwork& each) { return each.Contains(network); })) return false;
  }
  for (const std::uint16_t port : inner.ports) {
    if (std::ranges::find(outer.ports, port) == outer.ports.end()) return false;
  }
  const auto texts = TextsOf(outer);
  for (const std::string& text : TextsOf(inner)) {
    if (std::ranges::find(texts, text) == texts.end()) return false;
  }
  return (inner.mask & ~outer.mask) == 0;
}

std::vector<std::vector<Condition>> WaysOf(const Rule& rule) {
  if (rule.any.empty()) return {rule.when};
  std::vector<std::vector<Condition>> ways;
  for (const auto& alternative : rule.any) {
    ways.push_back(rule.when);
    ways.back().insert(ways.back().end(), alternative.begin(), alternative.end());
  }
  return ways;
}

bool AllImplied(const std::vector<Condition>& given, const std::vector<Condition>& wanted) {
  return std::ranges::all_of(wanted, [&](const Condition& want) {
    return std::ranges::any_of(given, [&](const Condition& each) { return Implies(each, want); });
  });
}

bool Shadows(const Rule& earlier, const Rule& later) {
  const bool always = earlier.enabled && earlier.mode == Mode::kEnforce && !earlier.percent && !earlier.until;
  if (!always || !SpecOf(earlier.action).decides) return false;
  if (later.defer_if_unknown && !earlier.defer_if_unknown) return false;
  for (const Condition& excuse : earlier.unless) {
    if (std::ranges::none_of(later.unless, [&](const Condition& each) { return Implies(excuse, each); })) return false;
  }
  const auto wider = WaysOf(earlier);
  return std::ranges::all_of(WaysOf(later), [&](const auto& narrow) {
    return std::ranges::any_of(wider, [&](const auto& wide) { return AllImplied(narrow, wide); });
  });
}

// By the line of each shadowed rule, the first that shadows it.
std::map<std::uint32_t, std::string> Expected(const Policy& policy) {
  std::map<std::uint32_t, std::string> found;
  const auto& rules = policy.rules;
  const auto shadow_of = [&rules](std::size_t later) -> const Rule* {
    for (std::size_t i = 0; i < later; ++i) {
      if (Shadows(rules[i], rules[later])) return &rules[i];
    }
    return nullptr;
  };
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!rules[i].enabled || rules[i].second_half) continue;
    const Rule* shadow = shadow_of(i);
    const bool divided = i + 1 < rules.size() && rules[i + 1].second_half;
    if (shadow == nullptr || (divided && shadow_of(i + 1) == nullptr)) continue;
    found[rules[i].where.line] = shadow->name;
  }
  return found;
}

// --- policies made by chance, of values that have something to do with one another ---

class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string Policy() {
    std::string text = R"(schema = 1
[list.wide]
clients = ["10.0.0.0/8", "192.0.2.0/24", "2001:db8::/32"]
[list.narrow]
clients = ["10.0.0.0/9", "192.0.2.128/25"]
[list.many]
clients = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7", "10.0.0.8", "10.1.0.0/16"]
[list.empty]
clients = []
[list.names]
names = ["a.example"]
[list.other]
names = [".example"]
[list.cidr]
postfix = "cidr:shadow.cidr"
[list.pcre]
postfix = "pcre:shadow.pcre"
)";
    const int count = 2 + Pick(30);
    for (int i = 0; i < count; ++i) text += Rule(i);
    return text;
  }

 private:
  int Pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

  std::string Some(const std::vector<std::string>& values) {
    std::string text = "[" + values[static_cast<std::size_t>(Pick(static_cast<int>(values.size())))];
    while (Pick(3) == 0) text += ", " + values[static_cast<std::size_t>(Pick(static_cast<int>(values.size())))];
    return text + "]";
  }

  std::string Value(int fact) {
    switch (fact) {
      case 0:
        return "client.address = " +
               Some({"'10.0.0.0/8'", "'10.1.0.0/16'", "'10.0.0.3'", "'192.0.2.200'", "'0.0.0.0/0'", "'2001:db8:1::/48'",
                     "'::/0'", "'@wide'", "'@narrow'", "'@many'", "'@empty'", "'@cidr'"});
      case 1:
        return "helo.name = " + Some({"'^a[.]'", "'^b[.]'", "'^c[.]'", "'@names'", "'@other'", "'@pcre'"});
      case 2:
        return "client.port = " + Some({"25", "26", "27"});
      case 3:
        return "helo.kind = " + Some({"'malformed'", "'bare-ipv4'", "'fqdn'"});
      default:
        return "client.tls = " + Some({"true", "false"});
    }
  }

  // Each fact at most once.
  std::vector<std::string> Conditions(int most) {
    std::vector<std::string> conditions;
    for (int fact = 0; fact < 5 && static_cast<int>(conditions.size()) < most; ++fact) {
      if (Pick(3) == 0) conditions.push_back(Value(fact));
    }
    return conditions;
  }

  std::string Rule(int number) {
    std::string text = "[[rule]]\nname = 'r" + std::to_string(number) + "'\n";
    for (const std::string& each : Conditions(3)) text += "when." + each + "\n";
    if (Pick(4) == 0) {
      std::string any;
      for (int ways = 1 + Pick(3); ways > 0; --ways) {
        std::string inside = Value(Pick(2));
        if (Pick(2) == 0) inside += ", " + Value(2 + Pick(3));
        any += (any.empty() ? "{ " : ", { ") + inside + " }";
      }
      text += "when.any = [" + any + "]\n";
    }
    if (Pick(10) == 0) {
      text += "unless.client.address = '@empty'\n";
    } else if (Pick(3) == 0) {
      for (const std::string& each : Conditions(2)) text += "unless." + each + "\n";
    }
    const std::vector<std::string> actions{"'accept'", "'reject'", "'reject'", "'tempfail'", "'note'"};
    text += "action = " + actions[static_cast<std::size_t>(Pick(5))] + "\n";
    const std::vector<std::string> more{"mode = 'observe'\n", "percent = 50\n", "enabled = false\n",
                                        "until = 2030-01-01\n"};
    if (Pick(5) == 0) text += more[static_cast<std::size_t>(Pick(4))];
    return text;
  }

  std::mt19937 random_;
};

class ShadowedRulesTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    WriteFile("shadow.cidr", "10.0.0.0/8 REJECT\n192.0.2.0/24 OK\n198.51.100.0/24 450 4.7.1 later\n");
    WriteFile("shadow.pcre", "/^a/ OK\n/^b/ REJECT\n/^c/ 450 4.7.1 later\n");
  }

  static LoadedPolicy Load(const std::string& text) {
    PolicyReadOptions options;
    options.today = std::chrono::year{2026} / std::chrono::June / 15;
    return ReadPolicyText(text, ::testing::TempDir() + "shadow.toml", options);
  }

  static std::map<std::uint32_t, std::string> Found(const LoadedPolicy& loaded) {
    std::map<std::uint32_t, std::string> found;
    for (const Diagnostic& each : loaded.diagnostics) {
      if (each.id != "shadowed-rule") continue;
      const std::string_view begin = "reached: rule \"";
      const std::size_t at = each.error.message.find(begin) + begin.size();
      found[each.error.where.line] = each.error.message.substr(at, each.error.message.find('"', at) - at);
    }
    return found;
  }

 private:
  static void WriteFile(const std::string& name, const std::string& text) {
    std::ofstream(::testing::TempDir() + name) << text;
  }
};

TEST_F(ShadowedRulesTest, AgreesWithComparingAll) {
  std::size_t shadowed = 0, rules = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    const std::string text = Writer(seed).Policy();
    const LoadedPolicy loaded = Load(text);
    ASSERT_TRUE(loaded.policy) << text << loaded.diagnostics.front().error.ToString();
    const auto expected = Expected(*loaded.policy);
    ASSERT_EQ(Found(loaded), expected) << text;
    shadowed += expected.size();
    rules += loaded.policy->rules.size();
  }
  EXPECT_GT(shadowed, rules / 10);
  EXPECT_LT(shadowed, rules / 2);
}

}  // namespace
}  // namespace heloguard
