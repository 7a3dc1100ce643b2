// A policy: rules and lists, loaded, checked and immutable.
//
// The TOML adapter builds it, FinishPolicy (policy_checks.h) completes and checks it. rollout.h says for which clients
// a rule is enforced.
//
// Thread rule: a finished policy is shared as shared_ptr<const Policy> and safe for concurrent use.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "heloguard/base/result.h"
#include "heloguard/facts/fact.h"
#include "heloguard/policy/access_table.h"
#include "heloguard/policy/action.h"
#include "heloguard/policy/pattern.h"
#include "heloguard/policy/reply_template.h"

namespace heloguard {

enum class Mode : std::uint8_t { kEnforce, kObserve };
template <>
inline constexpr std::array<std::string_view, 2> EnumNames<Mode>{"enforce", "observe"};

// Which part of a name a pattern list looks at (organisational domain: public_suffix.h).
enum class NamePart : std::uint8_t { kName, kHost, kDomain };
template <>
inline constexpr std::array<std::string_view, 3> EnumNames<NamePart>{"name", "host", "domain"};

// A named list. A list may hold several kinds; an address asks `clients`, a name asks `names` and `patterns`. One that
// holds a Postfix table holds nothing else.
struct List {
  std::string name;
  SourcePosition where;
  std::vector<IpNetwork> clients;
  std::vector<std::string> names;              // exact, lower case
  std::vector<std::string> suffixes;           // ".example.com": everything below, not the name itself; lower case
  std::shared_ptr<const PatternSet> patterns;  // null: none
  NamePart part = NamePart::kName;             // what patterns and the table see
  std::shared_ptr<const AccessTable> table;    // null: none
  // What a condition may ask it for; what it was given may still be empty.
  bool holds_clients = false;
  bool holds_names = false;                // names or patterns
  std::vector<std::string> pattern_files;  // where the patterns stand
  std::string table_name;                  // "pcre:/etc/postfix/helo.pcre"; "": no table
};

// One `fact = value` of a rule. Any of its values suffices.
struct Condition {
  FactId fact = FactId::kHeloKind;
  SourcePosition where;
  std::string text;                            // as written, for explanations: helo.kind = ["bare-ipv4"]
  std::uint32_t mask = 0;                      // bool, enum, set: bits over the fact's words
  std::vector<std::uint16_t> ports;            // port
  std::vector<IpNetwork> networks;             // address
  std::shared_ptr<const PatternSet> patterns;  // names: patterns written in the rule; null: none
  std::vector<std::shared_ptr<const List>> lists;
  AccessClasses results = kRefusals;  // of the tables among the lists: what they must give (access_table.h)
};

struct Rule {
  std::string name;
  SourcePosition where;
  std::vector<Condition> when;              // all must hold
  std::vector<std::vector<Condition>> any;  // if not empty: all of at least one must hold as well
  std::vector<Condition> unless;            // none may hold
  ActionKind action = ActionKind::kNote;
  double score = 0;                    // kScore only
  std::optional<ReplyTemplate> reply;  // set by FinishPolicy for every rule that refuses
  Mode mode = Mode::kEnforce;
  std::optional<Stage> stage;  // nullopt: the policy's
  bool enabled = true;
  std::optional<unsigned> percent;             // enforced for this share of clients, observed for the rest
  std::optional<std::chrono::sys_days> until;  // last day, UTC, on which the rule stands
  std::string reason;
  bool defer_if_unknown = false;  // on_unknown = "tempfail"
  bool overrides_rfc5321 = false;
  bool own_reply = false;      // `reply` is the policy's, not the default
  bool table_replies = false;  // it has no reply of its own, and a Postfix table may bring one
  bool second_half = false;    // of the rule before it, for lines that only defer (access_table.h)
};

// Whether a sum of scores reaches a threshold. Sums of hand-written decimals such as 0.1 miss one by rounding; a
// millionth of a point decides nothing.
[[nodiscard]] constexpr bool Reaches(double sum, double threshold) { return sum >= threshold - 1e-6; }

struct ScoreThresholds {
  std::optional<double> tempfail;
  std::optional<double> reject;
  SourcePosition where{};  // of the one set last
};

struct Policy {
  std::string name;
  SourcePosition where;  // the file loaded
  Mode mode = Mode::kEnforce;
  std::optional<unsigned> percent;  // acts on this share of clients, observes the rest
  Stage stage = Stage::kRcpt;
  ScoreThresholds thresholds;
  bool exempt_authenticated = true;
  std::vector<std::string> exempt_recipients;  // lower case; without "@": the local part at any domain
  std::vector<Rule> rules;                     // in the order they are walked
  std::map<std::string, std::shared_ptr<const List>> lists;
  std::string hash;                         // 16 hex digits over all bytes read, includes and pattern files too
  std::shared_ptr<const Policy> candidate;  // judged beside this one and never acted on; null: none

  // Worked out by FinishPolicy.
  FactSet facts;                     // named by enabled rules
  LookupSet lookups;                 // what those need
  Stage first_stage = Stage::kRcpt;  // earliest stage at which something may be refused
  std::optional<ReplyTemplate> score_tempfail, score_reject;
};

// What sessions under `policy` look up: for itself and for its candidate.
[[nodiscard]] LookupSet LookupsOf(const Policy& policy);

}  // namespace heloguard
