// Keeps the last judgement of each policy until something it rests on changes: the inputs, the answers, the stage, the
// day, or whether the resolver is trusted. Decides nothing itself (judgement.h).
// Tests: tests/scenario/evaluations_test.cc, tests/scenario/session_test.cc.
#include "engine/session_judge.h"

#include "heloguard/judge/refusal.h"

namespace heloguard {

void SessionJudge::InputsChanged() {
  by_policy_.judged.reset();
  by_candidate_.judged.reset();
}

JudgeOptions SessionJudge::OptionsAt(Stage stage) const {
  JudgeOptions options;
  options.at = stage;
  options.today = case_.services.clock->Today();
  options.resolver_ill = case_.services.trust != nullptr && case_.services.trust->ill();
  return options;
}

const std::shared_ptr<Judged>& SessionJudge::ByPolicy(Stage stage, Clock::TimePoint now) {
  JudgeOptions options = OptionsAt(stage);
  options.extra_facts = case_.more_facts;
  return Keep(case_.policy, options, now, &by_policy_);
}

const std::shared_ptr<Judged>& SessionJudge::ByCandidate(Stage stage, std::string_view recipient,
                                                         Clock::TimePoint now) {
  JudgeOptions options = OptionsAt(stage);
  options.recipient = recipient;
  return Keep(*case_.policy.candidate, options, now, &by_candidate_);
}

const std::shared_ptr<Judged>& SessionJudge::Keep(const Policy& policy, const JudgeOptions& options,
                                                  Clock::TimePoint now, Kept* kept) {
  const std::shared_ptr<const DnsAnswers>& answers = case_.lookups.Answers(now);
  const std::size_t asked = case_.lookups.Asked();
  const auto elapsed = case_.lookups.Elapsed(now);
  if (kept->judged) {
    const Judgement& known = kept->judged->judgement;
    if (kept->judged->answers == answers && known.stage == options.at && known.today == options.today &&
        known.resolver_ill == options.resolver_ill && kept->recipient == options.recipient) {
      if (kept->judged->asked != asked || kept->judged->dns_elapsed != elapsed) {
        kept->judged = std::make_shared<Judged>(*kept->judged);  // who holds the other may still tell of it
        kept->judged->asked = asked;
        kept->judged->dns_elapsed = elapsed;
      }
      return kept->judged;
    }
  }
  ++evaluations_;
  kept->recipient = options.recipient;
  kept->judged = std::make_shared<Judged>();
  kept->judged->judgement = Judge(policy, case_.inputs, *answers, options);
  kept->judged->answers = answers;
  kept->judged->asked = asked;
  kept->judged->dns_elapsed = elapsed;
  return kept->judged;
}

bool SessionJudge::IsSettled(Clock::TimePoint now) {
  const Policy* const candidate = case_.policy.candidate.get();
  if (!ByPolicy(case_.policy.first_stage, now)->judgement.verdict.settled_throughout) return false;
  return candidate == nullptr || ByCandidate(candidate->first_stage, "", now)->judgement.verdict.settled_throughout;
}

void Word(Judged* judged, const SessionInputs& inputs, std::string_view session, std::string_view help_url) {
  if (judged->worded) return;
  judged->worded = true;
  judged->reply = Refusal(judged->judgement, {inputs, *judged->answers, session, help_url});
}

}  // namespace heloguard
