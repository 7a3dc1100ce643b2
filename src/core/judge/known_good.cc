// Warns of patterns that would cost a large sender its mail: each known host name is said as HELO by a client that has
// it as verified reverse DNS and as its address, and the rules that hold then, or might, are looked at. What such a
// client does not settle (its address, port, MX records, DNSSEC) stays open. Pure. Tests:
// tests/unit/core/judge/known_good_test.cc.
#include "heloguard/judge/known_good.h"

#include <map>
#include <memory>
#include <utility>

#include "core/judge/rule_truth.h"
#include "core/policy/check_context.h"
#include "heloguard/base/quantity.h"

namespace heloguard {
namespace {

// A sum of scores below this share of the lowest threshold costs nobody the mail by itself.
constexpr double kGraveShare = 0.25;

constexpr FactSet kOpen{FactId::kClientAddress, FactId::kClientPort, FactId::kClientTls, FactId::kClientAuthenticated};

Facts FactsOf(const DomainName& name) {
  const auto any_address = IpAddress::Parse("192.0.2.25");
  SessionInputs inputs;
  inputs.client = any_address;
  inputs.client_known = true;
  inputs.helo = ParseHelo(name.ToText());
  inputs.own = std::make_shared<OwnIdentity>();
  inputs.rdns = SuppliedRdns{name, RdnsStatus::kPass};
  DnsAnswers answers;
  DnsAnswer address;
  address.status = DnsStatus::kAnswer;
  address.data = {*any_address};
  answers.Set({name, RecordType::kA}, std::move(address));
  return BuildFacts(kAllFacts - kOpen, inputs, answers);
}

class KnownGoodCheck {
 public:
  KnownGoodCheck(const CheckContext& context, std::span<const std::string> names) : context_(context) {
    for (const std::string& name : names) {
      const auto domain = DomainName::FromText(name);
      if (!domain) continue;
      Facts facts = FactsOf(*domain);
      const double score = Evaluate(context.policy, facts, {}).score;
      hosts_.push_back({name, std::move(facts), score});
    }
  }

  void Check(const Rule& rule) {
    if (!rule.enabled) return;
    found_.clear();
    for (const Host& host : hosts_) {
      NameParts parts;
      if (Hurts(rule, host) && TruthOf(rule, host.facts, &parts).truth != Truth::kFalse) Collect(rule, host);
    }
    const std::string does = rule.action == ActionKind::kScore ? "charge with " + ScoreText(rule.score) : "refuse";
    for (const auto& [where, names] : found_) {
      std::string text = "this pattern matches the host name of a large sender, " + names.front();
      if (names.size() > 1) text += " and " + std::to_string(names.size() - 1) + " more";
      text += ", which rule \"" + rule.name + "\" would " + does;
      context_.Warn("known-good", where, text);
    }
  }

 private:
  struct Host {
    std::string name;
    Facts facts;
    double score;  // under the whole policy, credits included
  };

  [[nodiscard]] bool Hurts(const Rule& rule, const Host& host) const {
    if (rule.action != ActionKind::kScore) return Refuses(rule);
    const ScoreThresholds& limits = context_.policy.thresholds;
    const auto lowest = limits.tempfail ? limits.tempfail : limits.reject;
    return lowest && rule.score > 0 && Reaches(host.score, kGraveShare * *lowest);
  }

  void Collect(const Rule& rule, const Host& host) {
    for (const Condition& condition : rule.when) Collect(condition, host);
    for (const auto& alternative : rule.any) {
      for (const Condition& condition : alternative) Collect(condition, host);
    }
  }

  void Collect(const Condition& condition, const Host& host) {
    const Fact& fact = host.facts[condition.fact];
    if (SpecOf(condition.fact).type != FactType::kNames || !fact.has_value()) return;
    for (const std::string& name : fact.names()) {
      if (condition.patterns) Collect(*condition.patterns, name, host);
      for (const auto& list : condition.lists) {
        const std::string part = PartOf(name, list->part);
        if (list->patterns) Collect(*list->patterns, part, host);
        if (!list->table) continue;
        const auto hit = list->table->Find(part);
        if (condition.results.Has(hit.what())) Note(hit.line->matcher.written.where, host);
      }
    }
  }

  void Collect(const PatternSet& set, const std::string& text, const Host& host) {
    if (text.empty()) return;
    bool fell_back = false;
    const std::vector<bool> matched = set.MatchAll(text, &fell_back);
    for (std::size_t i = 0; i < matched.size(); ++i) {
      if (matched[i]) Note(set.patterns()[i].where, host);
    }
  }

  void Note(const SourcePosition& where, const Host& host) {
    auto& names = found_[where];
    if (names.empty() || names.back() != host.name) names.push_back(host.name);
  }

  const CheckContext& context_;
  std::vector<Host> hosts_;
  std::map<SourcePosition, std::vector<std::string>> found_;  // by pattern, of one rule: the names it matches
};

}  // namespace

void CheckKnownGood(const Policy& policy, std::span<const std::string> names, Diagnostics* out) {
  const CheckContext context{policy, {}, out};
  KnownGoodCheck check(context, names);
  for (const Rule& rule : policy.rules) check.Check(rule);
}

}  // namespace heloguard
