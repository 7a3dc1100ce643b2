// The evidence cache under sessions on a hand-moved clock: who asks, who joins, how long it is good, what it may take.
#include "engine/evidence_cache.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <map>
#include <set>
#include <thread>

#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;
using std::chrono::seconds;
using Questions = std::vector<DnsQuestion>;

constexpr std::string_view kClient = "192.0.2.7";
constexpr const char* kPolicy =
    "[[rule]]\nname = 'no-reverse'\nwhen.rdns.status = ['fail', 'permerror']\naction = 'tempfail'\n";
constexpr const char* kHeloPolicy =
    "[[rule]]\nname = 'nowhere'\nwhen.helo.address = 'nxdomain'\nwhen.helo.kind = 'fqdn'\naction = 'reject'\n"
    "overrides_rfc5321 = true\n";

class Ledger final : public EventSink {
 public:
  void Judged(const SessionReport& report) override {
    asked.push_back(report.asked);
    outcomes.push_back(report.judgement.verdict.outcome);
  }
  void EvidenceUsed(CacheUse use) override { uses.push_back(use); }
  void EvidenceHeld(std::size_t n, std::size_t b, std::size_t gone) override {
    entries = n;
    bytes = b;
    evicted += gone;
  }
  std::vector<CacheUse> uses;
  std::vector<std::size_t> asked;
  std::vector<Outcome> outcomes;
  std::size_t entries = 0, bytes = 0, evicted = 0;
};

DnsAnswer WithTtl(DnsAnswer answer, std::uint32_t ttl) {
  answer.ttl = ttl;
  return answer;
}

class EvidenceCacheTest : public ::testing::Test {
 protected:
  std::unique_ptr<DrivenSession> Connect(const std::string& policy = kPolicy, std::string_view client = kClient) {
    Services around{&world, &world, &ledger, nullptr, milliseconds(4000), {}, ""};
    around.evidence = &cache;
    auto& loaded = policies[policy];
    if (!loaded) loaded = PolicyFrom(policy);
    auto session = std::make_unique<DrivenSession>("abcdefgh01234567", loaded, around, SessionOptions{}, &world);
    ConnectInfo info;
    info.client = Ip(client);
    session->OnConnect(info);
    return session;
  }
  // A whole message; how long it waited.
  milliseconds Message(DrivenSession& session, std::string_view helo = "mail.example.org") {
    const auto before = world.Now();
    session.OnHelo(helo, false);
    session.OnMail("<>", false, false);
    last = session.OnRcpt("<b@example.net>").outcome;
    return std::chrono::duration_cast<milliseconds>(world.Now() - before);
  }
  void ScriptPass(std::uint32_t ptr_ttl = 300, std::uint32_t a_ttl = 300, milliseconds after = milliseconds(10)) {
    world.Script(Ptr(kClient), WithTtl(Names({"mail.example.org"}), ptr_ttl), after);
    world.Script(A("mail.example.org"), WithTtl(Addresses({kClient}), a_ttl), after);
  }

  std::map<std::string, std::shared_ptr<const Policy>> policies;
  SimulatedServices world;
  Ledger ledger;
  static constexpr std::size_t kRoom = 1U << 18U;
  EvidenceCache cache{kRoom, {{&world}}, &world, &ledger};
  Outcome last = Outcome::kReject;
};

TEST_F(EvidenceCacheTest, AWarmSessionAsksNothingAndWaitsForNothing) {
  ScriptPass();
  EXPECT_EQ(Message(*Connect()), milliseconds(20));
  EXPECT_EQ(Message(*Connect()), milliseconds(0));
  EXPECT_EQ(world.asked().size(), 2U);
  EXPECT_EQ(ledger.uses, (std::vector{CacheUse::kMiss, CacheUse::kHit}));
  EXPECT_EQ(ledger.asked, (std::vector<std::size_t>{2, 0}));
  EXPECT_EQ(last, Outcome::kAccept);
}

// Lets nobody of one network ask.
class Against final : public LookupAdmission {
 public:
  explicit Against(IpNetwork network) : network_(network) {}
  std::optional<HeldBack> Admit(const DnsQuestion& /*question*/, const std::optional<IpAddress>& client) override {
    return client && network_.Contains(*client) ? std::optional(HeldBack::kNetwork) : std::nullopt;
  }
  void Ended(const DnsQuestion& /*question*/, const std::optional<IpAddress>& client, const DnsAnswer&) override {
    ended.push_back(client->ToString());
  }
  std::vector<std::string> ended;

 private:
  IpNetwork network_;
};

// Whoever may not ask says somebody else's name first: the other one asks all the same.
TEST_F(EvidenceCacheTest, WhatWasHeldBackIsNoEvidenceForOthers) {
  constexpr std::string_view kAttacker = "203.0.113.9";
  Against admission(IpNetwork(Ip(kAttacker), 24));
  EvidenceCache shared(1U << 18U, {{&world}, &admission}, &world, &ledger);
  const auto policy = PolicyFrom(
      "[[rule]]\nname = 'r'\nwhen.helo.address = ['nxdomain', 'nodata']\noverrides_rfc5321 = true\n"
      "action = 'reject'\n");
  const auto outcome = [&](std::string_view client) {
    Services around{&world, &world, &ledger, nullptr, milliseconds(4000), {}, ""};
    around.evidence = &shared;
    DrivenSession session("abcdefgh01234567", policy, around, SessionOptions{}, &world);
    ConnectInfo info;
    info.client = Ip(client);
    session.OnConnect(info);
    session.OnHelo("nowhere.example.org", false);
    session.OnMail("<>", false, false);
    return session.OnRcpt("<b@example.net>").outcome;
  };
  EXPECT_EQ(outcome(kAttacker), Outcome::kAccept) << "unknown refuses nobody";
  EXPECT_TRUE(world.asked().empty());
  EXPECT_EQ(outcome(kClient), Outcome::kReject);
  EXPECT_EQ(admission.ended, std::vector<std::string>(2, std::string(kClient))) << "A and AAAA, once each";
}

TEST_F(EvidenceCacheTest, EvidenceLivesAsLongAsTheSmallestTtlFromTheFirstQuestion) {
  ScriptPass(300, 60);
  Message(*Connect());
  world.Advance(seconds(60) - milliseconds(21));
  Message(*Connect());
  EXPECT_EQ(world.asked().size(), 2U);
  world.Advance(milliseconds(1));
  Message(*Connect());
  EXPECT_EQ(world.asked().size(), 4U);
}

TEST_F(EvidenceCacheTest, ADenialLivesByItsSoaAndADayIsAnHour) {
  world.Script(Ptr(kClient), WithTtl(End(DnsStatus::kNxDomain), 30));
  Message(*Connect());
  EXPECT_EQ(last, Outcome::kTempfail);
  world.Advance(seconds(29));
  Message(*Connect());
  EXPECT_EQ(world.asked().size(), 1U);
  world.Script(Ptr(kClient), WithTtl(Names({"mail.example.org"}), 86'400));
  world.Script(A("mail.example.org"), WithTtl(Addresses({kClient}), 86'400));
  world.Advance(seconds(1));
  Message(*Connect());
  EXPECT_EQ(last, Outcome::kAccept) << "the sender has put it right";
  EXPECT_EQ(world.asked().size(), 3U);
  world.Advance(seconds(3'599));
  Message(*Connect());
  EXPECT_EQ(world.asked().size(), 3U);
  world.Advance(seconds(1));
  Message(*Connect());
  EXPECT_EQ(world.asked().size(), 5U);
}

TEST_F(EvidenceCacheTest, TroubleIsRememberedForSecondsAndWhatWasNotAskedNotAtAll) {
  for (const auto& [status, life] : {std::pair{DnsStatus::kServFail, 5},
                                     {DnsStatus::kTimeout, 5},
                                     {DnsStatus::kBogus, 5},
                                     {DnsStatus::kNotAsked, 0}}) {
    SCOPED_TRACE(NameOf(status));
    DnsAnswers book;
    book.Set(Ptr(kClient), WithTtl(Names({"mail.example.org"}), 300));
    book.Set(A("mail.example.org"), WithTtl(End(status), 300));
    EXPECT_EQ(LifetimeOf(book), seconds(life));
  }
  EXPECT_EQ(LifetimeOf({}), seconds(0));
}

TEST_F(EvidenceCacheTest, ATtlOfZeroIsForThoseWhoWaitTogetherOnly) {
  ScriptPass(0, 300);
  const auto first = Connect();
  const auto second = Connect();
  Message(*first);
  Message(*second);
  EXPECT_EQ(world.asked().size(), 2U);
  EXPECT_EQ(ledger.entries, 0U);
  Message(*Connect());
  EXPECT_EQ(world.asked().size(), 4U);
}

TEST_F(EvidenceCacheTest, SessionsAtTheSameTimeAskOnceAndEachKeepsItsOwnDeadline) {
  ScriptPass(300, 300, milliseconds(3000));  // six seconds for both rounds
  const auto first = Connect();
  world.Advance(milliseconds(2500));
  const auto second = Connect();
  EXPECT_EQ(Message(*first), milliseconds(1500)) << "four seconds from its own connect";
  EXPECT_EQ(last, Outcome::kAccept);
  EXPECT_EQ(Message(*second), milliseconds(2000)) << "the answers come before its deadline";
  EXPECT_EQ(last, Outcome::kAccept);
  EXPECT_EQ(world.asked(), (Questions{Ptr(kClient), A("mail.example.org")}));
  EXPECT_EQ(ledger.uses, (std::vector{CacheUse::kMiss, CacheUse::kJoin}));
  EXPECT_EQ(ledger.asked, (std::vector<std::size_t>{2, 0}));
}

TEST_F(EvidenceCacheTest, AnswersTooLateForTheirSessionServeTheNext) {
  ScriptPass(300, 300, milliseconds(3000));
  Message(*Connect());  // gives up after four seconds
  EXPECT_EQ(last, Outcome::kAccept) << "temperror refuses nothing";
  world.Advance(milliseconds(2500));
  EXPECT_EQ(Message(*Connect()), milliseconds(0));
  EXPECT_EQ(ledger.uses.back(), CacheUse::kHit);
  EXPECT_EQ(world.asked().size(), 2U);
}

TEST_F(EvidenceCacheTest, AnAnswerThatWasLostIsAskedForAgain) {
  world.Silence(Ptr(kClient));
  Message(*Connect());
  world.Advance(seconds(100));
  Message(*Connect());
  EXPECT_EQ(world.asked().size(), 1U) << "the library takes its time";
  ScriptPass();
  world.Advance(seconds(20));
  EXPECT_EQ(Message(*Connect()), milliseconds(20));
  EXPECT_EQ(world.asked().size(), 3U);
}

TEST_F(EvidenceCacheTest, HeloNamesAreKeptByNameWhoeverSaysThem) {
  world.Script(A("ghost.example"), WithTtl(End(DnsStatus::kNxDomain), 300));
  world.Script(Aaaa("ghost.example"), WithTtl(End(DnsStatus::kNxDomain), 300));
  Message(*Connect(kHeloPolicy), "ghost.example");
  EXPECT_EQ(last, Outcome::kReject);
  Message(*Connect(kHeloPolicy, "198.51.100.1"), "GHOST.example.");
  EXPECT_EQ(last, Outcome::kReject);
  EXPECT_EQ(world.asked(), (Questions{A("ghost.example"), Aaaa("ghost.example")}));
}

TEST_F(EvidenceCacheTest, APolicyThatWantsMoreAsksAnew) {
  ScriptPass();
  Message(*Connect("[[rule]]\nname = 'p'\nwhen.rdns.ptr = 'dyn'\naction = 'reject'\n"));
  Message(*Connect());
  EXPECT_EQ(world.asked(), (Questions{Ptr(kClient), Ptr(kClient), A("mail.example.org")}));
}

// One that would put out a quarter of a sixteenth of the others.
TEST_F(EvidenceCacheTest, WhatIsVeryLargeIsNotKept) {
  DnsAnswer many = Names({});
  for (int i = 0; i < 100; ++i) many.data.emplace_back(Name("host" + std::to_string(i) + ".example.org"));
  world.Script(Ptr(kClient), WithTtl(many, 300));
  Message(*Connect());
  Message(*Connect());
  EXPECT_EQ(ledger.uses, (std::vector{CacheUse::kMiss, CacheUse::kMiss}));
  EXPECT_EQ(ledger.entries, 0U);
}

// What a domain publishes beside its SPF record is kept with it, and counted.
TEST_F(EvidenceCacheTest, TextsCountAsMemory) {
  const char* policy = "[[rule]]\nname = 'spf'\nwhen.spf.helo = 'fail'\naction = 'reject'\n";
  const auto bytes_with = [&](std::string_view name, std::size_t octets) {
    world.Script(Txt(name), Texts({"v=spf1 -all", std::string(octets, 'x')}));
    const std::size_t before = ledger.bytes;
    Message(*Connect(policy), name);
    return ledger.bytes - before;
  };
  const std::size_t few = bytes_with("a.example.org", 3);
  const std::size_t many = bytes_with("b.example.org", 2'000);
  EXPECT_GT(few, 0U);
  EXPECT_GE(many, few + 2'000);
  EXPECT_LE(many, few + 2'100);
}

TEST_F(EvidenceCacheTest, ItTakesNoMoreThanItMay) {
  for (unsigned i = 0; i < 5'000; ++i) {
    const std::string client =
        "10." + std::to_string(i >> 16U) + "." + std::to_string(i >> 8U & 255U) + "." + std::to_string(i & 255U);
    world.Script(Ptr(client), Names({"host.example.org"}));
    world.Script(A("host.example.org"), Addresses({client}));
    Message(*Connect(kPolicy, client));
    ASSERT_LE(ledger.bytes, 1U << 18U);
  }
  EXPECT_GT(ledger.entries, 100U);
  EXPECT_GT(ledger.bytes, 3U << 16U) << "most of it is in use";
  EXPECT_EQ(ledger.entries + ledger.evicted, 5'000U);
  // The last ones are there, the first are gone.
  Message(*Connect(kPolicy, "10.0.19.135"));
  EXPECT_EQ(ledger.uses.back(), CacheUse::kHit);
  Message(*Connect(kPolicy, "10.0.0.0"));
  EXPECT_EQ(ledger.uses.back(), CacheUse::kMiss);
}

// --- the key ---

TEST(EvidenceKey, EveryLookupCounts) {
  const LookupInputs inputs{Ip(kClient), Name("mail.example.org")};
  std::set<std::string> keys;
  for (unsigned bit = 0; bit < LookupSet::kCapacity; ++bit) {
    keys.insert(EvidenceKeyOf({LookupSet::FromBits(1U | 1U << bit), inputs, {}}));
  }
  EXPECT_EQ(keys.size(), LookupSet::kCapacity);
  // As the cache sees it: lookups that differ beyond the eighth bit only.
  SimulatedServices world;
  EvidenceCache cache(1U << 18U, {{&world}}, &world, nullptr);
  const LookupSet ptr{LookupId::kReversePtr};
  const auto first = cache.Get({ptr, inputs, {}});
  EXPECT_EQ(cache.Get({ptr, inputs, {}}).gather, first.gather);
  for (unsigned bit = 8; bit < LookupSet::kCapacity; ++bit) {
    const auto other = cache.Get({LookupSet::FromBits(ptr.bits() | 1U << bit), inputs, {}});
    EXPECT_EQ(other.use, CacheUse::kMiss) << bit;
    EXPECT_NE(other.gather, first.gather) << bit;
  }
}

TEST(EvidenceKey, InputsCountWhereTheRowsHangOnThem) {
  const LookupInputs all{Ip(kClient), Name("mail.example.org"), Name("example.com")};
  LookupInputs other_name = all;
  other_name.helo = Name("other.example.org");
  LookupInputs other_client = all;
  other_client.client = Ip("2001:db8::7");
  const auto key = [](LookupKey of, const LookupInputs& inputs) {
    return EvidenceKeyOf({LookupsKeyedBy(of), inputs, {}});
  };
  EXPECT_EQ(key(LookupKey::kClient, all), key(LookupKey::kClient, other_name));
  EXPECT_NE(key(LookupKey::kClient, all), key(LookupKey::kClient, other_client));
  EXPECT_EQ(key(LookupKey::kHelo, all), key(LookupKey::kHelo, other_client));
  EXPECT_NE(key(LookupKey::kHelo, all), key(LookupKey::kHelo, other_name));
  EXPECT_NE(key(LookupKey::kClientAndHelo, all), key(LookupKey::kClientAndHelo, other_client));
  EXPECT_NE(key(LookupKey::kClientAndHelo, all), key(LookupKey::kClientAndHelo, other_name));
}

// A name of four octets that look like an address, the root, and no name at all.
TEST(EvidenceKey, NoInputIsTakenForAnother) {
  const LookupSet wanted = LookupsKeyedBy(LookupKey::kClientAndHelo);
  std::set<std::string> keys;
  for (const std::optional<IpAddress>& client : {std::optional<IpAddress>{}, {Ip("2.97.98.0")}, {Ip("::")}}) {
    for (const std::optional<DomainName>& helo : {std::optional<DomainName>{}, {DomainName{}}, {Name("ab")}}) {
      keys.insert(EvidenceKeyOf({wanted, {client, helo}, {}}));
    }
  }
  EXPECT_EQ(keys.size(), 9U);
}

// Answers inside the call, as the library does for what it has cached.
class Immediate final : public Resolver {
 public:
  void Ask(const DnsQuestion& question, Callback done) override {
    ++asked;
    done(question.type == RecordType::kPtr ? Names({"mail.example.org"}) : Addresses({kClient}));
  }
  std::atomic<int> asked{0};
};

TEST(EvidenceCache, ThreadsGetTheSameEvidence) {
  Immediate resolver;
  SimulatedServices clock;
  EvidenceCache cache(256U << 10U, {{&resolver}}, &clock, nullptr);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < 500; ++i) {
        const std::string client = "192.0.2." + std::to_string((i * 7 + t) % 200);
        const DnsGather::Plan plan{WithPrerequisites({LookupId::kReverseForward}), {Ip(client), std::nullopt}, {}};
        const auto found = cache.Get(plan);
        const bool known = found.gather->Answers(std::nullopt).Find(A("mail.example.org")) != nullptr;
        if (found.use != CacheUse::kJoin && !known) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LT(resolver.asked, 4 * 500 * 2);
}

// What it says it holds is what the heap holds for it: freed when it is cleared.
TEST_F(EvidenceCacheTest, ItsMemoryIsWhatItSays) {
  EvidenceCache large(64U << 20U, {{&world}}, &world, &ledger);
  for (int i = 0; i < 4'000; ++i) {
    DnsGather::Plan plan;
    const std::string helo = "mail-out-" + std::to_string(i) + ".customers.example.net";
    world.Script(A(helo), WithTtl(Addresses({kClient}), 3600), milliseconds(0));
    plan.wanted = LookupSet({LookupId::kHeloAddress});
    plan.inputs.helo = *DomainName::FromText(helo);
    (void)large.Get(plan);
    world.Advance(milliseconds(1));
  }
  const std::size_t said = ledger.bytes;
  const std::size_t before = ::mallinfo2().uordblks;
  large.Clear();
  const std::size_t held = before - ::mallinfo2().uordblks;
  if (held == 0) GTEST_SKIP() << "a sanitizer's heap is not counted";
  EXPECT_EQ(ledger.bytes, 0U);
  EXPECT_LT(static_cast<double>(held), 1.0 * static_cast<double>(said)) << said / 4'000 << " said, held " << held / 4'000;
  EXPECT_GT(static_cast<double>(held), 0.7 * static_cast<double>(said)) << said / 4'000 << " said, held " << held / 4'000;
}

}  // namespace
}  // namespace heloguard
