// The fact table, put together from its topics. Tests: tests/unit/core/facts/,
// tests/unit/adapters/toml/condition_reader_test.cc.
#include <algorithm>
#include <array>

#include "core/facts/fact_rows.h"
#include "heloguard/facts/fact.h"

namespace heloguard {
namespace {

std::vector<FactSpec> Collect() {
  std::vector<FactSpec> all;
  for (std::span<const FactSpec> topic :
       {ClientFacts(), HeloSyntaxFacts(), HeloTraitFacts(), HeloLiteralFacts(), ForwardDnsFacts(), RdnsFacts(),
        SpfFacts()}) {
    all.insert(all.end(), topic.begin(), topic.end());
  }
  std::ranges::sort(all, {}, &FactSpec::id);
  return all;
}

}  // namespace

std::span<const FactSpec> FactTable() {
  static const std::vector<FactSpec> table = Collect();
  return table;
}

const FactSpec& SpecOf(FactId id) { return FactTable()[static_cast<std::size_t>(id)]; }

const FactSpec* FindFact(std::string_view name) {
  const auto table = FactTable();
  const auto it = std::ranges::find(table, name, &FactSpec::name);
  return it == table.end() ? nullptr : &*it;
}

LookupSet LookupsFor(FactSet facts) {
  LookupSet lookups;
  for (const FactSpec& spec : FactTable()) {
    if (facts.Has(spec.id)) lookups = lookups | spec.lookups;
  }
  return WithPrerequisites(lookups);
}

}  // namespace heloguard
