// The verdict: the least refusing of all the ways the unknown facts could be settled (evaluate.h).
// Pure; knows neither how facts came about nor what is done with the verdict. Tests:
// tests/unit/core/judge/evaluate_test.cc.
#include "heloguard/judge/evaluate.h"

#include <algorithm>

#include "core/judge/rule_truth.h"
#include "heloguard/policy/rollout.h"

namespace heloguard {
namespace {

// One way the session could come out.
struct Way {
  Outcome outcome = Outcome::kAccept;
  std::optional<std::size_t> rule;  // that gave it
  bool certain = false;             // not hanging on an unknown
  bool by_score = false;
  bool deferred = false;  // on_unknown = "tempfail"
};

bool RestsOnDns(const std::vector<Condition>& conditions) {
  return std::ranges::any_of(conditions, [](const Condition& c) { return !SpecOf(c.fact).lookups.empty(); });
}

bool RestsOnDns(const Rule& rule) {
  return RestsOnDns(rule.when) || RestsOnDns(rule.unless) ||
         std::ranges::any_of(rule.any, [](const auto& alternative) { return RestsOnDns(alternative); });
}

// The facts as they were if nothing had been looked up.
Facts WithoutDns(Facts facts) {
  for (const FactSpec& spec : FactTable()) {
    if (!spec.lookups.empty()) facts.Set(spec.id, Fact::Unknown());
  }
  return facts;
}

// Each rule's truth, worked out when it is first asked for: walks at several stages share it.
class Truths {
 public:
  Truths(const Policy& policy, const Facts& facts) : policy_(policy), facts_(facts), known_(policy.rules.size()) {}

  [[nodiscard]] const RuleTruth& Of(std::size_t index) {
    std::optional<RuleTruth>& truth = known_[index];
    if (!truth) truth = TruthOf(policy_.rules[index], facts_, &parts_);
    return *truth;
  }
  [[nodiscard]] RuleTruth WithoutAnswers(std::size_t index) {
    return TruthOf(policy_.rules[index], WithoutDns(facts_), &parts_);
  }

 private:
  const Policy& policy_;
  const Facts& facts_;
  std::vector<std::optional<RuleTruth>> known_;
  NameParts parts_;
};

class Walk {
 public:
  Walk(const Policy& policy, Truths* truths, const EvaluateOptions& options)
      : policy_(policy), truths_(truths), options_(options) {
    verdict_.rules.resize(policy.rules.size());
  }

  Verdict Run() {
    for (std::size_t i = 0; i < policy_.rules.size() && !ended_; ++i) Visit(i);
    const bool decided = ended_;
    if (!decided) JudgeScore();
    verdict_.lowest_score = lowest_;
    verdict_.outcome = mildest_->outcome;
    verdict_.rule = mildest_->rule;
    verdict_.by_score = mildest_->by_score;
    verdict_.deferred_unknown = mildest_->deferred;
    verdict_.settled = decided ? verdict_.worst == mildest_->outcome && !deferred_ : !undecided_;
    return std::move(verdict_);
  }

 private:
  void Visit(std::size_t index) {
    const Rule& rule = policy_.rules[index];
    RuleTrace& trace = verdict_.rules[index];
    trace.state = RuleTrace::State::kEvaluated;
    if (!rule.enabled) trace.state = RuleTrace::State::kDisabled;
    if (rule.until && options_.today > *rule.until) trace.state = RuleTrace::State::kExpired;
    if (rule.second_half && verdict_.rules[index - 1].truth == Truth::kTrue)
      trace.state = RuleTrace::State::kNotReached;
    if (trace.state != RuleTrace::State::kEvaluated) return;
    trace.mode = ModeFor(rule.mode, rule.percent, options_.client);
    Take(truths_->Of(index), &trace);
    const bool distrusted = options_.resolver_ill && RestsOnDns(rule);
    if (distrusted) Distrust(index, &trace);
    if (trace.truth == Truth::kFalse) return;
    // While nothing has decided, a note, a score or an observed rule is worth waiting for as well, but not one that is
    // observed because answers are not to be had.
    if (trace.truth == Truth::kUnknown && ActsNow(rule) && !distrusted) undecided_ = true;
    if (trace.mode == Mode::kObserve) return;
    if (SpecOf(rule.action).decides) Decide(index, trace.truth);
    if (rule.action == ActionKind::kScore) AddScore(rule.score, trace.truth);
  }

  void Take(const RuleTruth& truth, RuleTrace* trace) {
    trace->truth = truth.truth;
    trace->decisive = truth.decisive;
    trace->by_unless = truth.by_unless;
    trace->pattern = truth.pattern;
    trace->table = truth.table;
    verdict_.unknown = verdict_.unknown | truth.unknown;
    verdict_.engine_gave_up = verdict_.engine_gave_up || truth.gave_up;
  }

  void Distrust(std::size_t index, RuleTrace* trace) {
    const Rule& rule = policy_.rules[index];
    const bool accepts = rule.action == ActionKind::kAccept || (rule.action == ActionKind::kScore && rule.score < 0);
    if (!accepts) trace->mode = Mode::kObserve;
    if (!accepts || trace->truth != Truth::kFalse) return;
    Take(truths_->WithoutAnswers(index), trace);
  }

  [[nodiscard]] bool ActsNow(const Rule& rule) const { return rule.stage.value_or(policy_.stage) <= options_.at; }

  // A rule that decides. Before its stage it cannot answer: however it turns out, this stage goes on.
  void Decide(std::size_t index, Truth truth) {
    const Rule& rule = policy_.rules[index];
    const bool now = ActsNow(rule);
    if (truth == Truth::kUnknown && rule.defer_if_unknown && now && !options_.resolver_ill) {
      AddWay({Outcome::kTempfail, index, false, false, true});
      deferred_ = true;
      ended_ = true;
      return;
    }
    Way way;
    if (now) way.outcome = *SpecOf(rule.action).outcome;
    // An undecided accept withholds a refusal; it did not accept anything.
    if (now && (truth == Truth::kTrue || way.outcome != Outcome::kAccept)) way.rule = index;
    way.certain = truth == Truth::kTrue;
    AddWay(way);
    if (truth == Truth::kTrue) ended_ = true;
  }

  void AddWay(const Way& way) {
    verdict_.worst = std::max(verdict_.worst, way.outcome);
    // Of two ways that come to the same, the certain one gives the reason.
    const bool better = mildest_ && way.outcome == mildest_->outcome && way.certain && !mildest_->certain;
    if (!mildest_ || way.outcome < mildest_->outcome || better) mildest_ = way;
  }

  void AddScore(double score, Truth truth) {
    const bool certain = truth == Truth::kTrue;
    if (certain) verdict_.score += score;
    if (certain || score < 0) lowest_ += score;
    if (certain || score > 0) highest_ += score;
  }

  [[nodiscard]] Outcome Threshold(double sum) const {
    if (policy_.stage > options_.at) return Outcome::kAccept;
    const auto reached = [&](const std::optional<double>& limit) { return limit && Reaches(sum, *limit); };
    if (reached(policy_.thresholds.reject)) return Outcome::kReject;
    return reached(policy_.thresholds.tempfail) ? Outcome::kTempfail : Outcome::kAccept;
  }

  void JudgeScore() {
    const Outcome outcome = Threshold(lowest_);
    AddWay({outcome, std::nullopt, true, outcome != Outcome::kAccept, false});
    verdict_.worst = std::max(verdict_.worst, Threshold(highest_));
  }

  const Policy& policy_;
  Truths* truths_;
  const EvaluateOptions& options_;
  Verdict verdict_;
  std::optional<Way> mildest_;  // of the ways that have ended
  double lowest_ = 0;           // the sum with every undecided credit granted and every undecided charge dropped
  double highest_ = 0;          // the reverse
  bool undecided_ = false;
  bool deferred_ = false;  // some way is a deferral for want of an answer, which an answer may undo
  bool ended_ = false;     // no way is left open
};

// Whether `verdict`, found by `options`, and those of all other stages at which the policy may refuse are settled.
bool IsSettledThroughout(const Policy& policy, Truths* truths, const EvaluateOptions& options, const Verdict& verdict) {
  // Where every rule is known up to the one that ends the walk, it ends there at every stage.
  if (verdict.unknown.empty() && !options.resolver_ill) return true;
  for (const Stage stage : {Stage::kHelo, Stage::kMail, Stage::kRcpt}) {
    if (stage < policy.first_stage) continue;
    EvaluateOptions other = options;
    other.at = stage;
    other.resolver_ill = false;
    const bool same = stage == options.at && !options.resolver_ill;
    if (same && !verdict.settled) return false;
    if (same) continue;
    if (!Walk(policy, truths, other).Run().settled) return false;
  }
  return true;
}

}  // namespace

Verdict Evaluate(const Policy& policy, const Facts& facts, const EvaluateOptions& options) {
  Truths truths(policy, facts);
  Verdict verdict = Walk(policy, &truths, options).Run();
  verdict.settled_throughout = IsSettledThroughout(policy, &truths, options, verdict);
  return verdict;
}

}  // namespace heloguard
