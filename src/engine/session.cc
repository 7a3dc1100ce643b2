// One SMTP connection: what is known so far, the gathers under way, and when a verdict is owed (session.h).
// Knows no MTA and no DNS library. RFC 5321 section 4.1.4 (repeated HELO), RFC 3207 section 4.2 (HELO before TLS is
// forgotten), RFC 5321 section 4.5.1 (postmaster). Thread rule: serial calls. Tests: tests/scenario/session_test.cc.
#include "heloguard/session.h"

#include <algorithm>

#include "engine/resolver_health.h"
#include "engine/session_lookups.h"
#include "engine/session_reply.h"
#include "heloguard/base/ascii.h"

namespace heloguard {
// "<Postmaster@Example.com>" is exempt if "postmaster" (the local part at any domain) or the whole address is listed.
bool IsExemptRecipient(const Policy& policy, std::string_view to) {
  std::string address = LowerCase(to);
  if (address.starts_with('<')) address.erase(0, 1);
  if (address.ends_with('>')) address.pop_back();
  const std::string local = address.substr(0, address.rfind('@'));
  return std::ranges::any_of(policy.exempt_recipients, [&](const std::string& exempt) {
    return exempt == (exempt.find('@') == std::string::npos ? local : address);
  });
}

std::string_view ExemptionOf(const Policy& policy, const SessionInputs& inputs) {
  if (inputs.client_known && !inputs.client) return "no-address";
  if (policy.exempt_authenticated && inputs.authenticated.value_or(false)) return "authenticated";
  return "";
}

struct Session::Impl {
  struct Judgement {
    Facts facts;
    DnsAnswers answers;
    RdnsEvidence rdns;
    Verdict verdict;
    std::optional<SmtpReply> reply;
    std::string_view exempt;
    Stage stage = Stage::kRcpt;
    std::size_t asked = 0;
    bool resolver_ill = false;
    std::chrono::microseconds dns_elapsed{0};
  };
  enum class Wait : std::uint8_t { kNo, kIfItMatters, kFully };

  Impl(std::string id_in, std::shared_ptr<const Policy> policy_in, const SessionWorld& world_in,
       const SessionOptions& options_in)
      : id(std::move(id_in)), policy(std::move(policy_in)), world(world_in), options(options_in) {
    inputs.own = world.own ? world.own : std::make_shared<const OwnIdentity>();
  }

  // --- lookups ---

  [[nodiscard]] FactSet WantedFacts() const { return policy->facts | options.extra_facts | options.owed_facts; }
  // A fact that is only shown is no reason to ask. A candidate's is, though nothing waits for it.
  [[nodiscard]] SessionLookups::Wanted WantedLookups(LookupSet among) const {
    if (options.full_evidence) return {LookupsFor(WantedFacts()) & among, true};
    const LookupSet owed = LookupsFor(options.owed_facts) & among;
    const LookupSet judging = LookupsOf(*policy) & among;
    const bool to_judge = !judging.empty() && !SettledWithoutMore();
    return {to_judge ? owed | judging : owed, to_judge};
  }

  // Whether what is known now settles the outcome at every stage at which some rule may still answer. While the
  // resolver is ill, questions go on being asked: their answers show when it is well again.
  [[nodiscard]] bool SettledWithoutMore() const {
    return Settled(*policy) && (policy->candidate == nullptr || Settled(*policy->candidate));
  }

  [[nodiscard]] bool Settled(const Policy& by) const {
    const Facts facts = BuildFacts(by.facts, inputs, lookups.Answers());
    for (const Stage stage : {Stage::kHelo, Stage::kMail, Stage::kRcpt}) {
      EvaluateOptions at = At(stage);
      at.resolver_ill = false;
      if (stage >= by.first_stage && !Evaluate(by, facts, at).settled) return false;
    }
    return true;
  }

  void AskAboutClient() {
    if (!inputs.client || inputs.rdns) return;
    const auto wanted = WantedLookups(LookupsKeyedBy(LookupKey::kClient));
    if (!wanted.lookups.empty()) lookups.AskAboutClient(wanted, *inputs.client);
  }

  void AskAboutHelo() {
    lookups.ForgetHelo();
    const auto& name = inputs.helo->domain;
    if (!inputs.client || !name) return;
    const auto wanted = WantedLookups(LookupsKeyedBy(LookupKey::kHelo));
    if (!wanted.lookups.empty()) lookups.AskAboutHeloName(wanted, *name);
    const auto spf = inputs.helo->kind == HeloKind::kFqdn ? WantedLookups(LookupsKeyedBy(LookupKey::kClientAndHelo))
                                                          : SessionLookups::Wanted{};
    if (!spf.lookups.empty()) lookups.AskAboutSpf(spf, *inputs.client, *name);
  }

  void WaitForAnswers(SessionLookups::WaitFor which) {
    const auto time = lookups.Wait(which);
    waited += time;
    step_wait += time;
  }

  // RFC 3207 section 4.2: when TLS starts, what was said in the clear is forgotten. Whoever sits in between could have
  // said it.
  void ForgetHelo() {
    lookups.ForgetHelo();
    inputs.helo.reset();
    inputs.helo_changed = false;
    earlier_names.clear();
  }

  // --- judging ---

  [[nodiscard]] EvaluateOptions At(Stage stage) const {
    return {stage, world.clock->Today(), inputs.client, world.health != nullptr && world.health->ill()};
  }

  Judgement Judge(Stage stage, Wait wait) {
    if (stage >= Stage::kMail && !inputs.helo) inputs.helo = Helo{};
    Judgement judgement = JudgeNow(stage);
    if (wait == Wait::kFully || (wait == Wait::kIfItMatters && !judgement.verdict.settled)) {
      WaitForAnswers(wait == Wait::kFully ? SessionLookups::WaitFor::kAll : SessionLookups::WaitFor::kJudging);
      judgement = JudgeNow(stage);
    }
    return judgement;
  }

  [[nodiscard]] Judgement JudgeNow(Stage stage) const {
    Judgement judgement;
    judgement.stage = stage;
    judgement.answers = lookups.Answers();
    judgement.rdns = AssessRdns(inputs, judgement.answers);
    judgement.facts = BuildFacts(WantedFacts(), {inputs, judgement.answers, judgement.rdns});
    const EvaluateOptions at = At(stage);
    judgement.resolver_ill = at.resolver_ill;
    judgement.verdict = Evaluate(*policy, judgement.facts, at);
    judgement.exempt = ExemptionOf(*policy, inputs);
    judgement.reply = Reply(judgement);
    judgement.asked = lookups.Asked();
    judgement.dns_elapsed = lookups.Elapsed();
    return judgement;
  }

  [[nodiscard]] std::optional<SmtpReply> Reply(const Judgement& judgement) const {
    if (judgement.verdict.outcome == Outcome::kAccept || !judgement.exempt.empty()) return std::nullopt;
    return ReplyTo({*policy, judgement.verdict, {inputs, judgement.answers, judgement.rdns}, id, world.help_url});
  }

  // --- telling ---

  [[nodiscard]] SessionReport Report(const Judgement& j) const {
    return {id,      inputs,  j.facts,        j.answers, j.rdns,        *policy, j.verdict, j.stage, j.exempt,
            j.reply, j.asked, j.resolver_ill, waited,    j.dns_elapsed, from,    to,        mta};
  }

  // One line for each way the recipients of a message fare.
  void Tell(const Judgement& judgement) {
    const std::pair fared{judgement.verdict.outcome, judgement.exempt};
    if (std::ranges::find(told, fared) != told.end()) return;
    told.push_back(fared);
    world.sink->Judged(Report(judgement));
    if (policy->candidate != nullptr && (!told_to || judgement.exempt.empty())) told_to = Told{judgement, to};
  }

  // Holds the candidate against what was told of the message that ends here.
  void CompareWithCandidate() {
    if (!told_to) return;
    std::swap(to, told_to->to);  // the recipient that was told of
    const SessionReport active = Report(told_to->judgement);
    const Policy& candidate = *policy->candidate;
    // Where the active policy refused, one that refuses later does not differ.
    const Stage stage = OutcomeOf(active) != Outcome::kAccept ? Stage::kRcpt : active.stage;
    const Verdict verdict = Evaluate(candidate, BuildFacts(candidate.facts, inputs, lookups.Answers()), At(stage));
    const bool exempt = !ExemptionOf(candidate, inputs).empty() || IsExemptRecipient(candidate, to);
    const Outcome outcome = exempt ? Outcome::kAccept : verdict.outcome;
    if (outcome != OutcomeOf(active)) world.sink->Differed({active, candidate, verdict, outcome});
    std::swap(to, told_to->to);
    told_to.reset();
  }

  // A message or session that ends before a verdict was owed is told of with what is known.
  void TellUnlessTold(Stage stage) {
    if (told.empty()) Tell(Judge(stage, Wait::kNo));
  }

  StageAnswer Answer(const Judgement& judgement) const {
    const Mode mode = ModeFor(policy->mode, policy->percent, inputs.client);
    if (mode == Mode::kObserve || !judgement.reply) return {};
    return {judgement.verdict.outcome, judgement.reply};
  }

  // The step of an event: what the MTA waited for us is told once, at its end.
  template <class Body>
  StageAnswer Step(Body body) {
    step_wait = std::chrono::microseconds{0};
    StageAnswer answer = body();
    world.sink->Waited(step_wait);
    return answer;
  }

  // At a stage where the policy may refuse. Nothing is said where it does not: the verdict is owed later.
  StageAnswer JudgeAndAnswer(Stage stage) {
    if (policy->first_stage > stage || !ExemptionOf(*policy, inputs).empty()) return {};
    const Judgement judgement = Judge(stage, Wait::kIfItMatters);
    StageAnswer answer = Answer(judgement);
    if (answer.outcome != Outcome::kAccept) Tell(judgement);
    return answer;
  }

  // The outcome stays what the recipients were answered; the facts are those of now.
  void JudgeMessage() {
    step_wait = std::chrono::microseconds{0};
    last = Judge(Stage::kRcpt, Wait::kNo);
    const auto owed = [this](const FactSpec& spec) {
      return options.owed_facts.Has(spec.id) && last->facts[spec.id].state() == FactState::kUnknown;
    };
    if (std::ranges::any_of(FactTable(), owed)) {
      WaitForAnswers(SessionLookups::WaitFor::kAll);
      last = JudgeNow(Stage::kRcpt);
    }
    if (message_judgement) last->verdict = message_judgement->verdict;
    world.sink->Waited(step_wait);
  }

  StageAnswer OnRcptTo() {
    std::string_view exempt = ExemptionOf(*policy, inputs);
    if (exempt.empty() && IsExemptRecipient(*policy, to)) exempt = "recipient";
    if (!exempt.empty()) {
      Judgement judgement = message_judgement ? *message_judgement : Judge(Stage::kRcpt, Wait::kNo);
      judgement.exempt = exempt;
      Tell(judgement);
      return {};
    }
    if (!message_judgement) message_judgement = Judge(Stage::kRcpt, Wait::kIfItMatters);
    Tell(*message_judgement);
    return Answer(*message_judgement);
  }

  const std::string id;
  const std::shared_ptr<const Policy> policy;
  const SessionWorld world;
  const SessionOptions options;
  SessionInputs inputs;
  SessionLookups lookups{world};
  std::vector<std::string> earlier_names;  // HELO names since TLS started, two at most: more tell nothing more
  std::string from, to;
  MtaNotes mta;
  bool connected = false;
  bool mail_seen = false;
  std::optional<Judgement> message_judgement;              // of the message under way, for all its recipients
  std::vector<std::pair<Outcome, std::string_view>> told;  // about the message under way
  struct Told {
    Judgement judgement;
    std::string to;
  };
  std::optional<Told> told_to;  // what a candidate is held against
  std::chrono::microseconds waited{0}, step_wait{0};
  std::optional<Judgement> last;  // what the reports of Session::Judge and OnMessage refer to
};

Session::Session(std::string id, std::shared_ptr<const Policy> policy, const SessionWorld& world,
                 const SessionOptions& options)
    : impl_(std::make_unique<Impl>(std::move(id), std::move(policy), world, options)) {}

Session::~Session() = default;

void Session::Note(MtaNotes notes) { impl_->mta = std::move(notes); }

StageAnswer Session::OnConnect(const ConnectInfo& info) {
  return impl_->Step([&]() -> StageAnswer {
    SessionInputs& inputs = impl_->inputs;
    inputs.client = info.client ? std::optional(info.client->Unmapped()) : std::nullopt;
    inputs.client_known = true;
    inputs.port = info.port;
    inputs.mta_name = info.mta_name;
    inputs.rdns = info.rdns;
    impl_->connected = true;
    impl_->world.sink->SessionOpened();
    impl_->AskAboutClient();
    return {};
  });
}

StageAnswer Session::OnHelo(std::string_view text, bool tls) {
  return impl_->Step([&] {
    impl_->CompareWithCandidate();
    SessionInputs& inputs = impl_->inputs;
    auto& earlier = impl_->earlier_names;
    if (tls && !inputs.tls.value_or(false)) {
      impl_->ForgetHelo();
    } else if (inputs.helo && inputs.helo->kind != HeloKind::kMissing &&
               std::ranges::find(earlier, inputs.helo->name) == earlier.end() && earlier.size() < 2) {
      earlier.push_back(inputs.helo->name);
    }
    inputs.tls = tls;
    inputs.helo = ParseHelo(text);
    inputs.helo_changed = std::ranges::any_of(earlier, [&](const std::string& n) { return n != inputs.helo->name; });
    impl_->message_judgement.reset();
    impl_->AskAboutHelo();
    return impl_->JudgeAndAnswer(Stage::kHelo);
  });
}

StageAnswer Session::OnMail(std::string_view from, bool authenticated, bool tls) {
  return impl_->Step([&] {
    if (impl_->mail_seen) impl_->TellUnlessTold(Stage::kMail);
    impl_->CompareWithCandidate();
    impl_->mail_seen = true;
    impl_->told.clear();
    impl_->message_judgement.reset();
    impl_->from = from.substr(0, kMaxEnvelopeBytes);
    impl_->to.clear();
    impl_->inputs.authenticated = authenticated;
    if (tls && !impl_->inputs.tls.value_or(false)) impl_->ForgetHelo();
    impl_->inputs.tls = tls;
    if (!impl_->inputs.helo) impl_->inputs.helo = Helo{};
    return impl_->JudgeAndAnswer(Stage::kMail);
  });
}

StageAnswer Session::OnRcpt(std::string_view to) {
  return impl_->Step([&] {
    impl_->to = to.substr(0, kMaxEnvelopeBytes);
    return impl_->OnRcptTo();
  });
}

SessionReport Session::OnMessage() {
  impl_->JudgeMessage();
  return impl_->Report(*impl_->last);
}

void Session::OnClose() {
  if (impl_->connected) impl_->TellUnlessTold(impl_->mail_seen ? Stage::kMail : Stage::kHelo);
  impl_->CompareWithCandidate();
}

SessionReport Session::Judge(Stage stage) {
  using Wait = Impl::Wait;
  impl_->last = impl_->Judge(stage, impl_->options.full_evidence ? Wait::kFully : Wait::kIfItMatters);
  return impl_->Report(*impl_->last);
}

}  // namespace heloguard
