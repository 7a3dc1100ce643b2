// From a policy and facts to a verdict: pure, with a trace of every rule.
//
// Three-valued: a condition is true, false or unknown. With unknowns there are several ways the session could come out,
// and the verdict is the least refusing of them: a refusal is given only if every way of settling the unknowns
// refuses. Unknown rules count as independent of each other, which can only make the verdict milder.
//
// Walk, in file order, over enabled and unexpired rules; observed rules are evaluated, listed and passed over:
//   accept, reject, tempfail   true: every way still open ends here. unknown: some way does; the others go on.
//                              unknown with on_unknown = "tempfail": no way is milder than a deferral from here on.
//   score                      true: added. unknown: added to the lower bound of the sum if negative (a credit that may
//                              be due withholds a refusal), to the upper one if positive.
//   note                       listed.
// At the end the thresholds judge the lower bound of the sum.
//
// While our own resolver is ill, what DNS says may be our own fault: rules that rest on a DNS fact and would refuse or
// charge are only observed; of those that accept or credit, one that DNS answers make false counts as unknown.
//
// The second half of a rule that the loader divided (access_table.h) is passed over where the first one holds.
//
// At a stage before a rule's own, the rule cannot refuse yet: it counts as "no answer now".
//
// Thread rule: pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "heloguard/facts/build_facts.h"
#include "heloguard/policy/policy.h"

namespace heloguard {

enum class Truth : std::uint8_t { kFalse, kTrue, kUnknown };
template <>
inline constexpr std::array<std::string_view, 3> EnumNames<Truth>{"false", "true", "unknown"};

// The line of a Postfix table that made a condition hold.
struct TableMatch {
  const AccessTable* table = nullptr;  // null: none
  const AccessLine* line = nullptr;
  std::string key;  // the name it was asked with; "" of a table of networks
};

// What became of one rule.
struct RuleTrace {
  enum class State : std::uint8_t { kEvaluated, kDisabled, kExpired, kNotReached };
  State state = State::kNotReached;
  Truth truth = Truth::kFalse;
  Mode mode = Mode::kEnforce;           // as it stood for this client (percent, observe)
  const Condition* decisive = nullptr;  // the condition that made it false or unknown; null if true
  bool by_unless = false;               // `decisive` stands in `unless`
  const Pattern* pattern = nullptr;     // a pattern that matched, if one did; of a table, the line as written
  TableMatch table;                     // of a rule that is true: whose reply it may give
};

struct Verdict {
  Outcome outcome = Outcome::kAccept;
  std::optional<std::size_t> rule;   // index of the rule that decided; nullopt: none, or the score did
  bool by_score = false;             // the thresholds decided
  bool deferred_unknown = false;     // tempfail because of on_unknown
  bool settled = true;               // no unknown could change the outcome: nothing is worth waiting for
  bool settled_throughout = true;    // nor at any stage at which the policy may refuse: nothing is worth asking for.
                                     // As if the resolver were well: what is asked shows when it is well again
  Outcome worst = Outcome::kAccept;  // the most refusing way of settling the unknowns
  double score = 0;                  // sum of the enforced score rules that are true
  double lowest_score = 0;           // with every undecided credit granted: what the thresholds judge
  std::vector<RuleTrace> rules;      // one a rule, same index
  FactSet unknown;                   // unknown facts that left some rule undecided
  bool engine_gave_up = false;       // a pattern engine gave up and patterns were tried one by one
};

struct EvaluateOptions {
  Stage at = Stage::kRcpt;
  std::chrono::sys_days today;
  std::optional<IpAddress> client;  // for percent; nullopt counts as share 0
  bool resolver_ill = false;
};

[[nodiscard]] Verdict Evaluate(const Policy& policy, const Facts& facts, const EvaluateOptions& options);

// One condition alone; for tests and explanations. `pattern` and `gave_up` may be null.
[[nodiscard]] Truth EvaluateCondition(const Condition& condition, const Fact& fact, const Pattern** pattern,
                                      bool* gave_up);

}  // namespace heloguard
