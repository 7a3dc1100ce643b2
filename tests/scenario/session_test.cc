// Sessions on scripted DNS and a hand-moved clock: what is asked, when it waits, what is answered, what is told.
#include <gtest/gtest.h>

#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;

constexpr std::string_view kClient = "192.0.2.7";

// Writes down what it is told, a line each.
class Journal final : public EventSink {
 public:
  void Judged(const SessionReport& r) override {
    std::string line =
        std::string(NameOf(r.judgement.verdict.outcome)) + " at " + std::string(NameOf(r.judgement.stage));
    if (r.judgement.verdict.rule) line += " by " + r.judgement.policy->rules[*r.judgement.verdict.rule].name;
    if (!r.judgement.exempt.empty()) line += " exempt " + std::string(r.judgement.exempt);
    if (!r.to.empty()) line += " to " + std::string(r.to);
    told.push_back(line);
  }
  void SessionOpened() override { ++opened; }
  std::vector<std::string> told;
  int opened = 0;
};

constexpr const char* kPolicy = R"(
[policy]
exempt = { authenticated = true, recipients = ["postmaster", "abuse@example.org"] }
[[rule]]
name = "bare-ip"
when.helo.kind = "bare-ipv4"
action = "reject"
reply = "550 5.7.1 {helo} from {client} ({rdns}) refused by {rule}, session {session}"
[[rule]]
name = "no-reverse"
when.rdns.status = ["fail", "permerror"]
action = "tempfail"
)";

class SessionTest : public ::testing::Test {
 protected:
  DrivenSession& Open(const std::string& policy, std::string_view client = kClient) {
    Services session_world{&world, &world, &journal, nullptr, milliseconds(4000), {}, ""};
    session.emplace("abcdefgh01234567", PolicyFrom(policy), session_world, options, &world);
    ConnectInfo info;
    if (!client.empty()) info.client = Ip(client);
    const StageAnswer answer = session->OnConnect(info);
    EXPECT_EQ(answer.outcome, Outcome::kAccept);
    return *session;
  }
  void ScriptPass() {
    world.Script(Ptr(kClient), Names({"mail.example.org"}), milliseconds(10));
    world.Script(A("mail.example.org"), Addresses({kClient}), milliseconds(10));
  }
  static std::string Said(const StageAnswer& a) {
    return a.reply ? a.reply->ToString() : std::string(NameOf(a.outcome));
  }

  SimulatedServices world;
  Journal journal;
  SessionOptions options;
  std::optional<DrivenSession> session;
};

using Questions = std::vector<DnsQuestion>;

TEST_F(SessionTest, CleanClientIsAcceptedAfterTwoRounds) {
  ScriptPass();
  DrivenSession& s = Open(kPolicy);
  EXPECT_EQ(world.asked(), Questions{Ptr(kClient)});  // at connect, before HELO
  EXPECT_EQ(s.OnHelo("mail.example.org", false).outcome, Outcome::kAccept);
  EXPECT_EQ(s.OnMail("<a@example.org>", false, false).outcome, Outcome::kAccept);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  EXPECT_EQ(world.asked(), (Questions{Ptr(kClient), A("mail.example.org")}));
  s.OnClose();
  EXPECT_EQ(journal.told, std::vector<std::string>{"accept at rcpt to <b@example.net>"});
  EXPECT_EQ(journal.opened, 1);
}

TEST_F(SessionTest, StringRefusalWaitsForNothing) {
  world.Silence(Ptr(kClient));
  DrivenSession& s = Open(kPolicy);
  const auto before = world.Now();
  s.OnHelo("192.0.2.7", false);
  s.OnMail("<>", false, false);
  EXPECT_EQ(Said(s.OnRcpt("<b@example.net>")),
            "550 5.7.1 192.0.2.7 from 192.0.2.7 (unknown) refused by bare-ip, session abcdefgh01234567");
  EXPECT_EQ(world.Now(), before);
}

TEST_F(SessionTest, SilenceIsTemperrorAfterTheDeadlineAndRefusesNothing) {
  world.Silence(Ptr(kClient));
  DrivenSession& s = Open(kPolicy);
  const auto before = world.Now();
  s.OnHelo("mail.example.org", false);
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  EXPECT_EQ(world.Now() - before, milliseconds(4000));
  EXPECT_EQ(s.OnRcpt("<c@example.net>").outcome, Outcome::kAccept);
  EXPECT_EQ(world.Now() - before, milliseconds(4000));  // waited once
}

TEST_F(SessionTest, TheDeadlineCountsFromTheFirstQuestion) {
  world.Silence(Ptr(kClient));
  DrivenSession& s = Open(kPolicy);
  const auto connected = world.Now();
  s.OnHelo("mail.example.org", false);
  world.Advance(milliseconds(3500));  // the client thinks
  s.OnMail("<>", false, false);
  s.OnRcpt("<b@example.net>");
  EXPECT_EQ(world.Now() - connected, milliseconds(4000));
}

TEST_F(SessionTest, ExemptRecipientsAreAcceptedInARefusedSession) {
  DrivenSession& s = Open(kPolicy);
  s.OnHelo("192.0.2.7", false);
  s.OnMail("<>", false, false);
  for (std::string_view to : {"<postmaster>", "<PostMaster@Example.NET>", "<Abuse@example.org>"}) {
    EXPECT_EQ(s.OnRcpt(to).outcome, Outcome::kAccept) << to;
  }
  EXPECT_EQ(s.OnRcpt("<abuse@example.net>").outcome, Outcome::kReject);
  EXPECT_EQ(s.OnRcpt("<user@example.net>").outcome, Outcome::kReject);
  s.OnClose();
  // One line for the way the first recipient fared, one for the others that fared differently.
  EXPECT_EQ(journal.told, (std::vector<std::string>{"reject at rcpt by bare-ip exempt recipient to <postmaster>",
                                                    "reject at rcpt by bare-ip to <abuse@example.net>"}));
}

TEST_F(SessionTest, AuthenticatedClientsAreLeftAlone) {
  DrivenSession& s = Open(kPolicy);
  s.OnHelo("192.0.2.7", true);
  s.OnMail("<a@example.org>", true, true);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  s.OnClose();
  EXPECT_EQ(journal.told,
            std::vector<std::string>{"reject at rcpt by bare-ip exempt authenticated to <b@example.net>"});
}

TEST_F(SessionTest, ClientWithoutAddressIsAccepted) {
  DrivenSession& s = Open(kPolicy, "");
  s.OnHelo("192.0.2.7", false);
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  EXPECT_TRUE(world.asked().empty());
}

TEST_F(SessionTest, MappedClientCountsAsIpv4) {
  Open(kPolicy, "::ffff:192.0.2.7");
  EXPECT_EQ(world.asked(), Questions{Ptr(kClient)});
}

TEST_F(SessionTest, ASecondHeloRenewsTheVerdict) {
  ScriptPass();
  DrivenSession& s = Open(kPolicy);
  s.OnHelo("192.0.2.7", false);
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kReject);
  s.OnHelo("mail.example.org", false);
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  // The client's lookups are kept; there is nothing about the first refusal that sticks.
  EXPECT_EQ(world.asked(), (Questions{Ptr(kClient), A("mail.example.org")}));
}

TEST_F(SessionTest, ChangedHeloIsSeenAndTlsForgets) {
  const std::string changed = "[[rule]]\nname = 'changed'\nwhen.helo.changed = true\naction = 'reject'\n";
  const auto judge = [&](std::initializer_list<std::pair<std::string_view, bool>> helos) {
    DrivenSession& s = Open(changed);
    for (const auto& [text, tls] : helos) s.OnHelo(text, tls);
    s.OnMail("<>", false, false);
    return s.OnRcpt("<b@example.net>").outcome;
  };
  EXPECT_EQ(judge({{"a.example", false}}), Outcome::kAccept);
  EXPECT_EQ(judge({{"a.example", false}, {"A.Example.", false}}), Outcome::kAccept);
  EXPECT_EQ(judge({{"a.example", false}, {"b.example", false}}), Outcome::kReject);
  EXPECT_EQ(judge({{"a.example", false}, {"b.example", false}, {"a.example", false}}), Outcome::kReject);
  EXPECT_EQ(judge({{"a.example", false}, {"b.example", true}}), Outcome::kAccept);
  EXPECT_EQ(judge({{"a.example", false}, {"b.example", true}, {"c.example", true}}), Outcome::kReject);
}

TEST_F(SessionTest, TheFirstHeloAfterMailWithoutOneIsNoChange) {
  DrivenSession& s = Open("[[rule]]\nname = 'changed'\nwhen.helo.changed = true\naction = 'reject'\n");
  s.OnMail("<>", false, false);
  s.OnHelo("mail.example.org", false);
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
}

// A client that starts TLS and does not repeat its EHLO has said nothing: what came in the clear may be another's.
TEST_F(SessionTest, HeloInTheClearIsForgottenWhenTlsStartsWithoutANewOne) {
  const std::string policy =
      "[[rule]]\nname = 'name'\nwhen.helo.name = 'injected'\naction = 'reject'\n"
      "[[rule]]\nname = 'changed'\nwhen.helo.changed = true\naction = 'reject'\n";
  DrivenSession& s = Open(policy);
  s.OnHelo("injected.example", false);
  s.OnMail("<>", false, true);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  s.OnHelo("mail.example.org", true);
  s.OnMail("<>", false, true);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
}

TEST_F(SessionTest, ARuleWithALaterStageThanThePolicysGetsItsLookups) {
  world.Script(A("ghost.example"), End(DnsStatus::kNxDomain), milliseconds(5));
  world.Script(Aaaa("ghost.example"), End(DnsStatus::kNxDomain), milliseconds(5));
  DrivenSession& s = Open(
      "[policy]\nstage = 'helo'\n[[rule]]\nname = 'nx'\nwhen.helo.address = 'nxdomain'\n"
      "stage = 'rcpt'\naction = 'reject'\noverrides_rfc5321 = true\n");
  EXPECT_EQ(s.OnHelo("ghost.example", false).outcome, Outcome::kAccept);
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kReject);
}

TEST_F(SessionTest, TheCapOnLookupsIsTheSessions) {
  DrivenSession& s = Open(
      "[[rule]]\nname = 'nx'\nwhen.helo.address = 'nxdomain'\nwhen.helo.mx = 'null'\n"
      "action = 'reject'\n");
  for (int i = 0; i < 100; ++i) s.OnHelo("h" + std::to_string(i) + ".example", false);
  EXPECT_EQ(world.asked().size(), LookupLimits{}.max_lookups / 3 * 3);  // a name is asked about wholly or not at all
}

// Two hundred names and a hundred HELOs: the forward lookups that come late count too.
TEST_F(SessionTest, NeitherManyPtrNamesNorManyHelosExceedTheCap) {
  std::vector<DnsRecord> names;
  for (int i = 0; i < 200; ++i) names.emplace_back(Name("n" + std::to_string(i) + ".example"));
  world.Script(Ptr(kClient), Data(std::move(names)), milliseconds(50));
  DrivenSession& s = Open(
      "[[rule]]\nname = 'nx'\nwhen.helo.address = 'nxdomain'\nwhen.helo.mx = 'null'\nwhen.rdns.status = 'fail'\n"
      "action = 'reject'\n");
  for (int i = 0; i < 100; ++i) s.OnHelo("h" + std::to_string(i) + ".example", false);
  world.Advance(milliseconds(100));
  s.OnHelo("h.example", false);
  EXPECT_LE(world.asked().size(), LookupLimits{}.max_lookups);
  EXPECT_GE(world.asked().size(), LookupLimits{}.max_lookups - 3);
}

TEST_F(SessionTest, OddOctetsOfAPtrNameAreEscapedOnceInTheReply) {
  const auto odd = DomainName::FromWire(std::string_view("\3a\xff"
                                                         "b\3com\0",
                                                         9))
                       .value();
  world.Script(Ptr(kClient), Data({odd}));
  DrivenSession& s =
      Open("[[rule]]\nname = 'r'\nwhen.rdns.status = 'fail'\naction = 'reject'\nreply = '550 5.7.25 {rdns}'\n");
  s.OnHelo("mail.example.org", false);
  s.OnMail("<>", false, false);
  EXPECT_EQ(Said(s.OnRcpt("<b@example.net>")), "550 5.7.25 a\\xffb.com");
}

TEST_F(SessionTest, NoHeloIsMissingAtMail) {
  ScriptPass();
  DrivenSession& s = Open("[[rule]]\nname = 'missing'\nwhen.helo.kind = 'missing'\naction = 'reject'\n");
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kReject);
}

TEST_F(SessionTest, ObserveTellsAndNeverActs) {
  DrivenSession& s =
      Open(std::string("[policy]\nmode = 'observe'\n[[rule]]\nname = 'bare-ip'\n"
                       "when.helo.kind = 'bare-ipv4'\naction = 'reject'\n"));
  s.OnHelo("192.0.2.7", false);
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  EXPECT_EQ(journal.told, std::vector<std::string>{"reject at rcpt by bare-ip to <b@example.net>"});
}

TEST_F(SessionTest, RefusalsAtEarlierStagesOnlyWhereAsked) {
  const auto at = [](std::string_view stage) {
    return "[[rule]]\nname = 'bare-ip'\nwhen.helo.kind = 'bare-ipv4'\naction = 'reject'\nstage = '" +
           std::string(stage) + "'\n";
  };
  EXPECT_EQ(Open(at("helo")).OnHelo("192.0.2.7", false).outcome, Outcome::kReject);
  DrivenSession& s = Open(at("mail"));
  EXPECT_EQ(s.OnHelo("192.0.2.7", false).outcome, Outcome::kAccept);
  EXPECT_EQ(s.OnMail("<>", false, false).outcome, Outcome::kReject);
  EXPECT_EQ(Open(kPolicy).OnHelo("192.0.2.7", false).outcome, Outcome::kAccept);
}

TEST_F(SessionTest, SessionsWithoutMailAreToldOnceAtClose) {
  DrivenSession& s = Open(kPolicy);
  s.OnHelo("192.0.2.7", false);
  EXPECT_TRUE(journal.told.empty());
  s.OnClose();
  EXPECT_EQ(journal.told.size(), 1U);
}

TEST_F(SessionTest, EveryMessageIsToldOnce) {
  ScriptPass();
  DrivenSession& s = Open(kPolicy);
  s.OnHelo("mail.example.org", false);
  for (int i = 0; i < 2; ++i) {
    s.OnMail("<a@example.org>", false, false);
    s.OnRcpt("<b@example.net>");
    s.OnRcpt("<c@example.net>");
  }
  s.OnMail("<d@example.org>", false, false);  // and one that gives up before RCPT
  s.OnClose();
  EXPECT_EQ(journal.told, (std::vector<std::string>{"accept at rcpt to <b@example.net>",
                                                    "accept at rcpt to <b@example.net>", "accept at mail"}));
}

TEST_F(SessionTest, HeloLookupsGoOutWithTheHeloAndJoinBothFamilies) {
  const std::string policy =
      "[[rule]]\nname = 'nowhere'\nwhen.helo.address = 'nxdomain'\nwhen.rdns.status = 'permerror'\naction = 'reject'\n";
  world.Script(A("ghost.example"), End(DnsStatus::kNxDomain), milliseconds(5));
  world.Script(Aaaa("ghost.example"), End(DnsStatus::kNxDomain), milliseconds(900));
  DrivenSession& s = Open(policy);
  s.OnHelo("ghost.example", false);
  EXPECT_EQ(world.asked(), (Questions{Ptr(kClient), A("ghost.example"), Aaaa("ghost.example")}));
  s.OnMail("<>", false, false);
  EXPECT_EQ(s.OnRcpt("<b@example.net>").outcome, Outcome::kReject);
}

TEST_F(SessionTest, ATrustedClientIsAskedNothing) {
  Open(
      "[list.trusted]\nclients = ['192.0.2.0/24']\n[[rule]]\nname = 't'\nwhen.client.address = '@trusted'\n"
      "action = 'accept'\n[[rule]]\nname = 'r'\nwhen.rdns.status = 'fail'\naction = 'reject'\n");
  EXPECT_TRUE(world.asked().empty());
}

TEST_F(SessionTest, FullEvidenceAsksEverything) {
  ScriptPass();
  options.full_evidence = true;
  options.extra_facts = kAllFacts;
  DrivenSession& s = Open(kPolicy);
  s.OnHelo("192.0.2.7", false);
  s.OnMail("<>", false, false);
  const SessionReport report = s.Judge(Stage::kRcpt);
  EXPECT_EQ(report.judgement.verdict.outcome, Outcome::kReject);
  EXPECT_EQ(report.judgement.facts[FactId::kRdnsStatus], Fact::Enum(RdnsStatus::kPass));
  EXPECT_EQ(report.reply->code(), 550);
}

TEST_F(SessionTest, ALateAnswerAfterTheSessionIsHarmless) {
  world.Script(Ptr(kClient), Names({"mail.example.org"}), milliseconds(9000));
  Open(kPolicy).OnClose();
  session.reset();
  world.Advance(milliseconds(10000));
  EXPECT_EQ(world.asked(), (Questions{Ptr(kClient), A("mail.example.org")}));  // brought to its end for those to come
}

}  // namespace
}  // namespace heloguard
