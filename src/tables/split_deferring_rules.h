// What a rule asks of the Postfix tables it names, and its second half for lines that only defer (access_table.h).
#pragma once

#include <optional>
#include <vector>

#include "heloguard/policy/policy.h"

namespace heloguard {

// Sets which results each condition holds for, and whether a table may bring the reply. Warns of a condition that no
// line of its table can fulfil.
void AskTables(Rule* rule, Diagnostics* out);

// For a rule that rejects by a table in which some line defers: leaves to the rule what rejects, and gives the rest,
// with action tempfail. nullopt for any other rule, which stays as it is.
[[nodiscard]] std::optional<Rule> DeferringHalf(Rule* rule);
// The same for all of them: each second half follows its rule.
void DivideRules(std::vector<Rule>* rules);

}  // namespace heloguard
