// When our own resolver counts as ill, how it recovers, and what sessions then refuse; and sites simulated with the
// default settings, to show that broken senders are not taken for a broken resolver.
#include "engine/resolver_health.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>

#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "heloguard/dns/zone.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;
using std::chrono::seconds;

class Told final : public EventSink {
 public:
  void Judged(const SessionReport& report) override { ill.push_back(report.judgement.resolver_ill); }
  void HealthChanged(bool healthy) override { changes.push_back(healthy); }
  void Alarm(std::string_view text) override { alarms.emplace_back(text); }
  std::vector<bool> changes, ill;
  std::vector<std::string> alarms;
};

class ResolverHealthTest : public ::testing::Test {
 protected:
  ResolverHealthTest() {
    health.OnSuspicion([this] { ++looks_wanted; });
  }
  void Look(ResolverState state) { health.Looked({state, state == ResolverState::kWell ? "" : "because"}); }
  void Answered(const DnsQuestion& question, const DnsAnswer& answer, std::string_view client = "192.0.2.7") {
    health.Answered(ZoneOf(question), Ip(client), answer);
  }
  // One lookup in a zone of its own, for a client of a network of its own unless one is named.
  void Lookup(unsigned zone, DnsStatus status, std::string client = "") {
    if (client.empty()) client = "10." + std::to_string(zone / 256) + "." + std::to_string(zone % 256) + ".7";
    Answered(A("mail.zone" + std::to_string(zone) + ".com"), End(status), client);
  }
  // Zones that are known to answer.
  void Acquaint(unsigned zones) {
    for (unsigned zone = 0; zone < zones; ++zone) Lookup(zone, DnsStatus::kAnswer);
    world.Advance(seconds(60));
  }
  // A message judged by the session code, as the daemon tells it.
  Outcome Message(const std::string& policy, std::string_view client = "192.0.2.7",
                  const std::string& helo = "mail.example.org") {
    Services around{&world, &world, &told, nullptr, milliseconds(4000), {}, ""};
    around.trust = &health;
    DrivenSession session("abcdefgh01234567", PolicyFrom(policy), around, {}, &world);
    ConnectInfo info;
    info.client = Ip(client);
    session.OnConnect(info);
    session.OnHelo(helo, false);
    session.OnMail("<>", false, false);
    const Outcome outcome = session.OnRcpt("<b@example.net>").outcome;
    health.Judged(session.Judge(Stage::kRcpt));
    return outcome;
  }

  SimulatedServices world;
  Told told;
  Settings::Dns defaults;
  ResolverHealth health{defaults, &world, &told};
  unsigned looks_wanted = 0;
};

// --- canaries ---

TEST_F(ResolverHealthTest, TheFirstLookCountsAtOnceLaterOnesInPairs) {
  Look(ResolverState::kNoAnswer);
  EXPECT_TRUE(health.ill());
  Look(ResolverState::kWell);
  EXPECT_FALSE(health.ill());
  Look(ResolverState::kNoAnswer);
  EXPECT_FALSE(health.ill()) << "one bad look may be a lost packet";
  Look(ResolverState::kWell);
  Look(ResolverState::kBadClock);
  EXPECT_FALSE(health.ill());
  Look(ResolverState::kBadClock);
  EXPECT_TRUE(health.ill());
  Look(ResolverState::kBadAnchor);
  Look(ResolverState::kWell);
  EXPECT_FALSE(health.ill());
  EXPECT_EQ(told.changes, (std::vector<bool>{false, true, false, true}));
  ASSERT_EQ(told.alarms.size(), 5U) << "one alarm a change, and one for another cause meanwhile";
  EXPECT_EQ(told.alarms[0],
            "DNS is not to be trusted, rules that rest on it refuse nothing until it recovers: because");
  EXPECT_EQ(told.alarms[1], "DNS is to be trusted again, all rules are in force");
}

// A path that never passed DNSSEC records is a state of its own; one that stops passing them is an illness.
TEST_F(ResolverHealthTest, WithoutDnssecRecordsFromTheStartOnlyTheirFactsAreMissing) {
  Look(ResolverState::kNoRecords);
  Look(ResolverState::kNoRecords);
  EXPECT_FALSE(health.ill());
  EXPECT_EQ(told.alarms, std::vector<std::string>{"every DNSSEC state is indeterminate: because"});
  Look(ResolverState::kWell);
  Look(ResolverState::kNoRecords);
  Look(ResolverState::kNoRecords);
  EXPECT_TRUE(health.ill());
}

// --- failing lookups ---

TEST_F(ResolverHealthTest, AnotherCauseOfTheSameIllnessIsTold) {
  Look(ResolverState::kNoAnswer);
  Look(ResolverState::kNoAnswer);
  health.Looked({ResolverState::kBadClock, "the clock"});
  health.Looked({ResolverState::kBadClock, "the clock"});
  EXPECT_EQ(told.changes, std::vector<bool>{false});
  ASSERT_EQ(told.alarms.size(), 2U);
  EXPECT_EQ(told.alarms[1], "DNS is still not to be trusted: the clock");
}

// Bad signatures are DNSSEC records too: the resolver goes on validating, so their loss is an illness.
TEST_F(ResolverHealthTest, RecordsThatCameOnceAndAreGoneAreAnIllness) {
  Look(ResolverState::kBadAnchor);
  Look(ResolverState::kNoRecords);
  EXPECT_TRUE(health.ill());
}

TEST_F(ResolverHealthTest, BothAlarmsOfOneLookAreTold) {
  Look(ResolverState::kNoAnswer);
  Look(ResolverState::kNoRecords);
  EXPECT_FALSE(health.ill());
  ASSERT_EQ(told.alarms.size(), 3U);
  EXPECT_EQ(told.alarms[1], "every DNSSEC state is indeterminate: because");
  EXPECT_EQ(told.alarms[2], "DNS is to be trusted again, all rules are in force");
}

TEST_F(ResolverHealthTest, AShareOfFailingZonesAndOneBadLookMakeItIllAndItRecoversByItself) {
  Look(ResolverState::kWell);
  Acquaint(240);
  for (unsigned zone = 0; zone < 100; ++zone) Lookup(zone, DnsStatus::kTimeout);
  EXPECT_EQ(looks_wanted, 0U) << "weighed when a part of the window is over";
  world.Advance(seconds(10));
  Lookup(100, DnsStatus::kServFail);
  EXPECT_EQ(looks_wanted, 1U);
  EXPECT_FALSE(health.ill()) << "before the canaries were looked at";
  Look(ResolverState::kNoAnswer);
  EXPECT_TRUE(health.ill());
  // It answers again: ill until less than three quarters of the limit fail.
  for (unsigned zone = 200; zone < 240; ++zone) Lookup(zone, DnsStatus::kAnswer);
  world.Advance(seconds(10));
  Lookup(300, DnsStatus::kAnswer);
  EXPECT_TRUE(health.ill());
  world.Advance(seconds(50));
  Lookup(301, DnsStatus::kNxDomain);
  EXPECT_FALSE(health.ill());
}

TEST_F(ResolverHealthTest, RecoversWithoutAnyLookupWhenTheWindowHasPassed) {
  Acquaint(101);
  for (unsigned zone = 0; zone < 100; ++zone) Lookup(zone, DnsStatus::kTimeout);
  world.Advance(seconds(10));
  Lookup(100, DnsStatus::kTimeout);
  Look(ResolverState::kNoAnswer);
  ASSERT_TRUE(health.ill());
  world.Advance(seconds(60));
  Look(ResolverState::kWell);
  EXPECT_FALSE(health.ill());
}

// Whoever owns some domains lets them answer once and fail a minute later.
TEST_F(ResolverHealthTest, ZonesThatFailAloneNeverOutweighCanariesThatAnswer) {
  Look(ResolverState::kWell);
  Acquaint(64);
  for (unsigned round = 0; round < 30; ++round) {
    for (unsigned zone = 0; zone < 64; ++zone) Lookup(zone, DnsStatus::kServFail, "192.0.2.7");
    world.Advance(seconds(10));
    const unsigned before = std::exchange(looks_wanted, 0);
    if (before != 0) Look(ResolverState::kWell);
    EXPECT_FALSE(health.ill()) << round;
    EXPECT_LE(before, 1U) << "a look for each part of the window at most";
  }
  EXPECT_TRUE(told.changes.empty());
  EXPECT_TRUE(told.alarms.empty());
}

// Of one client's zones not even a look is made while other clients' answer.
TEST_F(ResolverHealthTest, OneNetworkShowsNothingOfTheResolver) {
  Look(ResolverState::kWell);
  Acquaint(64);
  for (unsigned n = 0; n < 5; ++n)
    Answered(A("mail.good.com"), End(DnsStatus::kAnswer), "198.51." + std::to_string(n) + ".7");
  for (unsigned zone = 0; zone < 64; ++zone) Lookup(zone, DnsStatus::kServFail, "192.0.2.7");
  world.Advance(seconds(10));
  Lookup(1, DnsStatus::kServFail, "192.0.2.7");
  EXPECT_EQ(looks_wanted, 0U);
}

TEST_F(ResolverHealthTest, FewZonesMakeNoShare) {
  Acquaint(40);
  for (unsigned zone = 0; zone < defaults.health_min_zones - 2; ++zone) Lookup(zone, DnsStatus::kTimeout);
  world.Advance(seconds(10));
  Lookup(9'999, DnsStatus::kTimeout);
  EXPECT_FALSE(health.ill());
}

// One host that says thousands of names in other people's dead zones, and whose own network has no reverse DNS.
TEST_F(ResolverHealthTest, AHostileSenderOfDeadNamesShowsNothing) {
  Acquaint(20);
  for (unsigned round = 0; round < 10; ++round) {
    for (unsigned zone = 1'000; zone < 3'000; ++zone) Lookup(zone, DnsStatus::kTimeout);
    for (unsigned zone = 0; zone < 20; ++zone) Lookup(zone, DnsStatus::kAnswer);
    world.Advance(seconds(10));
  }
  EXPECT_FALSE(health.ill());
}

TEST_F(ResolverHealthTest, AZoneSilentForAnHourIsDead) {
  Acquaint(100);
  world.Advance(std::chrono::hours(1));
  Lookup(200, DnsStatus::kAnswer);
  for (unsigned zone = 0; zone < 100; ++zone) Lookup(zone, DnsStatus::kTimeout);
  world.Advance(seconds(10));
  Lookup(200, DnsStatus::kAnswer);
  EXPECT_FALSE(health.ill());
}

TEST_F(ResolverHealthTest, AFloodFromOneBrokenZoneIsOneFailure) {
  for (unsigned zone = 0; zone < 60; ++zone) Lookup(zone, DnsStatus::kAnswer);
  for (unsigned i = 0; i < 5'000; ++i) {
    Answered(Ptr("198.51.100." + std::to_string(i % 256)), End(DnsStatus::kServFail));
    Answered(A("h" + std::to_string(i) + ".broken.com"), End(DnsStatus::kTimeout));
  }
  world.Advance(seconds(10));
  Lookup(60, DnsStatus::kAnswer);
  EXPECT_FALSE(health.ill());
}

// A site at work: clients out of a population of two thousand networks arrive evenly over time; every lookup about one
// fails with the same probability, as if all of their zones came and went. (Zones that are always dead do not count at
// all.)
class Site {
 public:
  Site(unsigned seed, unsigned clients_a_minute) : random_(seed), a_minute_(clients_a_minute) {
    health_.OnSuspicion([this] { looked_for_ = true; });
    health_.Looked({});
    for (next_ = 0; next_ < kPopulation; ++next_) Client(false);
  }
  // How many minutes out of `minutes` the resolver counted as ill for at least a moment.
  unsigned IllMinutes(double broken, unsigned minutes) {
    unsigned ill = 0;
    for (unsigned minute = 0; minute < minutes; ++minute) {
      bool ever = false;
      for (unsigned i = 0; i < a_minute_; ++i) {
        world_.Advance(milliseconds(60'000 / a_minute_));
        Client(std::bernoulli_distribution(broken)(random_));
        // A resolver of which next to nothing comes answers no canary; one that answers half of what it is asked does.
        const bool canaries = broken < 0.9;
        if (std::exchange(looked_for_, false)) {
          health_.Looked({canaries ? ResolverState::kWell : ResolverState::kNoAnswer, canaries ? "" : "because"});
        }
        ever |= health_.ill();
      }
      ill += ever ? 1 : 0;
    }
    return ill;
  }

 private:
  void Client(bool broken) {
    const unsigned n = next_++ % kPopulation;
    const std::string client =
        std::to_string(1 + n % 9) + "." + std::to_string(n / 9 % 256) + "." + std::to_string(n / 2'304 % 256) + ".1";
    const DnsStatus status = broken ? DnsStatus::kServFail : DnsStatus::kAnswer;
    for (const DnsQuestion& question : {Ptr(client), A("mail.site" + std::to_string(n) + ".com")}) {
      health_.Answered(ZoneOf(question), Ip(client), End(status));
    }
  }
  static constexpr unsigned kPopulation = 2'000;
  SimulatedServices world_;
  Told told_;
  ResolverHealth health_{Settings::Dns{}, &world_, &told_};
  std::mt19937 random_;
  unsigned a_minute_;
  unsigned next_ = 0;
  bool looked_for_ = false;
};

TEST(HealthDefaults, FortyInAHundredBrokenSendersAreNoIllResolver) {
  for (const auto& [clients_a_minute, minutes] : {std::pair{25U, 600U}, {60U, 300U}, {600U, 20U}}) {
    SCOPED_TRACE(clients_a_minute);
    EXPECT_EQ(Site(1, clients_a_minute).IllMinutes(0.4, minutes), 0U);
    EXPECT_EQ(Site(2, clients_a_minute).IllMinutes(0.5, minutes), 0U);
  }
}

TEST(HealthDefaults, ADeadResolverIsFoundOutWithinTwoMinutes) {
  for (const unsigned clients_a_minute : {60U, 600U}) {
    SCOPED_TRACE(clients_a_minute);
    Site site(3, clients_a_minute);
    EXPECT_EQ(site.IllMinutes(0.4, 10), 0U);
    site.IllMinutes(1.0, 1);
    EXPECT_EQ(site.IllMinutes(1.0, 10), 10U);
    EXPECT_EQ(site.IllMinutes(0.95, 10), 10U);
    site.IllMinutes(0.4, 2);  // and back to what is usual
    EXPECT_EQ(site.IllMinutes(0.4, 10), 0U);
  }
}

// --- address translation ---

constexpr const char* kAnything = "[[rule]]\nname = 'r'\nwhen.helo.kind = 'malformed'\naction = 'reject'\n";

class NatTest : public ResolverHealthTest {
 protected:
  NatTest() {
    defaults.health_nat_messages = 50;
    small.emplace(defaults, &world, &told);
  }
  void Messages(unsigned count, const std::string& client, unsigned names) {
    SessionInputs inputs;
    inputs.client = Ip(client);
    inputs.own = std::make_shared<const OwnIdentity>();
    const DnsAnswers answers;
    const auto policy = PolicyFrom(kAnything);
    Judgement judgement;
    judgement.policy = policy.get();
    const std::optional<SmtpReply> reply;
    const MtaNotes mta;
    for (unsigned i = 0; i < count; ++i) {
      inputs.helo = ParseHelo("host" + std::to_string(i % names) + ".example.org");
      small->Judged({"id", inputs, answers, judgement, reply, 0, {}, {}, "", "", mta});
    }
  }
  std::optional<class ResolverHealth> small;
};

TEST_F(NatTest, EverybodyFromOnePrivateAddressUnderManyNames) {
  Messages(50, "172.17.0.1", 40);
  EXPECT_TRUE(small->ill());
  ASSERT_EQ(told.alarms.size(), 1U);
  EXPECT_NE(told.alarms[0].find("20 of the last 20 messages came from 172.17.0.1, which is no public address, under 20 "
                                "HELO names"),
            std::string::npos)
      << told.alarms[0];
  for (int i = 0; i < 10; ++i) Messages(1, "203.0.113." + std::to_string(i), 1);
  EXPECT_FALSE(small->ill()) << "the real addresses are seen again";
}

TEST_F(NatTest, ARelayAPublicAddressAndAMixAreNoTranslation) {
  Messages(200, "10.0.0.5", 2);
  EXPECT_FALSE(small->ill()) << "an application server says the same few names";
  Messages(200, "8.8.8.8", 40);
  EXPECT_FALSE(small->ill());
  for (int i = 0; i < 20; ++i) {
    Messages(9, "10.0.0.5", 9);
    Messages(1, "8.8.8.8", 1);
  }
  EXPECT_FALSE(small->ill());
}

// --- what sessions do ---

TEST_F(ResolverHealthTest, WhileIllOnlyWhatDoesNotRestOnDnsRefuses) {
  const std::string by_dns = "[[rule]]\nname = 'r'\nwhen.rdns.status = 'permerror'\naction = 'reject'\n";
  const std::string by_name = "[[rule]]\nname = 'r'\nwhen.helo.kind = 'bare-ipv4'\naction = 'reject'\n";
  EXPECT_EQ(Message(by_dns), Outcome::kReject);
  Look(ResolverState::kNoAnswer);
  EXPECT_EQ(Message(by_dns), Outcome::kAccept);
  EXPECT_EQ(Message(by_name, "192.0.2.7", "192.0.2.7"), Outcome::kReject);
  Look(ResolverState::kWell);
  EXPECT_EQ(Message(by_dns), Outcome::kReject);
  EXPECT_EQ(told.ill, (std::vector<bool>{false, true, true, false}));
}

TEST_F(ResolverHealthTest, WhileIllNobodyWaitsForWhatCannotRefuse) {
  world.Silence(Ptr("192.0.2.7"));
  Look(ResolverState::kNoAnswer);
  const auto before = world.Now();
  Message("[[rule]]\nname = 'r'\nwhen.rdns.status = 'permerror'\naction = 'reject'\n");
  EXPECT_EQ(world.Now(), before);
}

}  // namespace
}  // namespace heloguard
