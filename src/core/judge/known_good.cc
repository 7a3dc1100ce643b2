// Warns of patterns that would cost a large sender its mail: each known host name is said as HELO by a client that has
// it as verified reverse DNS and as its address, and the rules that hold then, or might, are looked at. What such a
// client does not settle (its address, port, MX records, DNSSEC) stays open. Pure. Tests:
// tests/unit/core/judge/known_good_test.cc.
#include "heloguard/judge/known_good.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
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
      hosts_.push_back({name, FactsOf(*domain), std::nullopt});
    }
  }

  // Of many thousand rules few match a host at all: only those are judged further.
  void Check(const Rule& rule) {
    if (!rule.enabled || !MayHurt(rule)) return;
    found_.clear();
    for (Host& host : hosts_) {
      if (!Touches(rule, host) || !Hurts(rule, &host)) continue;
      NameParts parts;
      if (TruthOf(rule, host.facts, &parts).truth != Truth::kFalse) Collect(rule, host);
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
    std::optional<double> score;  // under the whole policy, credits included; worked out when first asked for
  };

  [[nodiscard]] std::optional<double> LowestThreshold() const {
    const ScoreThresholds& limits = context_.policy.thresholds;
    return limits.tempfail ? limits.tempfail : limits.reject;
  }

  [[nodiscard]] bool MayHurt(const Rule& rule) const {
    return rule.action == ActionKind::kScore ? LowestThreshold() && rule.score > 0 : Refuses(rule);
  }

  // REQUIRES: MayHurt.
  bool Hurts(const Rule& rule, Host* host) const {
    if (rule.action != ActionKind::kScore) return true;
    if (!host->score) host->score = Evaluate(context_.policy, host->facts, {}).score;
    return Reaches(*host->score, kGraveShare * *LowestThreshold());
  }

  // Whether a pattern or a line of a table matches a name of the host.
  bool Touches(const Rule& rule, const Host& host) {
    const auto touches = [&](const Condition& condition) { return Touches(condition, host); };
    return std::ranges::any_of(rule.when, touches) ||
           std::ranges::any_of(rule.any, [&](const auto& each) { return std::ranges::any_of(each, touches); });
  }

  bool Touches(const Condition& condition, const Host& host) {
    const Fact& fact = host.facts[condition.fact];
    if (SpecOf(condition.fact).type != FactType::kNames || !fact.has_value()) return false;
    return std::ranges::any_of(fact.names(), [&](const std::string& name) {
      return (condition.patterns && condition.patterns->Match(name).pattern != nullptr) ||
             std::ranges::any_of(condition.lists, [&](const auto& list) { return Touches(*list, name); });
    });
  }

  // Asked again and again of a list that many rules name.
  bool Touches(const List& list, const std::string& name) {
    const auto [known, fresh] = touched_.try_emplace({&list, name}, false);
    if (!fresh) return known->second;
    const std::string part = PartOf(name, list.part);
    known->second = (list.patterns && !part.empty() && list.patterns->Match(part).pattern != nullptr) ||
                    (list.table && list.table->Find(part).line != nullptr);
    return known->second;
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
  std::map<std::pair<const List*, std::string>, bool> touched_;
  std::map<SourcePosition, std::vector<std::string>> found_;  // by pattern, of one rule: the names it matches
};

}  // namespace

void CheckKnownGood(const Policy& policy, std::span<const std::string> names, Diagnostics* out) {
  const CheckContext context{policy, {}, out};
  KnownGoodCheck check(context, names);
  for (const Rule& rule : policy.rules) check.Check(rule);
}

}  // namespace heloguard
