// Whether a rule's conditions hold: true, false or unknown, and which condition made it so.
#pragma once

#include <list>

#include "heloguard/judge/evaluate.h"

namespace heloguard {

// What made a condition hold, or several.
struct ConditionMatch {
  const Pattern* pattern = nullptr;
  TableMatch table;
  bool gave_up = false;  // a pattern engine did
};

// What a list's `part` makes of a name (condition.cc). An address, bare or in brackets, is no domain name and has
// neither host part nor domain; neither has a name that is its own organisation a host part. Nothing matches an empty
// part.
[[nodiscard]] std::string PartOf(const std::string& name, NamePart part);

// The parts of one session's names, each worked out once however many lists look at it.
class NameParts {
 public:
  [[nodiscard]] const std::string& Of(const std::string& name, NamePart part);

 private:
  struct Entry {
    std::string name;
    NamePart part;
    std::string text;
  };
  std::list<Entry> entries_;  // what Of returned stays where it is
};

// One condition against one fact (condition.cc).
[[nodiscard]] Truth TestCondition(const Condition& condition, const Fact& fact, NameParts* parts,
                                  ConditionMatch* match);

// Whether a rule holds, and why. The same at every stage and for every client.
struct RuleTruth {
  Truth truth = Truth::kFalse;
  const Condition* decisive = nullptr;  // the condition that made it false or unknown; null if true
  bool by_unless = false;               // `decisive` stands in `unless`
  const Pattern* pattern = nullptr;     // a pattern that matched, if one did; of a table, the line as written
  TableMatch table;                     // of a rule that is true: whose reply it may give
  FactSet unknown;                      // of a rule that is unknown: its facts without a value
  bool gave_up = false;                 // a pattern engine gave up and patterns were tried one by one
};
[[nodiscard]] RuleTruth TruthOf(const Rule& rule, const Facts& facts, NameParts* parts);

}  // namespace heloguard
