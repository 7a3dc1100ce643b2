// Times patterns on names as they come: host names of large senders and the dial-up kind that patterns are made for.
// Knows nothing of lint. Thread rule: any thread. Tests: tests/cli/lint_test.py.
#include "app/lint/pattern_cost.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/shared/text.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

using Clock = std::chrono::steady_clock;

// Names of clients that patterns look for, beside those of large senders.
constexpr std::array<std::string_view, 8> kDialUp{"host-203-0-113-77.dyn.example.net",
                                                  "77.113.0.203.adsl.example.com",
                                                  "ip203.ip-0-113.eu",
                                                  "localhost",
                                                  "win-9ql4sdrb93l",
                                                  "user.example.org",
                                                  "[203.0.113.77]",
                                                  "static-77-113.example"};

constexpr std::size_t kRuns = 5;
constexpr std::chrono::milliseconds kRun{4};

template <class Match>
std::chrono::duration<double, std::nano> TimeEach(const std::vector<std::string>& names, Match match) {
  std::array<std::chrono::duration<double, std::nano>, kRuns> times{};
  for (const std::string& name : names) match(name);  // fills the caches of the engine
  for (auto& time : times) {
    std::size_t matched = 0;
    const auto begin = Clock::now();
    while (Clock::now() - begin < kRun) {
      for (const std::string& name : names) match(name);
      matched += names.size();
    }
    time = (Clock::now() - begin) / static_cast<double>(matched);
  }
  std::ranges::sort(times);
  return times[kRuns / 2];
}

class Measurement {
 public:
  explicit Measurement(const std::vector<std::string>& names) : names_(names) {
    names_.insert(names_.end(), kDialUp.begin(), kDialUp.end());
  }

  void Add(const std::string& what, const PatternSet& set) {
    const auto each = TimeEach(names_, [&set](const std::string& name) { static_cast<void>(set.Match(name)); });
    costs_.push_back({what, set.patterns().size(), set.parts() + set.alone().size(), each});
  }

  void Add(const std::string& what, const AccessTable& table) {
    const auto each = TimeEach(names_, [&table](const std::string& name) { static_cast<void>(table.Find(name)); });
    costs_.push_back({what, table.lines().size(), 1, each});
  }

  void AddAll(const std::string& what, const std::vector<Condition>& conditions) {
    for (const Condition& condition : conditions) {
      if (condition.patterns) Add(what, *condition.patterns);
    }
  }

  [[nodiscard]] std::vector<PatternCost> Take() { return std::move(costs_); }

 private:
  std::vector<std::string> names_;
  std::vector<PatternCost> costs_;
};

}  // namespace

std::vector<PatternCost> MeasurePatterns(const Policy& policy, const std::vector<std::string>& names) {
  Measurement measurement(names);
  for (const auto& [name, list] : policy.lists) {
    if (list->patterns) measurement.Add("@" + name, *list->patterns);
    if (list->table && list->table->kind() != TableKind::kCidr) measurement.Add("@" + name, *list->table);
  }
  for (const Rule& rule : policy.rules) {
    if (!rule.enabled || rule.second_half) continue;
    const std::string what = "rule " + rule.name;
    measurement.AddAll(what, rule.when);
    for (const auto& alternative : rule.any) measurement.AddAll(what, alternative);
    measurement.AddAll(what, rule.unless);
  }
  return measurement.Take();
}

std::string CostText(const std::vector<PatternCost>& costs) {
  if (costs.empty()) return "";
  std::size_t width = std::string_view("patterns of").size();
  for (const PatternCost& cost : costs) width = std::max(width, cost.what.size());
  const auto row = [width](const std::string& what, const std::string& count, const std::string& passes,
                           const std::string& each) {
    return "  " + Padded(what, width + 2) + Padded(count, 10) + Padded(passes, 8) + each + "\n";
  };
  std::string text = row("patterns of", "patterns", "passes", "ns a name");
  double sum = 0;
  for (const PatternCost& cost : costs) {
    text += row(cost.what, std::to_string(cost.patterns), std::to_string(cost.passes),
                NumberText(std::round(cost.each.count())));
    sum += cost.each.count();
  }
  return text + row("all", "", "", NumberText(std::round(sum)));
}

Json CostJson(const std::vector<PatternCost>& costs) {
  Json rows = Json::array();
  for (const PatternCost& cost : costs) {
    rows.push_back({{"of", EscapeBytes(cost.what)},
                    {"patterns", cost.patterns},
                    {"passes", cost.passes},
                    {"ns", std::round(cost.each.count())}});
  }
  return rows;
}

}  // namespace heloguard
