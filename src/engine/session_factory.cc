// Puts sessions together, and knows beforehand what one will ask. Knows no protocol.
// Tests: tests/unit/engine/session_factory_test.cc, tests/wire/negotiation_test.py.
#include "engine/session_factory.h"

#include <utility>

#include "heloguard/judge/authentication_results.h"

namespace heloguard {

SessionFactory::SessionFactory(Parts parts) : parts_(std::move(parts)) {}

SessionOptions SessionFactory::OptionsFor(WritesResults results) const {
  SessionOptions options = parts_.options;
  if (results == WritesResults::kNo) return options;
  options.owed_facts = options.owed_facts | FactsOwedToResults();
  options.extra_facts = options.extra_facts | FactsShownInResults();
  return options;
}

bool SessionFactory::WantsLookups(const Policy& policy, WritesResults results) const {
  if (parts_.services.resolver == nullptr) return false;
  const SessionOptions options = OptionsFor(results);  // as sessions read them
  if (!LookupsFor(options.owed_facts).empty()) return true;
  return !(options.full_evidence ? LookupsFor(policy.facts | options.extra_facts) : LookupsOf(policy)).empty();
}

std::unique_ptr<Session> SessionFactory::Open(std::shared_ptr<const Policy> policy, WritesResults results,
                                              std::function<void()> ready) const {
  return std::make_unique<Session>(parts_.new_id(), std::move(policy), parts_.services, OptionsFor(results),
                                   std::move(ready));
}

}  // namespace heloguard
