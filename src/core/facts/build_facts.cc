// Facts from inputs and answers: walks the table. Knows no fact by name. Tests: tests/unit/core/facts/.
#include "heloguard/facts/build_facts.h"

namespace heloguard {

Facts BuildFacts(FactSet wanted, const SessionInputs& inputs, const DnsAnswers& answers) {
  const RdnsEvidence rdns = AssessRdns(inputs, answers);
  return BuildFacts(wanted, {inputs, answers, rdns});
}

Facts BuildFacts(FactSet wanted, const FactContext& context) {
  Facts facts;
  for (const FactSpec& spec : FactTable()) {
    if (wanted.Has(spec.id)) facts.Set(spec.id, spec.compute(context));
  }
  return facts;
}

std::vector<std::string> ValueTexts(const FactSpec& spec, const Fact& fact) {
  switch (spec.type) {
    case FactType::kAddress:
      return {fact.address().ToString()};
    case FactType::kPort:
      return {std::to_string(fact.number())};
    case FactType::kNames:
      return fact.names();
    case FactType::kBool:
    case FactType::kEnum:
    case FactType::kSet:
      break;
  }
  std::vector<std::string> words;
  for (std::size_t i = 0; i < spec.values.size(); ++i) {
    if ((fact.number() >> i & 1U) != 0) words.emplace_back(spec.values[i]);
  }
  return words;
}

}  // namespace heloguard
