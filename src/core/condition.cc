// One condition against one fact. Pure. Tests: tests/unit/core/evaluate_test.cc.
#include <algorithm>

#include "heloguard/evaluate.h"

namespace heloguard {
namespace {

// What a list's `part` makes of a name. An address, bare or in brackets, is no domain name and has neither host part
// nor domain; neither has a name that is its own organisation a host part. Nothing matches an empty part.
std::string PartOf(const std::string& name, NamePart part) {
  if (part == NamePart::kName) return name;
  const auto domain = DomainName::FromText(name);
  if (!domain || name.find_first_of("[]:") != std::string::npos || IpAddress::Parse(name)) return "";
  if (part == NamePart::kHost) return HostPart(*domain);
  const auto organization = OrganizationalDomain(*domain);
  return organization ? organization->ToText() : "";
}

class NameMatch {
 public:
  NameMatch(const Pattern** pattern, bool* gave_up) : pattern_(pattern), gave_up_(gave_up) {}

  bool Patterns(const PatternSet& set, const std::string& text) const {
    if (text.empty()) return false;
    const PatternSet::Hit hit = set.Match(text);
    if (hit.fell_back && gave_up_ != nullptr) *gave_up_ = true;
    if (hit.pattern != nullptr && pattern_ != nullptr) *pattern_ = hit.pattern;
    return hit.pattern != nullptr;
  }

  bool InList(const List& list, const std::string& name) const {
    if (std::ranges::find(list.names, name) != list.names.end()) return true;
    const auto below = [&](const std::string& suffix) { return name.size() > suffix.size() && name.ends_with(suffix); };
    if (std::ranges::any_of(list.suffixes, below)) return true;
    return list.patterns && Patterns(*list.patterns, PartOf(name, list.part));
  }

  bool Any(const Condition& condition, const std::vector<std::string>& names) const {
    return std::ranges::any_of(names, [&](const std::string& name) {
      if (condition.patterns && Patterns(*condition.patterns, name)) return true;
      return std::ranges::any_of(condition.lists, [&](const auto& list) { return InList(*list, name); });
    });
  }

 private:
  const Pattern** pattern_;
  bool* gave_up_;
};

bool AddressMatches(const Condition& condition, const IpAddress& address) {
  const auto holds = [&](const std::vector<IpNetwork>& networks) {
    return std::ranges::any_of(networks, [&](const IpNetwork& network) { return network.Contains(address); });
  };
  return holds(condition.networks) ||
         std::ranges::any_of(condition.lists, [&](const auto& list) { return holds(list->clients); });
}

bool Matches(const Condition& condition, const Fact& fact, const NameMatch& names) {
  switch (SpecOf(condition.fact).type) {
    case FactType::kAddress:
      return AddressMatches(condition, fact.address());
    case FactType::kPort:
      return std::ranges::find(condition.ports, fact.number()) != condition.ports.end();
    case FactType::kBool:
    case FactType::kEnum:
    case FactType::kSet:
      return (condition.mask & fact.number()) != 0;
    case FactType::kNames:
      return names.Any(condition, fact.names());
  }
  return false;
}

}  // namespace

Truth EvaluateCondition(const Condition& condition, const Fact& fact, const Pattern** pattern, bool* gave_up) {
  switch (fact.state()) {
    case FactState::kUnknown:
      return Truth::kUnknown;
    case FactState::kNotApplicable:
      return Truth::kFalse;
    case FactState::kKnown:
    case FactState::kTransient:
      break;
  }
  if (Matches(condition, fact, NameMatch(pattern, gave_up))) return Truth::kTrue;
  return fact.state() == FactState::kTransient ? Truth::kUnknown : Truth::kFalse;
}

}  // namespace heloguard
