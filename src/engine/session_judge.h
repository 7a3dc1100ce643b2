// The judgements of one session: the policy's and its candidate's, each worked out once for the same knowledge.
//
// Thread rule: serial calls, those of the session.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/session_lookups.h"
#include "heloguard/judge/judgement.h"
#include "heloguard/services.h"

namespace heloguard {

// A judgement and what it rests on. It stays what it is while the session goes on.
struct Judged {
  Judgement judgement;
  std::shared_ptr<const DnsAnswers> answers;
  std::optional<SmtpReply> reply;  // set by Word
  bool worded = false;
  std::size_t asked = 0;  // questions put to the resolver for this session by then
  std::chrono::microseconds dns_elapsed{0};
};

class SessionJudge {
 public:
  // What is judged. All of it outlives this; `inputs` and `lookups` change under way.
  struct Case {
    const Policy& policy;
    const Services& services;
    const SessionInputs& inputs;
    SessionLookups& lookups;
    FactSet more_facts;  // for the policy: beside those it names
  };
  explicit SessionJudge(const Case& judged) : case_(judged) {}

  // The inputs are not what they were: no judgement counts any more.
  void InputsChanged();

  // What the policy makes of it at `stage`, on what is known at `now`.
  [[nodiscard]] const std::shared_ptr<Judged>& ByPolicy(Stage stage, Clock::TimePoint now);
  // The same for the candidate, which may exempt `recipient` ("": none). REQUIRES: there is one.
  [[nodiscard]] const std::shared_ptr<Judged>& ByCandidate(Stage stage, std::string_view recipient,
                                                           Clock::TimePoint now);
  // Whether what is known settles the outcome at every stage at which some rule may still answer, for both policies.
  [[nodiscard]] bool IsSettled(Clock::TimePoint now);

  [[nodiscard]] std::size_t evaluations() const { return evaluations_; }

 private:
  // The last judgement of one policy, and what it was asked for.
  struct Kept {
    std::shared_ptr<Judged> judged;
    std::string recipient;
  };
  const std::shared_ptr<Judged>& Keep(const Policy& policy, const JudgeOptions& options, Clock::TimePoint now,
                                      Kept* kept);
  [[nodiscard]] JudgeOptions OptionsAt(Stage stage) const;

  const Case case_;
  Kept by_policy_, by_candidate_;
  std::size_t evaluations_ = 0;
};

// Gives a judgement its reply, if it refuses and has none yet.
void Word(Judged* judged, const SessionInputs& inputs, std::string_view session, std::string_view help_url);

}  // namespace heloguard
