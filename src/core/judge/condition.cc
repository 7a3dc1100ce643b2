// One condition against one fact (rule_truth.h). Pure. Tests: tests/unit/core/judge/evaluate_test.cc.
#include <algorithm>

#include "core/judge/rule_truth.h"
#include "heloguard/base/escape.h"
#include "heloguard/base/public_suffix.h"

namespace heloguard {
namespace {

class Matcher {
 public:
  Matcher(const Condition& condition, NameParts* parts, ConditionMatch* match)
      : condition_(condition), parts_(parts), match_(match) {}

  bool Address(const IpAddress& address) const {
    return Holds(condition_.networks, address) || std::ranges::any_of(condition_.lists, [&](const auto& list) {
             return Holds(list->clients, address) ||
                    (list->table && Took(*list->table, list->table->Find(address), ""));
           });
  }

  bool AnyName(const std::vector<std::string>& names) const {
    return std::ranges::any_of(names, [&](const std::string& name) {
      if (condition_.patterns && Patterns(*condition_.patterns, name)) return true;
      return std::ranges::any_of(condition_.lists, [&](const auto& list) { return InList(*list, name); });
    });
  }

 private:
  static bool Holds(const std::vector<IpNetwork>& networks, const IpAddress& address) {
    return std::ranges::any_of(networks, [&](const IpNetwork& network) { return network.Contains(address); });
  }

  bool Patterns(const PatternSet& set, const std::string& text) const {
    if (text.empty()) return false;
    const PatternSet::Hit hit = set.Match(text);
    if (hit.fell_back) match_->gave_up = true;
    if (hit.pattern != nullptr) match_->pattern = hit.pattern;
    return hit.pattern != nullptr;
  }

  bool InList(const List& list, const std::string& name) const {
    if (std::ranges::find(list.names, name) != list.names.end()) return true;
    const auto below = [&](const std::string& suffix) { return name.size() > suffix.size() && name.ends_with(suffix); };
    if (std::ranges::any_of(list.suffixes, below)) return true;
    if (!list.patterns && !list.table) return false;
    const std::string& part = list.part == NamePart::kName ? name : parts_->Of(name, list.part);
    if (list.patterns && Patterns(*list.patterns, part)) return true;
    if (!list.table) return false;
    const std::string said = UnescapeBytes(part);  // Postfix sees the octets themselves
    return Took(*list.table, list.table->Find(said), said);
  }

  // Whether what the table gave is what the condition asks for.
  bool Took(const AccessTable& table, const AccessTable::Hit& hit, const std::string& key) const {
    if (hit.fell_back) match_->gave_up = true;
    if (!condition_.results.Has(hit.what())) return false;
    match_->pattern = &hit.line->matcher.written;
    match_->table = {&table, hit.line, key};
    return true;
  }

  const Condition& condition_;
  NameParts* parts_;
  ConditionMatch* match_;
};

bool Matches(const Condition& condition, const Fact& fact, NameParts* parts, ConditionMatch* match) {
  const Matcher matcher(condition, parts, match);
  switch (SpecOf(condition.fact).type) {
    case FactType::kAddress:
      return matcher.Address(fact.address());
    case FactType::kPort:
      return std::ranges::find(condition.ports, fact.number()) != condition.ports.end();
    case FactType::kBool:
    case FactType::kEnum:
    case FactType::kSet:
      return (condition.mask & fact.number()) != 0;
    case FactType::kNames:
      return matcher.AnyName(fact.names());
  }
  return false;
}

}  // namespace

std::string PartOf(const std::string& name, NamePart part) {
  if (part == NamePart::kName) return name;
  const auto domain = DomainName::FromText(name);
  if (!domain || name.find_first_of("[]:") != std::string::npos || IpAddress::Parse(name)) return "";
  if (part == NamePart::kHost) return HostPart(*domain);
  const auto organization = OrganizationalDomain(*domain);
  return organization ? organization->ToText() : "";
}

const std::string& NameParts::Of(const std::string& name, NamePart part) {
  const auto known =
      std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.part == part && entry.name == name; });
  if (known != entries_.end()) return known->text;
  return entries_.emplace_back(Entry{name, part, PartOf(name, part)}).text;
}

Truth TestCondition(const Condition& condition, const Fact& fact, NameParts* parts, ConditionMatch* match) {
  switch (fact.state()) {
    case FactState::kUnknown:
      return Truth::kUnknown;
    case FactState::kNotApplicable:
      return Truth::kFalse;
    case FactState::kKnown:
    case FactState::kTransient:
      break;
  }
  if (Matches(condition, fact, parts, match)) return Truth::kTrue;
  return fact.state() == FactState::kTransient ? Truth::kUnknown : Truth::kFalse;
}

Truth EvaluateCondition(const Condition& condition, const Fact& fact, const Pattern** pattern, bool* gave_up) {
  ConditionMatch match;
  NameParts parts;
  const Truth truth = TestCondition(condition, fact, &parts, &match);
  if (pattern != nullptr && match.pattern != nullptr) *pattern = match.pattern;
  if (gave_up != nullptr && match.gave_up) *gave_up = true;
  return truth;
}

}  // namespace heloguard
