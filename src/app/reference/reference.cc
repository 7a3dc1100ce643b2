// Prints the tables of facts, actions, settings, metrics and commands as Markdown. One row a page; a page's row is a
// table's row. Pure. Tests: the ctest label docs compares docs/reference with these pages.
#include "app/reference/reference.h"

#include <algorithm>
#include <array>

#include "adapters/metrics/metrics.h"
#include "app/cli.h"
#include "app/reference/markdown.h"
#include "heloguard/facts/fact.h"
#include "heloguard/policy/action.h"
#include "heloguard/settings.h"

namespace heloguard {
namespace {

std::string ValueCell(const FactSpec& spec) {
  std::string cell;
  for (const std::string_view value : spec.values) cell += (cell.empty() ? "" : " ") + Code(value);
  return cell.empty() ? ValuesText(spec) : cell;
}

std::string FactsPage() {
  std::string page = PageHead("Facts", "facts") +
                     "\nWhat can be known about a session. A rule names facts in `when` and `unless`; a fact is asked "
                     "for only if a rule of the policy names it. *Needs* is what it costs: DNS lookups, or a macro the "
                     "mail server has to send. A `set` holds any number of its words, and a condition holds if one of "
                     "them is named.\n" +
                     TableHead({"fact", "type", "values", "known from", "needs", "what it says"});
  for (const FactSpec& spec : FactTable()) {
    page += Row({Code(spec.name), std::string(NameOf(spec.type)), ValueCell(spec), std::string(NameOf(spec.known_from)),
                 Cell(spec.needs), Cell(spec.help)});
  }
  return page;
}

std::string ActionsPage() {
  std::string page = PageHead("Actions", "actions") +
                     "\nWhat a rule can do. An action that decides ends the walk through the rules.\n" +
                     TableHead({"action", "decides", "verdict", "what it does"});
  for (const ActionSpec& spec : ActionTable()) {
    page += Row({Code(spec.name), spec.decides ? "yes" : "no", spec.outcome ? Code(NameOf(*spec.outcome)) : "",
                 Cell(spec.help)});
  }
  return page;
}

std::string SettingsPage() {
  std::string page = PageHead("Settings", "settings") +
                     "\nThe daemon's configuration, `heloguard.toml`. Durations are strings with a unit (`\"4s\"`, "
                     "`\"300ms\"`), sizes too (`\"64MiB\"`), modes octal strings, servers `\"ADDRESS\"` or "
                     "`\"ADDRESS@PORT\"`. A sample file with every default: `heloguard serve --print-defaults`.\n";
  std::string_view section;
  for (const SettingSpec& spec : SettingTable()) {
    if (spec.section != section) {
      section = spec.section;
      page += "\n## [" + std::string(section) + "]\n" +
              TableHead({"setting", "default", "values", "reload applies it", "what it does"});
    }
    page +=
        Row({Code(spec.key), Code(spec.DefaultText()), Cell(spec.range), spec.reload ? "yes" : "no", Cell(spec.help)});
  }
  return page;
}

std::string MetricsPage() {
  std::string page =
      PageHead("Metrics", "metrics") +
      "\nServed as `/metrics` in Prometheus' text format at the address of `[metrics] listen`; `/healthz` "
      "is 200 while the milter socket answers and 503 when it does not. Label values are words of these pages and "
      "names of rules, never "
      "anything a client sends.\n" +
      TableHead({"metric", "type", "labels", "what it says"});
  for (const MetricSpec& spec : MetricTable()) {
    std::string labels;
    for (const std::string_view label : spec.labels) labels += (labels.empty() ? "" : " ") + Code(label);
    page += Row({Code(spec.name), std::string(NameOf(spec.type)), labels, Cell(spec.help)});
  }
  return page;
}

struct Page {
  std::string_view name;
  std::string (*print)();
};
constexpr std::array<Page, 5> kPages{{{"facts", FactsPage},
                                      {"actions", ActionsPage},
                                      {"settings", SettingsPage},
                                      {"metrics", MetricsPage},
                                      {"commands", CommandsPage}}};

}  // namespace

std::vector<std::string_view> ReferencePages() {
  std::vector<std::string_view> names;
  names.reserve(kPages.size());
  for (const Page& page : kPages) names.push_back(page.name);
  return names;
}

std::optional<std::string> ReferencePage(std::string_view name) {
  const auto* page = std::ranges::find(kPages, name, &Page::name);
  if (page == kPages.end()) return std::nullopt;
  return page->print();
}

std::string ValuesText(const FactSpec& spec) {
  switch (spec.type) {
    case FactType::kAddress:
      return "address, CIDR block, @list";
    case FactType::kPort:
      return "1 to 65535";
    case FactType::kNames:
      return "RE2 pattern, @list";
    case FactType::kBool:
    case FactType::kEnum:
    case FactType::kSet:
      break;
  }
  std::string text;
  for (const std::string_view value : spec.values) text += (text.empty() ? "" : ", ") + std::string(value);
  return text;
}

}  // namespace heloguard
