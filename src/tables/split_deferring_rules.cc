// Fits rules to the Postfix tables they name (split_deferring_rules.h). Pure. Tests:
// tests/unit/tables/split_deferring_rules_test.cc.
#include "tables/split_deferring_rules.h"

#include <algorithm>

#include "heloguard/policy/action.h"
#include "heloguard/policy/reply_template.h"

namespace heloguard {
namespace {

bool NamesTable(const Condition& condition) {
  return std::ranges::any_of(condition.lists, [](const auto& list) { return list->table != nullptr; });
}

bool NamesTableThatGives(const Condition& condition, AccessClasses results) {
  return std::ranges::any_of(condition.lists,
                             [&](const auto& list) { return list->table && list->table->Gives(results); });
}

// Calls `each` with every condition that must hold, those of alternatives too.
template <class Each>
void ForEachDemand(Rule* rule, const Each& each) {
  std::ranges::for_each(rule->when, each);
  for (auto& alternative : rule->any) std::ranges::for_each(alternative, each);
}

bool PullsAway(const Rule& rule) {
  return rule.action == ActionKind::kAccept || (rule.action == ActionKind::kScore && rule.score < 0);
}

// "(REJECT)" behind the condition, for explanations: the two halves read alike otherwise.
void ShowResults(Condition* condition) {
  std::string words;
  for (const AccessClass what : {AccessClass::kReject, AccessClass::kDefer}) {
    if (condition->results.Has(what)) words += (words.empty() ? " (" : " or ") + std::string(NameOf(what));
  }
  condition->text += words + ")";
}

// "450 4.7.1 text" for "550 5.7.1 text".
std::optional<ReplyTemplate> Deferred(const ReplyTemplate& reply) {
  std::string text = "450" + reply.text().substr(std::min<std::size_t>(3, reply.text().size()));
  if (text.size() > 5 && text.compare(3, 3, " 5.") == 0) text[4] = '4';
  auto made = ReplyTemplate::Parse(text, Outcome::kTempfail);
  return made.ok() ? std::optional(std::move(made).value()) : std::nullopt;
}

}  // namespace

void AskTables(Rule* rule, Diagnostics* out) {
  const AccessClasses away{AccessClass::kOk};
  bool any = false;
  const auto ask = [&](Condition& condition, AccessClasses results) {
    condition.results = results;
    if (!NamesTable(condition)) return;
    any = true;
    const bool alone = condition.lists.size() == 1 && !condition.patterns && condition.networks.empty();
    if (!alone || NamesTableThatGives(condition, results)) return;
    out->push_back({Severity::kWarning,
                    {ErrorKind::kConfig,
                     condition.text + " never holds here: no line of the table " +
                         (results == away ? "gives OK" : "refuses or defers"),
                     condition.where},
                    "table-never-holds"});
  };
  const bool pulls_away = PullsAway(*rule);
  ForEachDemand(rule, [&](Condition& condition) { ask(condition, pulls_away ? away : kRefusals); });
  for (Condition& condition : rule->unless) ask(condition, pulls_away ? kRefusals : away);
  rule->table_replies = any && !rule->reply;
}

std::optional<Rule> DeferringHalf(Rule* rule) {
  const AccessClasses defers{AccessClass::kDefer};
  std::size_t tables = 0;
  ForEachDemand(rule, [&](const Condition& condition) { tables += NamesTableThatGives(condition, defers) ? 1U : 0U; });
  if (rule->action != ActionKind::kReject || tables == 0) return std::nullopt;
  Rule half = *rule;
  half.second_half = true;
  half.action = ActionKind::kTempfail;
  if (half.reply) half.reply = Deferred(*half.reply);
  // Of several tables, one that defers is enough for a deferral, whatever the others say.
  const auto divide = [&](Condition& condition, AccessClasses results) {
    if (!NamesTable(condition)) return;
    condition.results = results;
    ShowResults(&condition);
  };
  ForEachDemand(&half, [&](Condition& condition) {
    divide(condition, tables == 1 && NamesTableThatGives(condition, defers) ? defers : kRefusals);
  });
  ForEachDemand(rule, [&](Condition& condition) { divide(condition, {AccessClass::kReject}); });
  return half;
}

void DivideRules(std::vector<Rule>* rules) {
  std::vector<Rule> divided;
  for (Rule& rule : *rules) {
    auto half = DeferringHalf(&rule);
    divided.push_back(std::move(rule));
    if (half) divided.push_back(std::move(*half));
  }
  *rules = std::move(divided);
}

}  // namespace heloguard
