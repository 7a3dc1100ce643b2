// SPF of the HELO name under sessions: which questions go out, for whom the answers serve, and what the caps and the
// deadline leave of it.
#include <gtest/gtest.h>

#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "engine/evidence_cache.h"
#include "heloguard/dns/spf.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;
using Asked = std::vector<std::string>;

constexpr std::string_view kClient = "192.0.2.7";
constexpr std::string_view kHelo = "mail.example.org";
constexpr const char* kFail = "[[rule]]\nname = 'spf'\nwhen.spf.helo = 'fail'\naction = 'reject'\n";

class Witness final : public EventSink {
 public:
  void Judged(const SessionReport& report) override {
    fact = report.judgement.facts[FactId::kSpfHelo];
    reply = report.reply ? report.reply->ToString() : "";
  }
  void EvidenceUsed(CacheUse use) override { uses.push_back(use); }
  Fact fact;
  std::string reply;
  std::vector<CacheUse> uses;
};

class SpfSession : public ::testing::Test {
 protected:
  // A whole message.
  Outcome Say(std::string_view helo, std::string_view client = kClient, const std::string& policy = kFail) {
    DrivenSession session("abcdefgh01234567", PolicyFrom(policy), around, {}, &world);
    Connect(&session, client);
    session.OnHelo(helo, false);
    session.OnMail("<>", false, false);
    return session.OnRcpt("<b@example.net>").outcome;
  }
  static void Connect(DrivenSession* session, std::string_view client = kClient) {
    ConnectInfo info;
    info.client = Ip(client);
    session->OnConnect(info);
  }
  void Publish(std::string_view record, milliseconds after = milliseconds(10)) {
    world.Script(Txt(kHelo), Texts({"unrelated", record}), after);
  }
  [[nodiscard]] Asked Questions() const {
    Asked asked;
    for (const DnsQuestion& question : world.asked()) {
      asked.push_back(std::string(NameOf(question.type)) + " " + question.name.ToText());
    }
    return asked;
  }

  SimulatedServices world;
  Witness witness;
  Services around{&world, &world, &witness, nullptr, milliseconds(4000), {}, ""};
};

TEST_F(SpfSession, RefusesOnFailAloneAndSaysWhy) {
  Publish("v=spf1 a -all");
  world.Script(A(kHelo), Addresses({"192.0.2.8"}), milliseconds(10));
  EXPECT_EQ(Say(kHelo), Outcome::kReject);
  EXPECT_EQ(witness.fact, Fact::Enum(SpfResult::kFail));
  const std::string said = "550 5.7.23 The SPF record of HELO mail.example.org does not let 192.0.2.7 use that name";
  EXPECT_TRUE(witness.reply.starts_with(said)) << witness.reply;
  EXPECT_EQ(Say(kHelo, "192.0.2.8"), Outcome::kAccept);
  EXPECT_EQ(witness.fact, Fact::Enum(SpfResult::kPass));
}

TEST_F(SpfSession, AsksTermAfterTermAndNothingTheRecordDoesNotNeed) {
  Publish("v=spf1 ip4:203.0.113.1 mx include:x.example -all");
  world.Script(Mx(kHelo), Data({MxRecord{10, Name("mx.example")}}), milliseconds(10));
  world.Script(Txt("x.example"), Texts({"v=spf1 ip4:192.0.2.7"}), milliseconds(10));
  EXPECT_EQ(Say(kHelo), Outcome::kAccept);
  EXPECT_EQ(Questions(), (Asked{"TXT mail.example.org", "MX mail.example.org", "A mx.example", "TXT x.example"}));
}

TEST_F(SpfSession, NothingIsAskedWhereNoRuleWantsItOrTheHeloIsNoNameOfSeveralLabels) {
  EXPECT_EQ(Say(kHelo, kClient, "[[rule]]\nname = 'x'\nwhen.helo.mx = 'null'\naction = 'reject'\n"), Outcome::kAccept);
  EXPECT_EQ(Questions(), Asked{"MX mail.example.org"});
  for (const char* helo : {"[192.0.2.7]", "192.0.2.7", "friend", "a..b", "two words.example"}) {
    EXPECT_EQ(Say(helo), Outcome::kAccept) << helo;
    EXPECT_EQ(witness.fact.state(), FactState::kNotApplicable) << helo;
  }
  EXPECT_EQ(world.asked().size(), 1U);
}

TEST_F(SpfSession, ACreditIsForTheClientsTheRecordNames) {
  const std::string policy =
      "[policy]\nscore = { reject = 3.0 }\n"
      "[[rule]]\nname = 'charge'\nwhen.helo.name = 'dyn'\nscore = 4.0\n"
      "[[rule]]\nname = 'credit'\nwhen.spf.helo = 'pass'\nscore = -2.0\n";
  world.Script(Txt("dyn.example.org"), Texts({"v=spf1 ip4:192.0.2.7 -all"}), milliseconds(10));
  EXPECT_EQ(Say("dyn.example.org", kClient, policy), Outcome::kAccept);
  EXPECT_EQ(Say("dyn.example.org", "192.0.2.8", policy), Outcome::kReject);
  world.Silence(Txt("dyn.example.org"));
  EXPECT_EQ(Say("dyn.example.org", "192.0.2.8", policy), Outcome::kAccept);
}

TEST_F(SpfSession, ServesForTheClientAndTheNameTogetherOnly) {
  EvidenceCache cache(std::size_t{1} << 20U, {{&world}}, &world, &witness);
  around.evidence = &cache;
  Publish("v=spf1 a -all");
  world.Script(A(kHelo), Addresses({kClient}), milliseconds(10));
  EXPECT_EQ(Say(kHelo), Outcome::kAccept);
  const std::size_t asked = world.asked().size();
  EXPECT_EQ(Say(kHelo), Outcome::kAccept);
  EXPECT_EQ(world.asked().size(), asked);
  EXPECT_EQ(Say(kHelo, "192.0.2.8"), Outcome::kReject);
  EXPECT_EQ(world.asked().size(), 2 * asked);
  EXPECT_EQ(Say("other.example.org"), Outcome::kAccept);
  EXPECT_EQ(witness.fact, Fact::Enum(SpfResult::kNone));
  EXPECT_EQ(witness.uses, (std::vector{CacheUse::kMiss, CacheUse::kHit, CacheUse::kMiss, CacheUse::kMiss}));
  // A policy that wants the name's own records beside it has them for every client.
  const std::string both = std::string(kFail) + "[[rule]]\nname = 'x'\nwhen.helo.mx = 'null'\naction = 'reject'\n";
  witness.uses.clear();
  Say(kHelo, kClient, both);
  Say(kHelo, "192.0.2.9", both);
  EXPECT_EQ(witness.uses, (std::vector{CacheUse::kMiss, CacheUse::kHit, CacheUse::kHit, CacheUse::kMiss}));
}

TEST_F(SpfSession, WhatIsNotAnsweredInTimeIsTemperrorAndRefusesNobody) {
  Publish("v=spf1 a mx -all");
  world.Script(A(kHelo), Addresses({"192.0.2.8"}), milliseconds(10));
  world.Silence(Mx(kHelo));
  EXPECT_EQ(Say(kHelo), Outcome::kAccept);
  EXPECT_EQ(witness.fact, Fact::Transient(SpfResult::kTemperror));
}

TEST_F(SpfSession, BogusIsTemperror) {
  world.Script(Txt(kHelo), End(DnsStatus::kBogus), milliseconds(10));
  EXPECT_EQ(Say(kHelo), Outcome::kAccept);
  EXPECT_EQ(witness.fact, Fact::Transient(SpfResult::kTemperror));
}

// The worst record wants 111 questions.
TEST_F(SpfSession, TheCapOnLookupsLeavesItUnknown) {
  std::string record = "v=spf1";
  for (char term = 'a'; term <= 'j'; ++term) {
    record += std::string(" mx:") + term + ".example";
    std::vector<DnsRecord> names;
    for (char host = 'a'; host <= 'j'; ++host)
      names.emplace_back(MxRecord{1, Name(std::string{host, '.', term, '.'} + "example")});
    world.Script(Mx(std::string{term} + ".example"), Data(std::move(names)), milliseconds(1));
  }
  for (char term = 'a'; term <= 'j'; ++term) {
    for (char host = 'a'; host <= 'j'; ++host) {
      world.Script(A(std::string{host, '.', term, '.'} + "example"), Addresses({"203.0.113.9"}), milliseconds(1));
    }
  }
  Publish(record + " -all");
  EXPECT_EQ(Say(kHelo), Outcome::kAccept);
  EXPECT_EQ(witness.fact.state(), FactState::kUnknown);
  EXPECT_LE(world.asked().size(), around.limits.max_lookups);
  around.limits.max_lookups = 200;
  EXPECT_EQ(Say(kHelo), Outcome::kReject);
}

TEST_F(SpfSession, ManyHelosStayWithinTheCapAndTheLastOneIsUnknown) {
  DrivenSession session("abcdefgh01234567", PolicyFrom(kFail), around, {}, &world);
  Connect(&session);
  for (int i = 0; i < 100; ++i) {
    const std::string helo = "h" + std::to_string(i) + ".example.org";
    world.Script(Txt(helo), Texts({"v=spf1 a mx ptr -all"}), milliseconds(20));
    session.OnHelo(helo, false);
  }
  world.Advance(milliseconds(1'000));
  session.OnMail("<>", false, false);
  EXPECT_EQ(session.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  EXPECT_EQ(witness.fact.state(), FactState::kUnknown);
  EXPECT_LE(world.asked().size(), around.limits.max_lookups);
}

// The smallest cap has room for the client and the HELO name's own records only.
TEST_F(SpfSession, WithoutRoomItIsNotAsked) {
  around.limits.max_lookups = 4;
  Publish("v=spf1 -all");
  EXPECT_EQ(Say(kHelo), Outcome::kAccept);
  EXPECT_EQ(Questions(), Asked{});
  EXPECT_EQ(witness.fact.state(), FactState::kUnknown);
}

TEST_F(SpfSession, HeloInTheClearIsForgottenWhenTlsStarts) {
  Publish("v=spf1 -all");
  DrivenSession session("abcdefgh01234567", PolicyFrom(kFail), around, {}, &world);
  Connect(&session);
  session.OnHelo(kHelo, false);
  world.Advance(milliseconds(100));
  session.OnHelo("plain.example.org", true);
  session.OnMail("<>", false, true);
  EXPECT_EQ(session.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  EXPECT_EQ(witness.fact, Fact::Enum(SpfResult::kNone));
}

// The name that is said again over TLS is gone on with, however slow its answers are: another round would not fit the
// cap.
TEST_F(SpfSession, TheSameNameOverTlsIsGoneOnWith) {
  Publish("v=spf1 -all", milliseconds(400));
  DrivenSession session("abcdefgh01234567", PolicyFrom(kFail), around, {}, &world);
  Connect(&session);
  session.OnHelo(kHelo, false);
  world.Advance(milliseconds(50));
  session.OnHelo(kHelo, true);
  session.OnMail("<>", false, true);
  EXPECT_EQ(session.OnRcpt("<b@example.net>").outcome, Outcome::kReject);
  EXPECT_EQ(Questions(), Asked{"TXT mail.example.org"});
}

// Each name is charged for: a client that says one after another comes to the end of its cap. What was asked for the
// first serves it again.
TEST_F(SpfSession, OtherNamesAreChargedFor) {
  Publish("v=spf1 -all", milliseconds(400));
  world.Script(Txt("other.example.org"), Texts({"v=spf1 -all"}), milliseconds(10));
  DrivenSession session("abcdefgh01234567", PolicyFrom(kFail), around, {}, &world);
  Connect(&session);
  session.OnHelo(kHelo, false);
  session.OnHelo("other.example.org", false);
  session.OnMail("<>", false, false);
  EXPECT_EQ(session.OnRcpt("<b@example.net>").outcome, Outcome::kAccept);
  EXPECT_EQ(witness.fact.state(), FactState::kUnknown);
  session.OnHelo(kHelo, false);
  session.OnMail("<>", false, false);
  EXPECT_EQ(session.OnRcpt("<b@example.net>").outcome, Outcome::kReject);
  EXPECT_EQ(Questions(), Asked{"TXT mail.example.org"});
}

}  // namespace
}  // namespace heloguard
