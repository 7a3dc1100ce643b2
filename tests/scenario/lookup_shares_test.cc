// What a client may ask of DNS when others ask too (engine/limits/lookup_shares.h): the shares by themselves, and
// sessions judged while somebody tries to fill the resolver with questions to zones that do not answer.
#include "engine/limits/lookup_shares.h"

#include <gtest/gtest.h>

#include <deque>

#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kLimit = 2'000;    // dns.max_in_flight's default
constexpr milliseconds kGivesUp{9'000};  // libunbound, on a server that is silent
constexpr milliseconds kSoonAfter{300};  // a question was asked: others are answered

class Told final : public EventSink {
 public:
  void Judged(const SessionReport& /*report*/) override {}
  void DnsHeldBack(HeldBack why) override { ++held[static_cast<std::size_t>(why)]; }
  void Alarm(std::string_view text) override { alarms.emplace_back(text); }
  [[nodiscard]] std::size_t Held(HeldBack why) const { return held[static_cast<std::size_t>(why)]; }
  std::array<std::size_t, EnumNames<HeldBack>.size()> held{};
  std::vector<std::string> alarms;
};

std::string Text(std::string_view before, unsigned n, std::string_view after) {
  return std::string(before) + std::to_string(n) + std::string(after);
}

class LookupSharesTest : public ::testing::Test {
 protected:
  // How many of `count` questions, each in a zone of its own unless `zone` is given, are let through.
  unsigned Admitted(unsigned count, std::string_view client, std::string_view zone = "") {
    unsigned admitted = 0;
    for (unsigned i = 0; i < count; ++i) {
      const DnsQuestion question =
          A(zone.empty() ? Text("mail.z", next_++, ".com") : Text("m", next_++, ".") + std::string(zone));
      if (shares.Admit(question, Ip(client))) continue;
      ++admitted;
      open.push_back({question, Ip(client), world.Now()});
    }
    return admitted;
  }
  // Somebody else's question is answered.
  void OthersAreAnswered() {
    const DnsQuestion question = A("mail.other.org");
    ASSERT_EQ(shares.Admit(question, Ip("198.51.100.77")), std::nullopt);
    shares.Ended(question, Ip("198.51.100.77"), testing::End(DnsStatus::kNxDomain));
  }
  // A question to `zone` that is not answered while somebody else's is.
  void StaysSilent(std::string_view zone) {
    ASSERT_EQ(Admitted(1, "192.0.2.1", zone), 1U);
    world.Advance(kSoonAfter);
    OthersAreAnswered();
    End(1, DnsStatus::kTimeout, kGivesUp);
    world.Advance(seconds(3));
  }
  // Of the oldest questions.
  void End(std::size_t count, DnsStatus status, milliseconds after = {}) {
    world.Advance(after);
    for (std::size_t i = 0; i < count; ++i) {
      DnsAnswer answer = testing::End(status);
      answer.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(world.Now() - open.front().asked);
      shares.Ended(open.front().question, open.front().client, answer);
      open.pop_front();
    }
  }

  SimulatedServices world;
  Told told;
  LookupShares shares{kLimit, &world, &told};
  struct Open {
    DnsQuestion question;
    IpAddress client;
    Clock::TimePoint asked;
  };
  std::deque<Open> open;
  unsigned next_ = 0;
};

TEST_F(LookupSharesTest, ANetworkThatGetsNoAnswersHasASixteenth) {
  EXPECT_EQ(Admitted(500, "192.0.2.1"), kLimit / 16);
  EXPECT_EQ(Admitted(500, "192.0.2.200"), 0U) << "the same network";
  EXPECT_EQ(told.Held(HeldBack::kNetwork), 875U);
  EXPECT_EQ(Admitted(10, "198.51.100.1"), 10U) << "another one asks as if nothing were";
  EXPECT_EQ(shares.in_flight(), kLimit / 16 + 10);
  ASSERT_EQ(told.alarms.size(), 1U) << "once a minute";
  EXPECT_EQ(told.alarms[0],
            "DNS lookups for client network 192.0.2.0/24 are held back (network): 125 are under way; what they ask is "
            "unknown to this network's sessions alone");
}

// Below half of the limit a client that gets its answers asks what it likes.
TEST_F(LookupSharesTest, ABusyNetworkThatIsAnsweredIsNotHeldBack) {
  for (unsigned round = 0; round < 20; ++round) {
    EXPECT_EQ(Admitted(100, "192.0.2.1"), 100U);
    End(100, DnsStatus::kAnswer, milliseconds(20));
  }
  EXPECT_EQ(Admitted(900, "192.0.2.1"), 900U);
  EXPECT_EQ(told.held, Told{}.held);
}

TEST_F(LookupSharesTest, AboveHalfNobodyTakesWhatIsLeft) {
  for (unsigned n = 0; n < 50; ++n) Admitted(125, Text("10.0.", n, ".1"));
  EXPECT_GE(shares.in_flight(), kLimit / 2);
  EXPECT_LT(shares.in_flight(), kLimit * 3 / 4);
  EXPECT_GT(told.Held(HeldBack::kShare), 0U);
  EXPECT_EQ(Admitted(9, "198.51.100.1"), 8U) << "what a session asks at once";
  open.erase(open.begin(), open.end() - 8);
  End(8, DnsStatus::kAnswer, milliseconds(20));
  EXPECT_EQ(Admitted(16, "198.51.100.1"), 16U) << "who gets answers may ask more";
}

TEST_F(LookupSharesTest, ASilentZoneIsAskedLessAndLess) {
  StaysSilent("dead.com");
  StaysSilent("dead.com");
  std::vector<unsigned> a_minute;
  for (unsigned minute = 0; minute < 4; ++minute) {
    unsigned asked = 0;
    for (unsigned second = 0; second < 60; ++second) {
      asked += Admitted(5, Text("10.0.", second, ".1"), "dead.com");
      world.Advance(milliseconds(500));
      OthersAreAnswered();
      if (!open.empty())
        End(open.size(), DnsStatus::kTimeout, milliseconds(500));
      else
        world.Advance(milliseconds(500));
    }
    a_minute.push_back(asked);
  }
  EXPECT_LE(a_minute[0], 6U);
  EXPECT_LE(a_minute[3], 2U);
  EXPECT_GE(a_minute[3], 1U) << "it may come back";
  EXPECT_TRUE(told.alarms.empty()) << "the world is full of dead zones";
  world.Advance(seconds(61));
  EXPECT_EQ(Admitted(1, "192.0.2.1", "dead.com"), 1U);
  End(1, DnsStatus::kNxDomain, milliseconds(20));
  EXPECT_EQ(Admitted(5, "192.0.2.1", "dead.com"), 5U) << "one answer, and it is as any other";
}

// A SERVFAIL that comes at once holds nobody up.
TEST_F(LookupSharesTest, AQuickFailureIsNoSilence) {
  for (unsigned i = 0; i < 50; ++i) {
    EXPECT_EQ(Admitted(1, "192.0.2.1", "lame.com"), 1U);
    End(1, DnsStatus::kServFail, milliseconds(5));
  }
}

// The end of an outage: what was asked in it comes to nothing only now.
TEST_F(LookupSharesTest, ALateSilenceOfBeforeTheLastAnswerIsNone) {
  Admitted(3, "192.0.2.1", "back.com");
  open.push_front(open.back());
  open.pop_back();
  End(1, DnsStatus::kAnswer, milliseconds(20));
  End(1, DnsStatus::kTimeout, kGivesUp);
  world.Advance(seconds(3));
  End(1, DnsStatus::kTimeout);
  EXPECT_EQ(Admitted(1, "192.0.2.1", "back.com"), 1U);
}

TEST_F(LookupSharesTest, WhileNobodyAnswersNoZoneIsBlamed) {
  for (unsigned round = 0; round < 5; ++round) {
    EXPECT_EQ(Admitted(40, "192.0.2.1", "a.com"), 40U) << round;
    EXPECT_EQ(Admitted(40, "198.51.100.1", "b.com"), 40U) << round;
    End(80, DnsStatus::kTimeout, kGivesUp);
    world.Advance(seconds(61));
  }
  EXPECT_EQ(told.Held(HeldBack::kZone), 0U);
}

// Of a moment in which others were still answered; what was asked then comes to nothing one after the other.
TEST_F(LookupSharesTest, TheBeginningOfAnOutageBlamesNobody) {
  OthersAreAnswered();
  EXPECT_EQ(Admitted(20, "192.0.2.1", "a.com"), 20U);
  OthersAreAnswered();
  for (unsigned i = 0; i < 20; ++i) End(1, DnsStatus::kTimeout, milliseconds(1'000));
  EXPECT_EQ(Admitted(1, "192.0.2.1", "a.com"), 1U);
}

// What was asked while nobody answered is under way for a while after.
TEST_F(LookupSharesTest, TheEndOfAnOutageBlamesNobody) {
  Admitted(1, "192.0.2.1", "a.com");
  End(1, DnsStatus::kAnswer, milliseconds(20));
  OthersAreAnswered();
  for (unsigned second = 0; second < 5; ++second) {
    EXPECT_EQ(Admitted(20, Text("10.0.", second, ".1"), "a.com"), 20U) << second;
    world.Advance(seconds(1));
  }
  OthersAreAnswered();
  EXPECT_EQ(Admitted(20, "192.0.2.1", "a.com"), 20U);
  for (unsigned i = 0; i < 3; ++i) {
    world.Advance(milliseconds(500));
    OthersAreAnswered();
  }
  EXPECT_EQ(Admitted(20, "198.51.100.1", "a.com"), 0U) << "it had the time to answer";
}

// Of questions asked together, however far apart they come to nothing.
TEST_F(LookupSharesTest, SilencesAtTheSameTimeAreOne) {
  EXPECT_EQ(Admitted(20, "192.0.2.1", "a.com"), 20U);
  world.Advance(kSoonAfter);
  OthersAreAnswered();
  for (unsigned i = 0; i < 20; ++i) End(1, DnsStatus::kTimeout, milliseconds(1'000));
  EXPECT_EQ(Admitted(1, "192.0.2.1", "a.com"), 1U);
}

TEST_F(LookupSharesTest, AfterAnIllnessOfOurOwnNobodyIsBlamed) {
  StaysSilent("dead.com");
  StaysSilent("dead.com");
  EXPECT_EQ(Admitted(1, "192.0.2.1", "dead.com"), 0U);
  shares.Forgive();
  EXPECT_EQ(Admitted(1, "192.0.2.1", "dead.com"), 1U);
}

TEST_F(LookupSharesTest, ASmallLimitStillServes) {
  LookupShares small(16, &world, &told);
  for (unsigned i = 0; i < 16; ++i) EXPECT_FALSE(small.Admit(A(Text("a", i, ".com")), Ip(Text("10.0.", i, ".1"))));
  EXPECT_EQ(small.Admit(A("b.com"), Ip("192.0.2.1")), HeldBack::kFull);
  EXPECT_EQ(told.Held(HeldBack::kFull), 1U);
}

// --- under attack ---

// A resolver as libunbound is one: it gives up on silent servers after nine seconds, answers others in twenty
// milliseconds, and takes no more than its limit.
class Crowded final : public Resolver {
 public:
  explicit Crowded(SimulatedServices* world) : world_(world) {}
  void Ask(const DnsQuestion& question, Callback done) override {
    if (under_way_ >= kLimit) {
      ++refused;
      return done({});
    }
    ++under_way_;
    if (IsDead(question)) {
      ++dead;
      world_->Script(question, testing::End(DnsStatus::kServFail), kGivesUp);
    }
    world_->Ask(question, [this, done = std::move(done)](DnsAnswer answer) {
      --under_way_;
      done(std::move(answer));
    });
  }
  std::size_t refused = 0, dead = 0;

 private:
  static bool IsDead(const DnsQuestion& question) {
    const auto& labels = question.name.labels();
    return labels.size() >= 2 && labels[labels.size() - 2].starts_with("dead");
  }
  SimulatedServices* const world_;
  std::size_t under_way_ = 0;
};

struct Attack {
  const char* name;
  unsigned networks;
  unsigned sessions_a_second;
  bool new_zones;  // each name in a zone nobody asked for before
  bool shared;     // with shares at work
};

// A site under attack for forty seconds; from the twentieth on, eleven others come each second, one of them bad.
class Siege {
 public:
  explicit Siege(const Attack& attack)
      : attack_(attack), policy_(PolicyFrom(R"(
[[rule]]
name = "no-reverse"
when.rdns.status = ["fail", "permerror"]
action = "reject"
[[rule]]
name = "no-address"
when.helo.address = ["nxdomain", "nodata"]
overrides_rfc5321 = true
action = "reject"
)")) {
    around_ = {&resolver_, &world_, &told, nullptr, milliseconds(4'000), {}, ""};
    if (attack.shared) around_.admission = &shares_;
  }

  void Run() {
    constexpr milliseconds kTick{1'000 / 7};
    for (unsigned tick = 0; tick < 280; ++tick) {
      world_.Advance(kTick);
      const unsigned due = attack_.sessions_a_second * (tick + 1) / 7 - attack_.sessions_a_second * tick / 7;
      for (unsigned i = 0; i < due; ++i) Assault();
      if (tick < 140) continue;
      for (unsigned i = 0; i < 2; ++i) Other();
    }
  }
  [[nodiscard]] std::size_t Dead() const { return resolver_.dead; }

  Told told;
  unsigned good = 0, good_refused = 0, bad = 0, bad_refused = 0;

 private:
  // Eighteen names, and away.
  void Assault() {
    Session session("abcdefgh01234567", policy_, around_, SessionOptions{}, nullptr);
    ConnectInfo info;
    const std::string client = Text("203.0.", attackers_++ % attack_.networks, ".9");
    world_.Script(Ptr(client), Names({"attacker.org"}), milliseconds(20));
    world_.Script(A("attacker.org"), testing::End(DnsStatus::kTimeout), kGivesUp);
    info.client = Ip(client);
    session.OnConnect(info);
    for (unsigned i = 0; i < 18; ++i) {
      const unsigned zone = attack_.new_zones ? names_ : i;
      session.OnHelo(Text("h", names_++, ".") + Text("dead", zone, ".com"), false);
    }
    session.OnClose();
  }
  void Other() {
    const unsigned n = others_++;
    const bool is_bad = n % 11 == 10;
    const std::string client = Text("10.", n / 250, ".") + std::to_string(n % 250) + ".1";
    const std::string name = Text("mail.site", n, ".org");
    world_.Script(Ptr(client), is_bad ? testing::End(DnsStatus::kNxDomain) : Names({name}), milliseconds(20));
    world_.Script(A(name), Addresses({client}), milliseconds(20));
    world_.Script(Aaaa(name), testing::End(DnsStatus::kNoData), milliseconds(20));
    DrivenSession session("abcdefgh01234567", policy_, around_, {}, &world_);
    ConnectInfo info;
    info.client = Ip(client);
    session.OnConnect(info);
    session.OnHelo(name, false);
    session.OnMail("<>", false, false);
    const bool refused = session.OnRcpt("<b@example.net>").outcome == Outcome::kReject;
    ++(is_bad ? bad : good);
    (is_bad ? bad_refused : good_refused) += refused ? 1 : 0;
  }

  const Attack attack_;
  SimulatedServices world_;
  Crowded resolver_{&world_};
  LookupShares shares_{kLimit, &world_, &told};
  std::shared_ptr<const Policy> policy_;
  Services around_;
  unsigned attackers_ = 0, names_ = 0, others_ = 0;
};

TEST(LookupAttack, WithoutSharesItBlinds) {
  Siege siege({"", 1, 14, true, false});
  siege.Run();
  EXPECT_EQ(siege.good_refused, 0U);
  EXPECT_LT(siege.bad_refused, siege.bad) << "or the attack of the other tests is none";
}

class LookupAttackTest : public ::testing::TestWithParam<Attack> {};

TEST_P(LookupAttackTest, TheOthersAreJudgedAsWithoutIt) {
  Siege siege(GetParam());
  siege.Run();
  EXPECT_GE(siege.good, 200U);
  EXPECT_GE(siege.bad, 20U);
  EXPECT_EQ(siege.good_refused, 0U);
  EXPECT_EQ(siege.bad_refused, siege.bad);
  EXPECT_EQ(siege.told.Held(HeldBack::kFull), 0U);
  if (GetParam().networks > 1) return;
  // An eighth of what one attacker asks: behind a forwarder, that is all it sees.
  Attack unheeded = GetParam();
  unheeded.shared = false;
  Siege open(unheeded);
  open.Run();
  EXPECT_LT(siege.Dead() * 8, open.Dead());
}

INSTANTIATE_TEST_SUITE_P(Lookups, LookupAttackTest,
                         ::testing::Values(Attack{"OneNetworkFewZones", 1, 14, false, true},
                                           Attack{"OneNetworkEverNewZones", 1, 14, true, true},
                                           Attack{"FiftyNetworksFewZones", 50, 35, false, true},
                                           Attack{"FiftyNetworksEverNewZones", 50, 35, true, true}),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace heloguard
