// One SMTP connection: what is known so far, the lookups under way, and when a verdict is owed (session.h).
// Knows no MTA and no DNS library, and never waits. RFC 5321 section 4.1.4 (repeated HELO), RFC 3207 section 4.2 (HELO
// before TLS is forgotten). Thread rule: serial calls. Tests: tests/scenario/session_test.cc,
// tests/scenario/pending_test.cc.
#include "heloguard/session.h"

#include <algorithm>
#include <utility>

#include "engine/session_judge.h"
#include "engine/session_load.h"
#include "engine/session_lookups.h"
#include "heloguard/policy/rollout.h"

namespace heloguard {
namespace {

using std::chrono::microseconds;

// The events that owe a verdict.
enum class Event : std::uint8_t { kHelo, kMail, kRcpt, kMessage, kJudge };
enum class Wait : std::uint8_t { kNo, kIfItMatters, kFully };

}  // namespace

struct Session::Impl {
  Impl(std::string id_in, std::shared_ptr<const Policy> policy_in, const Services& services_in,
       const SessionOptions& options_in, std::function<void()> ready_in)
      : id(std::move(id_in)),
        policy(std::move(policy_in)),
        services(services_in),
        options(options_in),
        ready(std::move(ready_in)) {
    inputs.own = services.own ? services.own : std::make_shared<const OwnIdentity>();
  }

  // --- lookups ---

  // A fact that is only shown is no reason to ask. A candidate's is, though nothing waits for it. While the resolver is
  // ill, questions go on being asked: their answers show when it is well again.
  [[nodiscard]] SessionLookups::Wanted WantedLookups(LookupSet among) {
    if (options.full_evidence) return {LookupsFor(policy->facts | more_facts) & among, true};
    const LookupSet owed = LookupsFor(options.owed_facts) & among;
    const LookupSet judging = LookupsOf(*policy) & among;
    const bool to_judge = !judging.empty() && !judge.IsSettled(now);
    return {to_judge ? owed | judging : owed, to_judge};
  }

  void Ask(LookupKey key) {
    const auto wanted = WantedLookups(LookupsKeyedBy(key));
    if (wanted.lookups.empty()) return;
    lookups.Ask(key, wanted, {inputs.client, inputs.helo ? inputs.helo->domain : std::nullopt, std::nullopt});
  }

  void AskAboutClient() {
    if (inputs.client && !inputs.rdns) Ask(LookupKey::kClient);
  }

  void AskAboutHelo() {
    ForgetHeloLookups();
    if (!inputs.client || !inputs.helo->domain) return;
    Ask(LookupKey::kHelo);
    if (inputs.helo->kind == HeloKind::kFqdn) Ask(LookupKey::kClientAndHelo);
  }

  void ForgetHeloLookups() {
    lookups.Forget(LookupKey::kHelo);
    lookups.Forget(LookupKey::kClientAndHelo);
  }

  // RFC 3207 section 4.2: when TLS starts, what was said in the clear is forgotten. Whoever sits in between could have
  // said it.
  void ForgetHelo() {
    ForgetHeloLookups();
    inputs.helo.reset();
    inputs.helo_changed = false;
    earlier_names.clear();
  }

  void TakeHelo(std::string_view text, bool tls) {
    if (tls && !inputs.tls.value_or(false)) {
      ForgetHelo();
    } else if (inputs.helo && inputs.helo->kind != HeloKind::kMissing && earlier_names.size() < 2 &&
               std::ranges::find(earlier_names, inputs.helo->name) == earlier_names.end()) {
      earlier_names.push_back(inputs.helo->name);
    }
    inputs.tls = tls;
    inputs.helo = ParseHelo(text);
    inputs.helo_changed =
        std::ranges::any_of(earlier_names, [&](const std::string& name) { return name != inputs.helo->name; });
    judge.InputsChanged();
  }

  void TakeMail(bool authenticated, bool tls) {
    inputs.authenticated = authenticated;
    if (tls && !inputs.tls.value_or(false)) ForgetHelo();
    inputs.tls = tls;
    if (!inputs.helo) inputs.helo = Helo{};
    judge.InputsChanged();
  }

  // --- judging ---

  [[nodiscard]] std::shared_ptr<Judged> Known(Stage stage) {
    if (stage >= Stage::kMail && !inputs.helo) {
      inputs.helo = Helo{};
      judge.InputsChanged();
    }
    return judge.ByPolicy(stage, now);
  }

  // An event begins, and no other is pending any more.
  void Begin() {
    now = services.clock->Now();
    GiveUp();
    step_wait = microseconds{0};
  }

  void GiveUp() {
    if (!pending) return;
    CountWait();
    pending->awaited.announcement->Withdraw();
    pending.reset();
  }

  void CountWait() {
    const auto time = std::chrono::duration_cast<microseconds>(now - pending->since);
    waited += time;
    step_wait += time;
    pending->since = now;
  }

  // The verdict of an event at `stage`: at once, or when what is missing has come.
  Step Owe(Event event, Stage stage, Wait wait) {
    const bool worth = wait == Wait::kFully || (wait == Wait::kIfItMatters && !Known(stage)->judgement.verdict.settled);
    const auto which = wait == Wait::kFully ? SessionLookups::WaitFor::kAll : SessionLookups::WaitFor::kJudging;
    if (!worth) return Finish(event, Known(stage));
    return Await({event, stage, which, {}, now});
  }

  struct Pending {
    Event event;
    Stage stage;
    SessionLookups::WaitFor which;
    SessionLookups::Awaited awaited;
    Clock::TimePoint since;
  };

  Step Await(Pending event) {
    auto awaited = lookups.Await(event.which, now, ready);
    if (!awaited) return Finish(event.event, Known(event.stage));
    event.awaited = std::move(*awaited);
    pending = std::move(event);
    return {{}, pending->awaited.deadline};
  }

  Step GoOn() {
    if (!pending) return {};
    CountWait();
    Pending event = *std::exchange(pending, std::nullopt);
    event.awaited.announcement->Withdraw();
    return Await(std::move(event));
  }

  Step Finish(Event event, const std::shared_ptr<Judged>& judged) {
    StageAnswer answer;
    switch (event) {
      case Event::kHelo:
      case Event::kMail:
        answer = Answer(judged.get());
        if (answer.outcome != Outcome::kAccept) Tell(judged);
        break;
      case Event::kRcpt:
        message_judgement = judged;
        Tell(judged);
        answer = Answer(judged.get());
        break;
      case Event::kMessage:
        last = OfMessage(*judged);
        break;
      case Event::kJudge:
        Word(judged.get(), inputs, id, services.help_url);
        last = judged;
        return {};
    }
    services.sink->Waited(step_wait);
    return {std::move(answer)};
  }

  // The outcome stays what the recipients were answered; the facts are those of now.
  [[nodiscard]] std::shared_ptr<Judged> OfMessage(const Judged& judged) const {
    auto message = std::make_shared<Judged>(judged);
    if (message_judgement) message->judgement.verdict = message_judgement->judgement.verdict;
    return message;
  }

  StageAnswer Answer(Judged* judged) const {
    Word(judged, inputs, id, services.help_url);
    if (judged->judgement.mode == Mode::kObserve || !judged->reply) return {};
    return {judged->judgement.outcome(), judged->reply};
  }

  [[nodiscard]] Step Answered() {
    services.sink->Waited(step_wait);
    return {};
  }

  // At a stage where the policy may refuse. Nothing is said where it does not: the verdict is owed later.
  Step JudgeAndAnswer(Event event, Stage stage) {
    if (policy->first_stage > stage || !ExemptionOf(*policy, inputs).empty()) return Answered();
    return Owe(event, stage, Wait::kIfItMatters);
  }

  // Beyond a limit nothing is judged or told of; nobody is deferred for it whom the policy exempts or only observes.
  Step OnRcptOverLimit() {
    const bool exempt = !ExemptionOf(*policy, inputs).empty() || IsExemptRecipient(*policy, to);
    const bool acts = ModeFor(policy->mode, policy->percent, inputs.client) == Mode::kEnforce;
    services.sink->Waited(step_wait);
    if (exempt || !acts || load.overload() == Outcome::kAccept) return {};
    return {
        {Outcome::kTempfail, SmtpReply::Make(451, "4.3.2", "Too much mail at once, please try again later").value()}};
  }

  Step OnRcptTo() {
    std::string_view exempt = ExemptionOf(*policy, inputs);
    if (exempt.empty() && IsExemptRecipient(*policy, to)) exempt = "recipient";
    if (exempt.empty() && message_judgement) return Finish(Event::kRcpt, message_judgement);
    if (exempt.empty()) return Owe(Event::kRcpt, Stage::kRcpt, Wait::kIfItMatters);
    auto judged = std::make_shared<Judged>(message_judgement ? *message_judgement : *Known(Stage::kRcpt));
    judged->judgement.exempt = exempt;
    judged->worded = false;
    Tell(judged);
    return Answered();
  }

  // --- telling ---

  [[nodiscard]] SessionReport Report(const Judged& judged) const {
    return {id, inputs, *judged.answers, judged.judgement, judged.reply, judged.asked, waited, judged.dns_elapsed, from,
            to, mta};
  }

  // One line for each way the recipients of a message fare.
  void Tell(const std::shared_ptr<Judged>& judged) {
    const Judgement& judgement = judged->judgement;
    const std::pair fared{judgement.verdict.outcome, judgement.exempt};
    if (std::ranges::find(told, fared) != told.end()) return;
    told.push_back(fared);
    Word(judged.get(), inputs, id, services.help_url);
    services.sink->Judged(Report(*judged));
    if (policy->candidate != nullptr && (!told_to || judgement.exempt.empty())) told_to = Told{judged, to};
  }

  // A message or session that ends before a verdict was owed is told of with what is known.
  void TellUnlessTold(Stage stage) {
    if (told.empty() && !load.message_over()) Tell(Known(stage));
  }

  // Holds the candidate against what was told of the message that ends here. Where the active policy refused, one that
  // refuses later does not differ.
  void CompareWithCandidate() {
    if (!told_to) return;
    Told was = *std::exchange(told_to, std::nullopt);
    std::swap(to, was.to);  // the recipient that was told of
    const SessionReport active = Report(*was.judged);
    const Outcome outcome = active.judgement.outcome();
    const Stage stage = outcome != Outcome::kAccept ? Stage::kRcpt : active.judgement.stage;
    const Judgement& candidate = judge.ByCandidate(stage, to, now)->judgement;
    if (candidate.outcome() != outcome) services.sink->Differed({active, candidate});
    std::swap(to, was.to);
  }

  struct Told {
    std::shared_ptr<Judged> judged;
    std::string to;
  };

  const std::string id;
  const std::shared_ptr<const Policy> policy;
  const Services services;
  const SessionOptions options;
  const std::function<void()> ready;
  const FactSet more_facts = options.extra_facts | options.owed_facts;
  SessionInputs inputs;
  SessionLookups lookups{services};
  SessionLoad load{services.limits_of_sessions};
  SessionJudge judge{{*policy, services, inputs, lookups, more_facts}};
  Clock::TimePoint now{};                  // of the call under way
  std::vector<std::string> earlier_names;  // HELO names since TLS started, two at most: more tell nothing more
  std::string from, to;
  MtaNotes mta;
  bool connected = false;
  bool mail_seen = false;
  std::optional<Pending> pending;
  std::shared_ptr<Judged> message_judgement;               // of the message under way, for all its recipients
  std::vector<std::pair<Outcome, std::string_view>> told;  // about the message under way
  std::optional<Told> told_to;                             // what a candidate is held against
  microseconds waited{0}, step_wait{0};
  std::shared_ptr<Judged> last;  // what Session::Report tells of
};

Session::Session(std::string id, std::shared_ptr<const Policy> policy, const Services& services,
                 const SessionOptions& options, std::function<void()> ready)
    : impl_(std::make_unique<Impl>(std::move(id), std::move(policy), services, options, std::move(ready))) {}

Session::~Session() {
  if (impl_->pending) impl_->pending->awaited.announcement->Withdraw();
}

void Session::Note(MtaNotes notes) { impl_->mta = std::move(notes); }

Step Session::OnConnect(const ConnectInfo& info) {
  impl_->Begin();
  SessionInputs& inputs = impl_->inputs;
  inputs.client = info.client ? std::optional(info.client->Unmapped()) : std::nullopt;
  inputs.client_known = true;
  inputs.port = info.port;
  inputs.mta_name = info.mta_name;
  inputs.rdns = info.rdns;
  impl_->judge.InputsChanged();
  impl_->connected = true;
  impl_->services.sink->SessionOpened();
  impl_->load.Enter(inputs.client);
  if (!impl_->load.session_over()) impl_->AskAboutClient();
  return impl_->Answered();
}

Step Session::OnHelo(std::string_view text, bool tls) {
  impl_->Begin();
  impl_->CompareWithCandidate();
  impl_->TakeHelo(text, tls);
  impl_->message_judgement.reset();
  if (!impl_->load.MayJudgeHelo()) {
    impl_->ForgetHeloLookups();
    return impl_->Answered();
  }
  impl_->AskAboutHelo();
  return impl_->JudgeAndAnswer(Event::kHelo, Stage::kHelo);
}

Step Session::OnMail(std::string_view from, bool authenticated, bool tls) {
  impl_->Begin();
  if (impl_->mail_seen) impl_->TellUnlessTold(Stage::kMail);
  impl_->CompareWithCandidate();
  impl_->mail_seen = true;
  impl_->load.BeginMessage();
  impl_->told.clear();
  impl_->message_judgement.reset();
  impl_->from = from.substr(0, kMaxEnvelopeBytes);
  impl_->to.clear();
  impl_->TakeMail(authenticated, tls);
  if (impl_->load.message_over()) return impl_->Answered();
  return impl_->JudgeAndAnswer(Event::kMail, Stage::kMail);
}

Step Session::OnRcpt(std::string_view to) {
  impl_->Begin();
  impl_->to = to.substr(0, kMaxEnvelopeBytes);
  return impl_->load.message_over() ? impl_->OnRcptOverLimit() : impl_->OnRcptTo();
}

Step Session::OnMessage() {
  impl_->Begin();
  const auto judged = impl_->Known(Stage::kRcpt);
  const bool missing = !impl_->load.message_over() && std::ranges::any_of(FactTable(), [&](const FactSpec& spec) {
    return impl_->options.owed_facts.Has(spec.id) && judged->judgement.facts[spec.id].state() == FactState::kUnknown;
  });
  return impl_->Owe(Event::kMessage, Stage::kRcpt, missing ? Wait::kFully : Wait::kNo);
}

Step Session::Judge(Stage stage) {
  impl_->Begin();
  return impl_->Owe(Event::kJudge, stage, impl_->options.full_evidence ? Wait::kFully : Wait::kIfItMatters);
}

void Session::OnClose() {
  impl_->Begin();
  if (impl_->connected) impl_->TellUnlessTold(impl_->mail_seen ? Stage::kMail : Stage::kHelo);
  impl_->CompareWithCandidate();
}

Step Session::Resume() {
  impl_->now = impl_->services.clock->Now();
  return impl_->GoOn();
}

Step Session::Expire(Clock::TimePoint now) {
  impl_->now = std::max(now, impl_->services.clock->Now());
  return impl_->GoOn();
}

SessionReport Session::Report() const { return impl_->Report(*impl_->last); }

std::size_t Session::TEST_evaluations() const { return impl_->judge.evaluations(); }

}  // namespace heloguard
