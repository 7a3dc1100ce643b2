// A policy file and all it draws in, merged into one Policy: [policy] and lists key by key, rules by name. Later files
// win; a rule of a known name takes the place of the old one.
//
// No reader stops at its first problem. Finishing and checking are core's (FinishPolicy), over what could be read.
// Tests: tests/unit/adapters/toml/policy_reader_test.cc, tests/golden/policy_errors/, tests/fuzz/fuzz_policy.cc.
#include "adapters/toml/policy_reader.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "adapters/toml/list_reader.h"
#include "adapters/toml/policy_files.h"
#include "adapters/toml/policy_values.h"
#include "adapters/toml/rule_reader.h"
#include "adapters/toml/source_files.h"
#include "adapters/toml/toml_document.h"
#include "heloguard/judge/known_good.h"
#include "heloguard/policy/policy_checks.h"
#include "tables/split_deferring_rules.h"

namespace heloguard {
namespace {

constexpr std::int64_t kSchema = 1;

// --- [policy] ---

void ReadThreshold(Policy& policy, const TomlValue& value, std::optional<double> ScoreThresholds::*which) {
  const auto number = value.Number();
  if (!number) return;
  if (*number <= 0) {
    value.Error(value.path + " must be above 0");
    return;
  }
  policy.thresholds.*which = number;
  policy.thresholds.where = value.at();
}

constexpr std::array<KeySpec<Policy>, 2> kScoreKeys{{
    {"tempfail",
     [](Policy& policy, const TomlValue& value) { ReadThreshold(policy, value, &ScoreThresholds::tempfail); }},
    {"reject", [](Policy& policy, const TomlValue& value) { ReadThreshold(policy, value, &ScoreThresholds::reject); }},
}};

void ReadRecipients(Policy& policy, const TomlValue& value) {
  policy.exempt_recipients.clear();
  for (const TomlValue& element : value.Elements()) {
    if (auto recipient = ReadRecipient(element)) policy.exempt_recipients.push_back(std::move(*recipient));
  }
}

constexpr std::array<KeySpec<Policy>, 2> kExemptKeys{{
    {"authenticated",
     [](Policy& policy, const TomlValue& value) {
       if (const auto flag = value.Bool()) policy.exempt_authenticated = *flag;
     }},
    {"recipients", ReadRecipients},
}};

constexpr std::array<KeySpec<Policy>, 6> kPolicyKeys{{
    {"name",
     [](Policy& policy, const TomlValue& value) {
       if (auto name = ReadIdentifier(value)) policy.name = std::move(*name);
     }},
    {"mode",
     [](Policy& policy, const TomlValue& value) {
       if (const auto mode = WordOf<Mode>(value)) policy.mode = *mode;
     }},
    {"percent", [](Policy& policy, const TomlValue& value) { policy.percent = ReadPercent(value); }},
    {"stage",
     [](Policy& policy, const TomlValue& value) {
       if (const auto stage = ReadStage(value)) policy.stage = *stage;
     }},
    {"score", [](Policy& policy, const TomlValue& value) { ReadKeys(value, kScoreKeys, policy); }},
    {"exempt", [](Policy& policy, const TomlValue& value) { ReadKeys(value, kExemptKeys, policy); }},
}};

// --- a file ---

struct Draft {
  Policy policy;
  ListReader lists;
  std::vector<TomlValue> rule_arrays;  // read when every list is known
};

void ReadSchema(Draft& /*draft*/, const TomlValue& value) {
  const auto schema = value.Integer();
  if (schema && *schema != kSchema) {
    value.Error("schema " + std::to_string(*schema) + " is unknown; this version reads schema 1");
  }
}

void ReadPolicySection(Draft& draft, const TomlValue& value) {
  if (value.file == draft.policy.where.file) draft.policy.where = value.key_at;
  ReadKeys(value, kPolicyKeys, draft.policy);
}

void ReadRuleArray(Draft& draft, const TomlValue& value) {
  if (value.node.is_array_of_tables()) {
    draft.rule_arrays.push_back(value);
  } else {
    value.ErrorType("tables [[rule]], in two pairs of brackets");
  }
}

constexpr std::array<KeySpec<Draft>, 5> kFileKeys{{
    {"schema", ReadSchema},
    {"include", [](Draft&, const TomlValue&) {}},  // followed by LoadPolicyFiles
    {"policy", ReadPolicySection},
    {"list", [](Draft& draft, const TomlValue& value) { draft.lists.Read(value); }},
    {"rule", ReadRuleArray},
}};

// --- merging ---

// The rules of all files, each name once.
class MergedRules {
 public:
  explicit MergedRules(std::vector<Rule>* rules) : rules_(rules) {}

  // Puts a rule where the rule of that name stands, or at the end.
  void Put(Rule rule) {
    const auto [place, fresh] = places_.try_emplace(rule.name, rules_->size());
    if (fresh) {
      rules_->push_back(std::move(rule));
    } else {
      (*rules_)[place->second] = std::move(rule);
    }
  }

 private:
  std::vector<Rule>* rules_;
  std::unordered_map<std::string, std::size_t> places_;
};

void ReadRules(const TomlValue& array, const ConditionContext& context, MergedRules* rules) {
  std::map<std::string, SourcePosition> names;  // of this file
  for (const TomlValue& table : array.Elements()) {
    ReadRuleResult read = ReadRule(TomlValue{table.node, table.file, "", table.at(), table.out}, context);
    const SourcePosition where = read.rule.where;
    if (!read.rule.name.empty()) {
      const auto [first, fresh] = names.try_emplace(read.rule.name, where);
      if (!fresh) {
        AddError(table.out, where,
                 "rule \"" + read.rule.name + "\" is there already, in line " + std::to_string(first->second.line) +
                     "; only another file may replace it");
        continue;
      }
    }
    if (read.fine) rules->Put(std::move(read.rule));
  }
}

// In the order of files, lines and columns; what two lists say of one pattern file, once.
void Sort(const SourceFiles& sources, Diagnostics* found) {
  const auto place = [&sources](const Diagnostic& each) {
    return std::tuple(sources.OrderOf(each.error.where.file), each.error.where.line, each.error.where.column);
  };
  std::ranges::stable_sort(*found, {}, place);
  const auto same = [](const Diagnostic& a, const Diagnostic& b) {
    return a.error.where == b.error.where && a.error.message == b.error.message;
  };
  found->erase(std::unique(found->begin(), found->end(), same), found->end());
}

// Warnings that speak of the policy as a whole, and may be wrong about one of which something could not be read.
constexpr std::array<std::string_view, 4> kOfTheWhole{"unused-list", "unreachable-threshold", "score-without-threshold",
                                                      "no-postmaster"};

// Leaves out warnings that would mislead: those of the whole while it has holes, and those about a list that a shared
// file offers and this policy has no use for.
void KeepUseful(const Diagnostics& finished, bool holes, const std::set<std::string>& own_files, Diagnostics* found) {
  for (const Diagnostic& each : finished) {
    const bool of_whole = std::ranges::find(kOfTheWhole, each.id) != kOfTheWhole.end();
    const bool shared = each.id == "unused-list" && !own_files.contains(each.error.where.file);
    if (!shared && !(of_whole && holes)) found->push_back(each);
  }
}

class PolicyLoad {
 public:
  PolicyLoad(SourceFiles* sources, const PolicyReadOptions& options) : sources_(*sources), options_(options) {}

  LoadedPolicy Run(const std::string& path) {
    LoadedPolicy loaded;
    Diagnostics& found = loaded.diagnostics;
    const PolicyFiles files = LoadPolicyFiles(&sources_, path, options_.local, &found);
    Draft draft{{}, ListReader(&sources_), {}};
    draft.policy.where.file = std::filesystem::path(path).lexically_normal().string();
    draft.policy.name = std::filesystem::path(path).stem().string();
    draft.policy.exempt_recipients = {"postmaster", "abuse"};  // RFC 5321 section 4.5.1, RFC 2142
    for (const PolicyFile& file : files.files) {
      const TomlValue root{file.root, file.path, "", {file.path, 1, 1}, &found};
      ReadKeys(root, kFileKeys, draft);
    }
    // What a file that could not be read would have given is missing everywhere: nothing more can be said.
    if (files.complete) Merge(&draft, files, &found);
    Sort(sources_, &found);
    if (!HasErrors(found)) loaded.policy = std::make_shared<const Policy>(std::move(draft.policy));
    return loaded;
  }

 private:
  void Merge(Draft* draft, const PolicyFiles& files, Diagnostics* found) {
    const NamedLists lists = draft->lists.Finish(options_.engine, found);
    std::vector<std::string_view> names;
    for (const auto& [name, list] : lists) names.push_back(name);
    const KnownWords list_names(std::move(names));
    const ConditionContext context{lists, options_.engine, list_names};
    MergedRules rules(&draft->policy.rules);
    for (const TomlValue& array : draft->rule_arrays) ReadRules(array, context, &rules);
    DivideRules(&draft->policy.rules);
    for (const auto& [name, list] : lists) draft->policy.lists[name] = list.list;
    draft->policy.hash = sources_.Hash();
    Diagnostics finished;
    FinishPolicy(&draft->policy, options_.today, &finished);
    CheckKnownGood(draft->policy, options_.known_good, &finished);
    std::set<std::string> own{draft->policy.where.file};
    if (!options_.local.empty()) own.insert(files.files.back().path);
    KeepUseful(finished, HasErrors(*found), own, found);
  }

  SourceFiles& sources_;
  const PolicyReadOptions& options_;
};

}  // namespace

LoadedPolicy ReadPolicy(const std::string& path, const PolicyReadOptions& options) {
  SourceFiles sources;
  return PolicyLoad(&sources, options).Run(path);
}

LoadedPolicy ReadPolicyText(const std::string& text, const std::string& path, const PolicyReadOptions& options) {
  SourceFiles sources;
  sources.Add(path, text);
  return PolicyLoad(&sources, options).Run(path);
}

}  // namespace heloguard
