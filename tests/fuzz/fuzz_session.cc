// A whole session, or three at a time, made of bytes as events: connect, HELO, MAIL, RCPT, a message, close, time that
// moves on, and DNS that answers at once, late, never, and in any order. Each is played twice, with all answers and
// with some or all of them hidden. What has to hold:
//
//   Unknown never refuses. Hidden answers make no outcome stricter; and what is told of a session is never stricter
//   than what its inputs come to with every answer there is. Where a rule defers for want of an answer, that holds of
//   refusals.
//   Every event has exactly one answer, not beyond dns.deadline; nothing is announced unasked, twice, inside a call, or
//   after the end.
//   When all is over, nothing counts as open or under way.
//
// The first line chooses the policy by its first octet, and by letters what else is at work: c the evidence cache, s
// the shares of lookups, l the session limits, d deferring beyond them, n a candidate policy, h headers, f few lookups.
// The second line is the zone, the third what is hidden of it (session_world.h). Each further line is an event: a
// letter, an octet for which session, and what goes with it.
#include <array>
#include <memory>
#include <mutex>
#include <optional>

#include "adapters/milter/conversation.h"
#include "engine/evidence_cache.h"
#include "engine/limits/lookup_shares.h"
#include "engine/limits/session_limits.h"
#include "heloguard/judge/authentication_results.h"
#include "session_policies.h"
#include "session_world.h"

namespace heloguard {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDeadline{4'000};
constexpr std::size_t kMaxEvents = 40;
constexpr std::size_t kSlots = 3;
constexpr MilterOffer kOffer{0x1FF, 0x1FFFFF};

struct Event {
  char kind;
  std::size_t slot;
  std::string_view rest;
};

struct Plot {
  unsigned policy = 0;
  std::string_view flags, zone, fates;
  std::vector<Event> events;
  [[nodiscard]] bool Has(char flag) const { return flags.find(flag) != std::string_view::npos; }
};

Plot PlotOf(std::string_view text) {
  const auto take = [&text] {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
  };
  Plot plot;
  plot.flags = take();
  plot.policy = Bytes(plot.flags).Next();
  if (!plot.flags.empty()) plot.flags.remove_prefix(1);
  plot.zone = take();
  plot.fates = take();
  while (!text.empty() && plot.events.size() < kMaxEvents) {
    const std::string_view line = take();
    Bytes bytes(line);
    const char kind = static_cast<char>(bytes.Next());
    const std::size_t slot = bytes.Next() % kSlots;
    plot.events.push_back({kind, slot, bytes.Rest()});
  }
  return plot;
}

class Trust final : public ResolverTrust {
 public:
  [[nodiscard]] bool ill() const override { return is_ill; }
  bool is_ill = false;
};

bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Strictest first, as far as it counts: a policy that may defer promises nothing about deferrals.
bool IsStricter(Outcome outcome, Outcome than, bool may_defer) {
  return outcome > than && (outcome == Outcome::kReject || !may_defer);
}

// Hears what is told, and holds it against what every answer there is would come to.
class Witness final : public EventSink {
 public:
  Witness(FuzzedZone* zone, const SamplePolicy& sample) : zone_(*zone), sample_(sample) {}

  void SessionOpened() override { ++opened; }
  void Judged(const SessionReport& report) override {
    const Judgement& judgement = report.judgement;
    Require(report.session.size() == 16 && judgement.policy == sample_.policy.get());
    Require(report.reply.has_value() == (judgement.outcome() != Outcome::kAccept));
    JudgeOptions options;
    options.at = judgement.stage;
    options.today = judgement.today;
    options.resolver_ill = judgement.resolver_ill;
    const Judgement whole = Judge(*sample_.policy, report.inputs, Everything(report.inputs), options);
    Require(!IsStricter(judgement.verdict.outcome, whole.verdict.outcome, sample_.may_defer));
  }
  void Differed(const CandidateReport& report) override {
    Require(report.candidate.outcome() != report.active.judgement.outcome());
  }
  void Waited(std::chrono::microseconds time) override { Require(time.count() >= 0); }
  void Alarm(std::string_view text) override { Require(IsPrintable(text)); }

  int opened = 0;

 private:
  [[nodiscard]] DnsAnswers Everything(const SessionInputs& inputs) const {
    DnsAnswers book;
    if (!inputs.client) return book;
    const LookupInputs about{inputs.client, inputs.helo ? inputs.helo->domain : std::nullopt, std::nullopt};
    while (true) {
      const auto questions = NextQuestions(sample_.policy->lookups, about, book, {10, 10'000});
      if (questions.empty()) return book;
      for (const DnsQuestion& question : questions) book.Set(question, zone_.Of(question).answer);
    }
  }

  FuzzedZone& zone_;
  const SamplePolicy& sample_;
};

// One connection, from connect to its end. It stays after that, to see whether somebody still announces something.
struct Line {
  std::unique_ptr<Conversation> conversation;
  bool inside = false;     // a call is under way
  bool awaited = false;    // an event is pending, and has not announced itself
  bool announced = false;  // it has
  Stage stage = Stage::kConnect;
  std::size_t event = 0;  // that is pending
  std::optional<Clock::TimePoint> deadline;
};

class Play {
 public:
  Play(const Plot& plot, FuzzedZone* zone, bool hides)
      : plot_(plot),
        sample_(SamplePolicies::Of(plot.policy)),
        witness_(zone, sample_),
        resolver_(zone, &world_, {hides, plot.fates}),
        shares_(32, &world_, &witness_),
        limits_(Limits(plot), &world_, &witness_),
        evidence_(1U << 20U, {{&resolver_}, plot.Has('s') ? &shares_ : nullptr}, &world_, &witness_),
        service_(SessionFactory(Parts()), {plot.Has('h'), "mx.ours.example"}, OnInternalError::kTempfail,
                 [](std::string_view error) { Require(!error.starts_with("internal error")); }),
        outcomes(plot.events.size()) {}

  void Run() {
    for (std::size_t i = 0; i < plot_.events.size(); ++i) Do(i, plot_.events[i]);
    for (std::size_t slot = 0; slot < kSlots; ++slot) Close(slot);
    world_.Advance(std::chrono::minutes(10));
    while (!resolver_.AllEnded()) {
      resolver_.End();
      world_.Advance(std::chrono::minutes(10));
    }
    lines_.clear();
    Require(witness_.opened == opened_);
    Require(limits_.open() == 0 && shares_.in_flight() == 0);
  }

 private:
  static Settings::Limits Limits(const Plot& plot) {
    Settings::Limits limits;
    limits.overload = plot.Has('d') ? Overload::kTempfail : Overload::kAccept;
    limits.trusted = {*IpNetwork::Parse("10.0.0.0/8")};
    if (!plot.Has('l')) return limits;
    limits.sessions = limits.helos_per_session = limits.messages_per_session = 2;
    limits.sessions_per_network = 1;
    return limits;
  }

  SessionFactory::Parts Parts() {
    SessionFactory::Parts parts;
    auto policy = sample_.policy;
    if (plot_.Has('n')) {
      auto with_candidate = std::make_shared<Policy>(*policy);
      with_candidate->candidate = SamplePolicies::Of(plot_.policy + 1).policy;
      sample_.policy = policy = with_candidate;
    }
    parts.policy = [policy] { return policy; };
    parts.new_id = [] { return std::string("abcdefgh01234567"); };
    Services& services = parts.services;
    services = {&resolver_, &world_, &witness_, Ourselves(), kDeadline, {10, 10'000}, "https://help.example/"};
    if (plot_.Has('f')) services.limits = {2, 12};
    if (plot_.Has('c')) services.evidence = &evidence_;
    if (plot_.Has('s')) services.admission = &shares_;
    services.limits_of_sessions = &limits_;
    services.trust = &trust_;
    return parts;
  }
  static std::shared_ptr<const OwnIdentity> Ourselves() {
    OwnIdentity own;
    own.names = {testing::Name("mx.ours.example")};
    return std::make_shared<const OwnIdentity>(own);
  }

  // --- events ---

  void Do(std::size_t number, const Event& event) {
    Bytes bytes(event.rest);
    switch (event.kind) {
      case 'C':
        Close(event.slot);
        return Connect(number, event.slot, bytes.Next());
      case 'H':
        return Helo(number, event.slot, bytes.Next(), bytes);
      case 'M':
        return Mail(number, event.slot, bytes.Next());
      case 'R':
        return Rcpt(number, event.slot, bytes.Next(), bytes);
      case 'L':
        return Header(event.slot, bytes.Rest());
      case 'E':
        if (!plot_.Has('h')) return;  // negotiated away
        return Call(number, event.slot, Stage::kEom, bytes.Next(), [](Conversation& c) { return c.EndOfMessage(); });
      case 'G':
        return GoOn(event.slot);
      case 'Q':
        return Close(event.slot);
      case 'T':
        return world_.Advance(milliseconds(1U << (bytes.Next() % 16)));
      case 'W':
        trust_.is_ill = !trust_.is_ill;
        return;
      default:  // an abort among them: libmilter tells nobody who did not ask for it
        return;
    }
  }

  void Connect(std::size_t number, std::size_t slot, unsigned choice) {
    lines_.push_back(std::make_unique<Line>());
    Line* const line = slots_[slot] = lines_.back().get();
    line->conversation = std::make_unique<Conversation>(&service_, [this, line] { Announced(line); });
    static_cast<void>(line->conversation->Negotiate(plot_.Has('h') ? kOffer : MilterOffer{}));
    ConnectInfo info;
    if (choice % 8 < kClients.size()) info.client = testing::Ip(kClients[choice % 8]);
    if (choice % 8 == 6) info.client = testing::Ip("::ffff:192.0.2.7");
    info.port = static_cast<std::uint16_t>(choice % 16 < 8 ? 25 : 587);
    info.mta_name = "mx.ours.example";
    Call(number, slot, Stage::kConnect, 0, [&](Conversation& c) {
      ++opened_;
      return c.Connect(info, {});
    });
  }

  void Helo(std::size_t number, std::size_t slot, unsigned choice, const Bytes& rest) {
    const std::string_view said = rest.Rest().empty() ? kHelos[choice / 4 % kHelos.size()] : rest.Rest();
    Call(number, slot, Stage::kHelo, choice, [&](Conversation& c) { return c.Helo(said, choice % 4 >= 2); });
  }

  void Mail(std::size_t number, std::size_t slot, unsigned choice) {
    const MailEvent event{"<a@example.org>", "mx.ours.example", choice % 8 >= 4, choice % 4 >= 2};
    Call(number, slot, Stage::kMail, choice, [&](Conversation& c) { return c.Mail(event, {}); });
  }

  void Rcpt(std::size_t number, std::size_t slot, unsigned choice, const Bytes& rest) {
    constexpr std::array<std::string_view, 3> kTo{"<b@example.net>", "<postmaster@example.net>", "<abuse@example.org>"};
    const std::string_view to = rest.Rest().empty() ? kTo[choice / 2 % kTo.size()] : rest.Rest();
    Call(number, slot, Stage::kRcpt, choice, [&](Conversation& c) { return c.Rcpt(to, {}); });
  }

  void Header(std::size_t slot, std::string_view value) {
    Line* const line = slots_[slot];
    if (line == nullptr) return;
    const MilterReply reply = line->conversation->Header(kAuthenticationResults, value);
    Require(reply.kind == MilterReply::Kind::kContinue || reply.kind == MilterReply::Kind::kNone);
  }

  void Close(std::size_t slot) {
    Line* const line = std::exchange(slots_[slot], nullptr);
    if (line == nullptr) return;
    line->awaited = line->announced = false;
    line->inside = true;
    line->conversation->Close();
    if (lines_.size() % 2 == 0) line->conversation.reset();
  }

  // --- answers ---

  // An event of a session, one that comes out of turn included. With an odd `choice` nobody waits for it at once: other
  // events come first, of this session too.
  template <class Happens>
  void Call(std::size_t number, std::size_t slot, Stage stage, unsigned choice, const Happens& happens) {
    Line* const line = slots_[slot];
    if (line == nullptr) return;
    line->stage = stage;
    line->event = number;
    line->awaited = line->announced = false;
    const auto limit = world_.Now() + kDeadline;
    Took(line, Inside(line, happens));
    Require(!line->deadline || *line->deadline <= limit);
    while (line->deadline && choice % 2 == 0) Wait(line);
  }
  template <class Happens>
  Step Inside(Line* line, const Happens& happens) {
    line->inside = true;
    Step step = happens(*line->conversation);
    line->inside = false;
    return step;
  }

  void Announced(Line* line) {
    Require(!line->inside && line->awaited && !line->announced);
    line->announced = true;
  }

  // Time goes on until it announces itself, or to its deadline.
  void Wait(Line* line) {
    std::mutex mutex;
    std::condition_variable changed;
    std::unique_lock lock(mutex);
    world_.WaitUntil(lock, changed, *line->deadline, [line] { return line->announced; });
    GoOn(line);
  }
  void GoOn(std::size_t slot) {
    if (slots_[slot] != nullptr) GoOn(slots_[slot]);
  }
  void GoOn(Line* line) {
    if (!line->deadline) return;
    const bool resumes = line->announced;
    const auto before = *line->deadline;
    if (!resumes && world_.Now() < before) return;
    line->awaited = line->announced = false;
    Took(line, Inside(line, [&](Conversation& c) { return resumes ? c.Resume() : c.Expire(world_.Now()); }));
    Require(resumes || !line->deadline || *line->deadline > before);
  }

  void Took(Line* line, const Step& step) {
    line->deadline = step.deadline;
    line->awaited = step.pending();
    if (step.pending()) {
      Require(*step.deadline > world_.Now() && step.answer.outcome == Outcome::kAccept && !step.answer.reply);
      return;
    }
    outcomes[line->event] = step.answer.outcome;
    RequireSendable(line, step.answer);
  }

  void RequireSendable(Line* line, const StageAnswer& answer) {
    const bool acts = answer.outcome != Outcome::kAccept;
    Require(answer.reply.has_value() == acts);
    Require(!acts || sample_.policy->mode == Mode::kEnforce || line->stage == Stage::kEom);
    if (acts) {
      Require(answer.reply->permanent() == (answer.outcome == Outcome::kReject));
      for (const std::string& text : answer.reply->lines()) Require(IsPrintable(text));
    }
    const MilterReply reply = line->conversation->ReplyTo(line->stage, answer);
    Require(acts == (reply.kind == MilterReply::Kind::kReject || reply.kind == MilterReply::Kind::kTempfail));
    const auto changes = line->conversation->TakeChanges();
    Require(!changes || (line->stage == Stage::kEom && !acts && plot_.Has('h')));
    if (changes) Require(changes->insert.size() <= kMaxResultsOctets && changes->remove.size() <= 100);
  }

  const Plot& plot_;
  SamplePolicy sample_;
  SimulatedServices world_;
  Witness witness_;
  FuzzedResolver resolver_;
  LookupShares shares_;
  SessionLimits limits_;
  EvidenceCache evidence_;
  Trust trust_;
  MilterService service_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::array<Line*, kSlots> slots_{};
  int opened_ = 0;

 public:
  std::vector<std::optional<Outcome>> outcomes;  // by event; nullopt: it was given up, or belongs to no session
};

void TryPlot(const Plot& plot) {
  FuzzedZone zone(plot.zone);
  Play open(plot, &zone, false);
  open.Run();
  Play hidden(plot, &zone, true);
  hidden.Run();
  // Beyond a cap of our own the first one may know less than the second, which asked for less.
  if (plot.Has('f') || plot.Has('s')) return;
  for (std::size_t i = 0; i < plot.events.size(); ++i) {
    if (!open.outcomes[i] || !hidden.outcomes[i]) continue;
    Require(!IsStricter(*hidden.outcomes[i], *open.outcomes[i], SamplePolicies::Of(plot.policy).may_defer));
  }
}

}  // namespace
}  // namespace heloguard

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  heloguard::TryPlot(heloguard::PlotOf({reinterpret_cast<const char*>(data), size}));
  return 0;
}
