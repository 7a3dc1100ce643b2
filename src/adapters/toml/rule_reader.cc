// Reads a rule: a table of keys, then what only holds between keys (score or action, reply and outcome).
// Tests: tests/unit/adapters/toml/policy_reader_test.cc, tests/golden/policy_errors/.
#include "adapters/toml/rule_reader.h"

#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "adapters/toml/policy_values.h"
#include "heloguard/policy/reply_template.h"
#include "tables/split_deferring_rules.h"

namespace heloguard {
namespace {

constexpr double kMaxScore = 1e6;

struct Draft {
  const ConditionContext& context;
  Rule rule;
  bool action_known = false;  // action or score is there and right
  std::optional<SourcePosition> action_at, score_at, on_unknown_at;
  std::optional<Located<std::string>> reply;
};

void ReadAction(Draft& draft, const TomlValue& value) {
  draft.action_at = value.key_at;
  std::vector<std::string_view> words;
  for (const ActionSpec& spec : ActionTable()) {
    if (spec.kind != ActionKind::kScore) words.push_back(spec.name);
  }
  if (value.node.is_string() && value.node.as_string()->get() == NameOf(ActionKind::kScore)) {
    value.Error("a score rule is written score = N, without an action");
    return;
  }
  const auto action = WordOf<ActionKind>(value, words);
  if (!action) return;
  draft.rule.action = *action;
  draft.action_known = true;
}

void ReadScore(Draft& draft, const TomlValue& value) {
  draft.score_at = value.key_at;
  draft.rule.action = ActionKind::kScore;
  draft.action_known = true;
  const auto score = value.Number();
  if (!score) return;
  if (std::abs(*score) > kMaxScore) {
    value.Error("score must be -1000000 to 1000000");
    return;
  }
  draft.rule.score = *score;
}

void ReadReply(Draft& draft, const TomlValue& value) {
  if (auto text = value.Text()) draft.reply = Located<std::string>{std::move(*text), value.at()};
}

void ReadOnUnknown(Draft& draft, const TomlValue& value) {
  static constexpr std::array<std::string_view, 2> kWords{"skip", "tempfail"};
  draft.on_unknown_at = value.key_at;
  if (const auto word = value.Word(kWords)) draft.rule.defer_if_unknown = *word == "tempfail";
}

void ReadName(Draft& draft, const TomlValue& value) {
  if (auto name = ReadIdentifier(value)) draft.rule.name = std::move(*name);
}

void ReadRuleWhen(Draft& draft, const TomlValue& value) {
  ReadWhen(value, draft.context, &draft.rule.when, &draft.rule.any);
}

void ReadRuleUnless(Draft& draft, const TomlValue& value) { ReadUnless(value, draft.context, &draft.rule.unless); }

void ReadMode(Draft& draft, const TomlValue& value) {
  if (const auto mode = WordOf<Mode>(value)) draft.rule.mode = *mode;
}

void ReadReason(Draft& draft, const TomlValue& value) {
  if (auto text = value.Text()) draft.rule.reason = std::move(*text);
}

void ReadFlag(const TomlValue& value, bool* flag) {
  if (const auto given = value.Bool()) *flag = *given;
}

constexpr std::array<KeySpec<Draft>, 14> kKeys{{
    {"name", ReadName},
    {"when", ReadRuleWhen},
    {"unless", ReadRuleUnless},
    {"action", ReadAction},
    {"score", ReadScore},
    {"reply", ReadReply},
    {"mode", ReadMode},
    {"stage", [](Draft& draft, const TomlValue& value) { draft.rule.stage = ReadStage(value); }},
    {"enabled", [](Draft& draft, const TomlValue& value) { ReadFlag(value, &draft.rule.enabled); }},
    {"percent", [](Draft& draft, const TomlValue& value) { draft.rule.percent = ReadPercent(value); }},
    {"until", [](Draft& draft, const TomlValue& value) { draft.rule.until = ReadDate(value); }},
    {"reason", ReadReason},
    {"on_unknown", ReadOnUnknown},
    {"overrides_rfc5321", [](Draft& draft, const TomlValue& value) { ReadFlag(value, &draft.rule.overrides_rfc5321); }},
}};

// --- what holds between keys ---

void CheckAction(const Draft& draft, Diagnostics* out) {
  const std::string name = draft.rule.name.empty() ? "the rule" : "rule \"" + draft.rule.name + "\"";
  if (draft.action_at && draft.score_at) AddError(out, *draft.score_at, name + " has both an action and a score");
  if (!draft.action_at && !draft.score_at) AddError(out, draft.rule.where, name + " has neither an action nor a score");
}

bool RefusesOf(ActionKind action) { return SpecOf(action).outcome.value_or(Outcome::kAccept) != Outcome::kAccept; }

void FinishReply(Draft& draft, Diagnostics* out) {
  if (!draft.reply) return;
  if (!RefusesOf(draft.rule.action)) {
    AddError(out, draft.reply->at,
             "a reply belongs to a rule that refuses; " + std::string(NameOf(draft.rule.action)) + " sends none");
    return;
  }
  auto reply = ReplyTemplate::Parse(draft.reply->value, *SpecOf(draft.rule.action).outcome);
  if (reply.ok()) {
    draft.rule.reply = std::move(reply).value();
    draft.rule.own_reply = true;
  } else {
    AddError(out, draft.reply->at, reply.error().message);
  }
}

void CheckOnUnknown(const Draft& draft, Diagnostics* out) {
  if (!draft.on_unknown_at || RefusesOf(draft.rule.action)) return;
  AddError(out, *draft.on_unknown_at,
           "on_unknown belongs to a rule that refuses; " + std::string(NameOf(draft.rule.action)) + " does not");
}

}  // namespace

ReadRuleResult ReadRule(const TomlValue& table, const ConditionContext& context) {
  const std::size_t reported = table.out->size();
  Draft draft{context, {}, false, {}, {}, {}, {}};
  draft.rule.where = table.at();
  ReadKeys(table, kKeys, draft);
  const toml::table* keys = table.node.as_table();
  if (keys != nullptr && !keys->contains("name")) AddError(table.out, draft.rule.where, "a rule needs a name");
  CheckAction(draft, table.out);
  // With a mistyped action, or two, nobody knows what reply and on_unknown would have to fit.
  if (draft.action_known && !(draft.action_at && draft.score_at)) {
    FinishReply(draft, table.out);
    CheckOnUnknown(draft, table.out);
  }
  const bool fine = table.out->size() == reported;
  if (fine) AskTables(&draft.rule, table.out);
  return {std::move(draft.rule), fine};
}

}  // namespace heloguard
