// All who judge agree: the daemon's session, its candidate, `check`, `replay`, `audit` and `test` come to one outcome
// on the same random situation, and it is the one that Judge gives by itself.
//
// A situation is a policy made of random rules (stages, percent, observe, until, on_unknown, scores, exemptions),
// inputs, and an answer with some status to every question. An answer that is late counts as a time-out for everybody.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "adapters/cases/cases.h"
#include "app/audit/gather_evidence.h"
#include "app/shared/check_request.h"
#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "policy_text.h"
#include "replay/replay_judge.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;

constexpr unsigned kSituations = 1'500;
constexpr std::string_view kClient = "192.0.2.7";

class Trust final : public ResolverTrust {
 public:
  explicit Trust(bool ill) : ill_(ill) {}
  [[nodiscard]] bool ill() const override { return ill_; }

 private:
  bool ill_;
};

// What the session told last, and whether its candidate was told to differ.
class Witness final : public EventSink {
 public:
  void Judged(const SessionReport& report) override {
    outcome = report.judgement.outcome();
    exempt = report.judgement.exempt;
    reply = report.reply ? report.reply->ToString() : "";
  }
  void Differed(const CandidateReport& report) override {
    candidate = report.candidate.outcome();
    EXPECT_NE(report.candidate.outcome(), report.active.judgement.outcome());
  }
  std::optional<Outcome> outcome, candidate;
  std::string exempt, reply;
};

struct Situation {
  std::shared_ptr<const Policy> policy;  // with a candidate or without
  std::string helo, recipient;
  bool tls = false, authenticated = false, ill = false;
  std::vector<ScriptedAnswer> dns;
  std::string text;  // to be shown when a caller disagrees
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Situation Next() {
    Situation s;
    const std::string active = PolicyText();
    auto policy = std::make_shared<Policy>(*PolicyFrom(active));
    s.text = active;
    if (Chance(2)) {
      const std::string candidate = PolicyText();
      policy->candidate = PolicyFrom(candidate);
      s.text += "--- candidate\n" + candidate;
    }
    s.policy = policy;
    s.helo = Pick({"mail.example.org", "mail.example.org", "host.example.net", "192.0.2.7", "[192.0.2.7]", "localhost",
                   "nodots", "192-0-2-7.dyn.example.net"});
    s.recipient = Pick({"<b@example.net>", "<b@example.net>", "<postmaster@example.net>", "<abuse@example.org>"});
    s.tls = Chance(3);
    s.authenticated = Chance(6);
    s.ill = Chance(5);
    Answer(&s, Ptr(kClient),
           Pick<DnsAnswer>({Names({"mail.example.org"}), Names({"host.example.net", "mail.example.org"})}));
    for (const std::string_view name :
         {"mail.example.org", "host.example.net", "192-0-2-7.dyn.example.net", "nodots", "localhost"}) {
      Answer(&s, A(name),
             Pick<DnsAnswer>({Addresses({kClient}), Addresses({"192.0.2.99"}), Addresses({kClient, "192.0.2.9"})}));
      Answer(&s, Aaaa(name), Addresses({"2001:db8::1"}));
      Answer(&s, Mx(name), End(DnsStatus::kNoData));
      Answer(&s, Txt(name), Pick<DnsAnswer>({Texts({"v=spf1 a -all"}), Texts({"v=spf1 -all"}), Texts({"unrelated"})}));
    }
    s.text += "helo " + s.helo + " to " + s.recipient + (s.tls ? " tls" : "") + (s.authenticated ? " auth" : "") +
              (s.ill ? " ill" : "") + "\n";
    return s;
  }

 private:
  template <class T = std::string>
  T Pick(const std::vector<T>& among) {
    return among[random_() % among.size()];
  }
  bool Chance(unsigned of) { return random_() % of == 0; }

  // The answer there would be, or one that says that there is none.
  void Answer(Situation* s, const DnsQuestion& question, const DnsAnswer& answer) {
    const DnsAnswer given =
        Pick<DnsAnswer>({answer, answer, answer, End(DnsStatus::kNxDomain), End(DnsStatus::kNoData),
                         End(DnsStatus::kServFail), End(DnsStatus::kBogus), End(DnsStatus::kTimeout)});
    s->dns.push_back({question, given, 1});
    s->text += std::string(NameOf(question.type)) + " " + question.name.ToText() + " " +
               std::string(NameOf(given.status)) + "\n";
  }

  std::string Condition(std::string_view in) {
    return std::string(in) +
           Pick({".helo.kind = ['bare-ipv4', 'single-label']", ".helo.traits = 'embeds-client-ip'",
                 ".rdns.status = ['fail', 'permerror']", ".rdns.status = 'pass'",
                 ".rdns.status = ['temperror', 'permerror']", ".helo.address = ['nxdomain', 'nodata']",
                 ".helo.address = 'match'", ".helo.address = 'temperror'", ".helo.rdns = 'different'",
                 ".spf.helo = 'fail'", ".spf.helo = 'pass'", ".helo.mx = 'none'", ".client.tls = true",
                 ".helo.changed = true", ".helo.name = 'example'"}) +
           "\n";
  }
  std::string PolicyText() {
    std::string text = "[policy]\nmode = '" + Pick({"enforce", "enforce", "observe"}) + "'\n";
    if (Chance(4)) text += "percent = " + std::to_string(random_() % 101) + "\n";
    text += Pick({"", "stage = 'helo'\n", "stage = 'mail'\n"});
    text += Pick({"", "exempt = { authenticated = false, recipients = ['abuse@example.org'] }\n"});
    text += Pick({"", "score = { tempfail = 2, reject = 4 }\n"});
    const unsigned rules = 1 + static_cast<unsigned>(random_() % 5);
    for (unsigned i = 0; i < rules; ++i) text += RuleText(i);
    return text;
  }
  std::string RuleText(unsigned number) {
    std::string text =
        "[[rule]]\nname = 'r" + std::to_string(number) + "'\noverrides_rfc5321 = true\n" + Condition("when");
    if (Chance(4)) text += Condition("unless");
    const std::string action = Pick({"reject", "reject", "tempfail", "accept", "note", "score"});
    text += action == "score" ? "score = " + Pick({"-2.0", "1.5", "2.0", "4.0"}) + "\n" : "action = '" + action + "'\n";
    if (action == "reject" && Chance(4)) text += "on_unknown = 'tempfail'\n";
    if (Chance(6)) text += "mode = 'observe'\n";
    if (Chance(6)) text += "percent = " + std::to_string(random_() % 101) + "\n";
    if (Chance(6)) text += Pick({"until = 2025-01-01\n", "until = 2030-01-01\n"});
    return text;
  }

  std::mt19937 random_;
};

void Script(const Situation& s, SimulatedServices* world) {
  for (const ScriptedAnswer& line : s.dns) {
    if (line.answer.status == DnsStatus::kTimeout) {
      world->Silence(line.question);
    } else {
      world->Script(line.question, line.answer, milliseconds(10));
    }
  }
}

// All answers, as those have them who looked everything up.
DnsAnswers BookOf(const Situation& s) {
  DnsAnswers book;
  for (const ScriptedAnswer& line : s.dns) book.Set(line.question, line.answer);
  return book;
}

CommandServices Around(SimulatedServices* world, EventSink* sink, const ResolverTrust* trust) {
  CommandServices around;
  around.resolver = world;
  around.clock = around.waitable = world;
  around.sink = sink;
  around.trust = trust;
  return around;
}

SessionInputs InputsOf(const Situation& s) {
  SessionInputs inputs;
  inputs.client = Ip(kClient);
  inputs.client_known = true;
  inputs.tls = s.tls;
  inputs.authenticated = s.authenticated;
  inputs.helo = ParseHelo(s.helo);
  inputs.own = std::make_shared<const OwnIdentity>();
  return inputs;
}

// The stage at which a session of the daemon's is refused, or RCPT: Judge alone knows of no stage before.
Outcome Direct(const Policy& policy, const Situation& s, std::string_view recipient) {
  const SessionInputs inputs = InputsOf(s);
  JudgeOptions options;
  options.today = SimulatedServices().Today();
  options.resolver_ill = s.ill;
  options.recipient = recipient;
  for (const Stage stage : {Stage::kHelo, Stage::kMail, Stage::kRcpt}) {
    if (stage < policy.first_stage) continue;
    options.at = stage;
    // A recipient is known at RCPT alone, authentication from MAIL on.
    SessionInputs by_then = inputs;
    if (stage == Stage::kHelo) by_then.authenticated.reset();
    JudgeOptions at = options;
    if (stage != Stage::kRcpt) at.recipient = "";
    const Judgement judgement = Judge(policy, by_then, BookOf(s), at);
    const bool acts = judgement.mode == Mode::kEnforce;
    if (judgement.outcome() != Outcome::kAccept && (acts || stage == Stage::kRcpt)) return judgement.outcome();
  }
  return Outcome::kAccept;
}

// What the daemon answers, and tells.
Witness Daemon(const Situation& s) {
  SimulatedServices world;
  Script(s, &world);
  Witness witness;
  const Trust trust(s.ill);
  DrivenSession session("abcdefgh01234567", s.policy, Around(&world, &witness, &trust), {}, &world);
  ConnectInfo info;
  info.client = Ip(kClient);
  StageAnswer answer = session.OnConnect(info);
  if (answer.outcome == Outcome::kAccept) answer = session.OnHelo(s.helo, s.tls);
  if (answer.outcome == Outcome::kAccept) answer = session.OnMail("<>", s.authenticated, s.tls);
  if (answer.outcome == Outcome::kAccept) answer = session.OnRcpt(s.recipient);
  const Mode mode = session.Judge(Stage::kRcpt).judgement.mode;
  EXPECT_TRUE(mode == Mode::kEnforce || answer.outcome == Outcome::kAccept) << "an observing policy acts on nobody";
  world.Advance(milliseconds(60'000));
  session.OnClose();
  return witness;
}

TEST(Agreement, TheDaemonAnswersAsJudgedAlone) {
  Generator generator(1);
  for (unsigned i = 0; i < kSituations && !::testing::Test::HasFailure(); ++i) {
    const Situation s = generator.Next();
    const Witness told = Daemon(s);
    ASSERT_TRUE(told.outcome) << s.text;
    EXPECT_EQ(*told.outcome, Direct(*s.policy, s, s.recipient)) << s.text;
    EXPECT_EQ(told.reply.empty(), *told.outcome == Outcome::kAccept) << s.text;
  }
}

TEST(Agreement, CheckReplayAuditAndTestJudgeAsTheDaemon) {
  Generator generator(2);
  for (unsigned i = 0; i < kSituations && !::testing::Test::HasFailure(); ++i) {
    const Situation s = generator.Next();
    SimulatedServices world;
    Script(s, &world);
    Witness nobody;
    const Trust trust(s.ill);
    const CommandServices around = Around(&world, &nobody, &trust);
    // None of these is told of a recipient, and each walks the stages as an enforcing policy would.
    auto enforced = std::make_shared<Policy>(*s.policy);
    enforced->mode = Mode::kEnforce;
    enforced->percent.reset();
    const Outcome expected = Direct(*enforced, s, "");

    CheckRequest subject;
    subject.client = Ip(kClient);
    subject.helo = s.helo;
    subject.tls = s.tls;
    subject.authenticated = s.authenticated;
    JudgeRequest(subject, enforced, around, [&](const SessionReport& report) {
      EXPECT_EQ(report.judgement.outcome(), expected) << "check\n" << s.text;
    });

    if (!s.ill) {
      CasesFile file;
      file.dns = s.dns;
      file.today = world.Today();
      Case one;
      one.client = Ip(kClient);
      one.helos = {s.helo};
      if (s.tls) one.tls = 0;
      one.authenticated = s.authenticated;
      one.expected.outcome = expected;
      file.cases = {one};
      const CasesResult result = RunCases(file, enforced);
      EXPECT_EQ(result.passed, 1U) << "test: " << (result.failures.empty() ? "" : result.failures.front().got) << "\n"
                                   << s.text;
    }
    if (!s.ill && enforced->first_stage == Stage::kRcpt) {
      LoggedSession logged;
      logged.client = Ip(kClient);
      logged.helo_known = HeloKnowledge::kSaid;
      logged.helo = s.helo;
      logged.tls = s.tls;
      logged.authenticated = s.authenticated;
      logged.helo_changed = false;
      ReplayJudge replay({enforced, nullptr}, std::make_shared<const OwnIdentity>(), world.Today());
      const DnsAnswers book = BookOf(s);
      EXPECT_EQ(replay.Judge(logged, &book)->verdict.outcome, expected) << "replay\n" << s.text;
    }
    if (!s.ill && !s.tls && !s.authenticated) {
      const AuditEvidence evidence = GatherEvidence(ParseHelo(s.helo), {Ip(kClient)}, {enforced}, around);
      EXPECT_EQ(evidence.addresses.front().answered.front().outcome, expected) << "audit\n" << s.text;
    }
  }
}

// What it finds out is there when the session closes: every answer has come by then.
TEST(Agreement, TheCandidateIsToldToDifferWhereItsOwnJudgementDoes) {
  Generator generator(3);
  unsigned differed = 0;
  for (unsigned i = 0; i < kSituations && !::testing::Test::HasFailure(); ++i) {
    const Situation s = generator.Next();
    if (s.policy->candidate == nullptr || s.policy->first_stage != Stage::kRcpt) continue;
    const Witness told = Daemon(s);
    JudgeOptions options;
    options.today = SimulatedServices().Today();
    options.resolver_ill = s.ill;
    options.recipient = s.recipient;
    const Outcome other = Judge(*s.policy->candidate, InputsOf(s), BookOf(s), options).outcome();
    if (told.candidate) {
      ++differed;
      EXPECT_EQ(*told.candidate, other) << s.text;
    } else {
      EXPECT_EQ(*told.outcome, other) << s.text;
    }
  }
  EXPECT_GT(differed, 30U);
}

}  // namespace
}  // namespace heloguard
