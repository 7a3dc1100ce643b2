// Looks at the resolver: what findings mean, and the whole way against nameservers that pass no DNSSEC records, or
// nothing. With real signatures: tests/dnsworld/canary_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "adapters/unbound/canary_report.h"
#include "resolver_help.h"

namespace heloguard {
namespace {

using namespace std::chrono_literals;
using namespace heloguard::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// --- what findings mean ---

const CanaryWords kWords{"192.0.2.1@53 (dns.resolvers)", "/etc/root.key (dns.trust_anchor)",
                         "set dns.resolvers to others", "set dns.resolvers to ones that pass them on"};
constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'795'337'620)};

CanaryFinding Soa(const char* name, bool validated, CanaryEnd end, bool has_signature = true) {
  CanaryFinding finding;
  finding.name = Name(name);
  finding.validated = validated;
  finding.end = end;
  finding.has_records = end != CanaryEnd::kNone;
  finding.has_signature = has_signature && finding.has_records;
  return finding;
}
CanaryFinding Key(bool validated, CanaryEnd end, bool has_signature = true) {
  CanaryFinding finding = Soa(".", validated, end, has_signature);
  finding.is_key = true;
  return finding;
}
CanaryFinding Because(CanaryFinding finding, const char* why) {
  finding.why_bogus = why;
  return finding;
}

struct StateCase {
  const char* situation;
  ResolverState state;
  std::vector<CanaryFinding> findings;
};

TEST(CanaryReport, States) {
  using enum ResolverState;
  using enum CanaryEnd;
  const char* expired = "validation failure <com. SOA IN>: signature expired from 192.0.2.1";
  const char* early = "validation failure <. SOA IN>: signature before inception date from 192.0.2.1";
  const char* no_key = "validation failure <. SOA IN>: no DNSKEY rrset for trust anchor .";
  const StateCase cases[] = {
      {"not validating, one answers", kWell, {Soa(".", false, kNone), Soa("com", false, kAnswered)}},
      {"not validating, none answers", kNoAnswer, {Soa(".", false, kNone), Soa("com", false, kNone)}},
      {"one is secure", kWell, {Soa(".", true, kNone), Soa("com", true, kSecure), Key(true, kNone)}},
      {"an unsigned canary and a secure key", kWell, {Soa("net", true, kAnswered), Key(true, kSecure)}},
      {"one is secure, one forged", kWell, {Soa(".", true, kBogus), Soa("com", true, kSecure)}},
      {"nothing answers at all", kNoAnswer, {Soa(".", true, kNone), Key(true, kNone), Soa(".", false, kNone)}},
      {"only the key comes", kNoAnswer, {Soa(".", true, kNone), Key(true, kSecure), Key(false, kAnswered)}},
      {"without the validator all comes: it is too slow with it",
       kNoAnswer,
       {Soa(".", true, kNone), Key(true, kNone), Soa(".", false, kAnswered), Key(false, kAnswered)}},
      {"without the validator all but the key comes",
       kNoRecords,
       {Soa(".", true, kNone), Key(true, kNone), Soa(".", false, kAnswered), Key(false, kNone)}},
      {"no signature at all", kNoRecords, {Soa(".", true, kBogus, false), Key(true, kBogus, false)}},
      {"signatures, but no key", kNoRecords, {Because(Soa(".", true, kBogus), no_key), Key(true, kNone)}},
      {"a key without signature", kNoRecords, {Because(Soa(".", true, kBogus), no_key), Key(true, kBogus, false)}},
      {"signatures dropped but for the key's", kNoRecords, {Soa(".", true, kBogus, false), Key(true, kSecure)}},
      {"all expired", kBadClock, {Because(Soa(".", true, kBogus), expired), Because(Soa("com", true, kBogus), early)}},
      {"the key expired, nothing else came",
       kBadClock,
       {Soa("net", true, kAnswered), Because(Key(true, kBogus), expired)}},
      {"one expired, one otherwise bogus",
       kBadAnchor,
       {Because(Soa(".", true, kBogus), expired), Soa("com", true, kBogus), Key(true, kBogus)}},
      {"another key", kBadAnchor, {Soa(".", true, kBogus), Key(true, kBogus)}},
      {"the anchor is good, the canary is not", kBadAnchor, {Soa("example.net", true, kBogus), Key(true, kSecure)}},
  };
  for (const StateCase& c : cases) {
    const CanaryReport report = ReportOn(c.findings, kWords, kNow);
    EXPECT_EQ(report.state, c.state) << c.situation << ": " << report.why;
    EXPECT_EQ(report.why.empty(), c.state == kWell) << c.situation;
  }
}

TEST(CanaryReport, SaysWhatToChange) {
  using enum CanaryEnd;
  EXPECT_EQ(ReportOn({Soa(".", true, kNone), Soa("com", true, kNone), Soa(".", false, kNone)}, kWords, kNow).why,
            "no answer about ., com from 192.0.2.1@53 (dns.resolvers): see that this host reaches them, or set "
            "dns.resolvers to others");
  EXPECT_EQ(
      ReportOn({Soa(".", true, kBogus, false), Key(true, kBogus, false)}, kWords, kNow).why,
      "DNSSEC signatures (RRSIG) do not come through from 192.0.2.1@53 (dns.resolvers): set dns.resolvers to ones "
      "that pass them on, or set dns.dnssec = \"off\"");
  EXPECT_THAT(ReportOn({Soa(".", true, kBogus), Key(true, kNone)}, kWords, kNow).why,
              HasSubstr("DNSSEC keys (DNSKEY) do not come through"));
  EXPECT_EQ(ReportOn({Because(Soa(".", true, kBogus), "signature expired from x")}, kWords, kNow).why,
            "no signature is valid by this host's clock, which says 2026-11-22 08:53 UTC: set the clock (signature "
            "expired from x)");
  EXPECT_EQ(ReportOn({Because(Soa(".", true, kBogus), "DS hash mismatches key"), Key(true, kBogus)}, kWords, kNow).why,
            "signatures do not lead to the keys in /etc/root.key (dns.trust_anchor): put the zone's current keys there "
            "(DS hash mismatches key)");
  EXPECT_EQ(ReportOn({Because(Soa("example.net", true, kBogus), "odd"), Key(true, kSecure)}, kWords, kNow).why,
            "no signature of example.net is good though the trust anchor's are: name zones in dns.health_canaries that "
            "validate (odd)");
}

// --- the whole way ---

// Validates below `anchor` with a key nobody has.
class Validating {
 public:
  Validating(const FakeNameserver& server, const char* anchor, const char* canary)
      : anchor_(std::string(anchor) +
                " IN DS 1 13 2 1111111111111111111111111111111111111111111111111111111111111111\n") {
    settings = ForwardTo(server);
    settings.validate = true;
    settings.trust_anchor = anchor_.path();
    settings.health_canaries = {Name(canary)};
    settings.deadline = 500ms;
  }
  Settings::Dns settings;

 private:
  TextFile anchor_;
};

// A resolver that denies what exists, such as a captive portal or one for an office alone, makes every client one
// without reverse DNS.
TEST(Canary, WithoutValidationEveryCanaryMustExist) {
  FakeNameserver server;
  Settings::Dns settings = ForwardTo(server);
  settings.deadline = 500ms;
  auto resolver = StartResolver(settings);
  const CanaryReport report = Looked(*resolver).get();
  EXPECT_EQ(report.state, ResolverState::kWell) << report.why;
  for (const char* canary : {"gone.example.com", "empty.example.com"}) {
    settings.health_canaries = {Name("good.example.com"), Name(canary)};
    resolver = StartResolver(settings);
    const CanaryReport denied = Looked(*resolver).get();
    EXPECT_EQ(denied.state, ResolverState::kNoAnswer) << canary;
    EXPECT_THAT(denied.why, AllOf(HasSubstr("deny that"), HasSubstr(canary), HasSubstr("dns.health_canaries")));
  }
}

TEST(Canary, NoAnswer) {
  FakeNameserver server;
  for (const bool validate : {false, true}) {
    for (const char* canary : {"silent.example", "refused.example", "servfail.example", "garbage.example"}) {
      Validating validating(server, "example.", canary);
      validating.settings.validate = validate;
      auto resolver = StartResolver(validating.settings);
      const CanaryReport report = Looked(*resolver).get();
      EXPECT_EQ(report.state, ResolverState::kNoAnswer) << canary;
      EXPECT_THAT(report.why, AllOf(HasSubstr(canary), HasSubstr("127.0.0.1@" + std::to_string(server.port())),
                                    HasSubstr("set dns.resolvers to others")));
    }
  }
}

// To a validator the same denial is bogus, and without the validator it is no proof that the servers are any good: the
// resolver must not go without validation for it.
TEST(Canary, DenialsWithoutProofAreNoSignOfLostRecords) {
  FakeNameserver server;
  const Validating validating(server, "gone.example.", "gone.example");
  auto resolver = StartResolver(validating.settings);
  const CanaryReport report = Looked(*resolver).get();
  EXPECT_EQ(report.state, ResolverState::kNoAnswer) << report.why;
  EXPECT_EQ(Asked(*resolver, A("mail.gone.example")).get().status, DnsStatus::kBogus);
}

// Keys without signatures, no keys, errors or nothing for keys: a resolver on the way drops what DNSSEC needs.
TEST(Canary, NoRecords) {
  FakeNameserver server;
  for (const char* zone : {"good", "empty", "gone", "refused", "servfail", "silent"}) {
    const std::string anchor = std::string(zone) + ".example";
    const Validating validating(server, (anchor + ".").c_str(), ("canary." + anchor).c_str());
    auto resolver = StartResolver(validating.settings);
    const CanaryReport report = Looked(*resolver).get();
    EXPECT_EQ(report.state, ResolverState::kNoRecords) << zone << ": " << report.why;
    EXPECT_THAT(report.why, HasSubstr("or set dns.dnssec = \"off\"")) << zone;
  }
}

TEST(Canary, EachLookAsksTheServersAnew) {
  FakeNameserver server;
  auto resolver = StartResolver(ForwardTo(server));
  Asked(*resolver, A("good.example.com")).get();
  for (int i = 0; i < 3; ++i) {
    const int before = server.questions();
    EXPECT_EQ(Looked(*resolver).get().state, ResolverState::kWell);
    EXPECT_GT(server.questions(), before);
  }
}

TEST(Canary, LooksSideBySideAreAllTold) {
  FakeNameserver server;
  auto resolver = StartResolver(ForwardTo(server));
  std::atomic<int> well{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        auto one = Looked(*resolver);
        auto two = Looked(*resolver);
        Asked(*resolver, A("good.example.com")).get();
        for (auto* look : {&one, &two}) well += look->get().state == ResolverState::kWell ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(well, 40);
}

TEST(Canary, DestructionTellsWhoeverWaits) {
  FakeNameserver server;
  Validating validating(server, "example.", "silent.example");
  validating.settings.deadline = 9s;
  auto resolver = StartResolver(validating.settings);
  UnboundResolver* alive = resolver.get();
  std::atomic<int> told{0};
  std::atomic<int> late{0};
  for (int i = 0; i < 3; ++i) {
    alive->Look([&, alive](const CanaryReport& report) {
      EXPECT_EQ(report.state, ResolverState::kNoAnswer);
      ++told;
      alive->Look([&](const CanaryReport&) { ++late; });
    });
  }
  Asked(*alive, A("good.elsewhere.org")).get();  // the look is under way
  resolver.reset();
  EXPECT_EQ(told, 3);
  EXPECT_EQ(late, 3);
}

// From the first definite look on, questions are asked without the validator; those under way at that moment, too.
TEST(Canary, WithoutDnssecRecordsAnswersAreIndeterminateInsteadOfBogus) {
  FakeNameserver server;
  const Validating validating(server, "silent.example.", "canary.silent.example");
  auto resolver = StartResolver(validating.settings);
  auto waiting = Asked(*resolver, A("good.silent.example"));
  EXPECT_EQ(Looked(*resolver).get().state, ResolverState::kNoRecords);
  const DnsAnswer waited = waiting.get();
  EXPECT_EQ(waited.status, DnsStatus::kAnswer) << waited.why;
  EXPECT_EQ(waited.dnssec, Dnssec::kIndeterminate);
  const DnsAnswer denial = Asked(*resolver, A("gone.silent.example")).get();
  EXPECT_EQ(denial.status, DnsStatus::kNxDomain);
  EXPECT_EQ(denial.dnssec, Dnssec::kIndeterminate);
  EXPECT_EQ(Looked(*resolver).get().state, ResolverState::kNoRecords);
  EXPECT_EQ(Asked(*resolver, A("good2.silent.example")).get().dnssec, Dnssec::kIndeterminate);
}

// A look that finds out nothing changes nothing; and what the library calls bogus for want of keys is told in its
// words.
TEST(Canary, BeforeADefiniteLookAnswersAreValidated) {
  FakeNameserver server;
  Validating validating(server, "servfail.example.", "silent.servfail.example");
  auto resolver = StartResolver(validating.settings);
  for (int i = 0; i < 2; ++i) {
    const DnsAnswer answer = Asked(*resolver, A("good.servfail.example")).get();
    EXPECT_EQ(answer.status, DnsStatus::kBogus);
    // From libunbound 1.18 on the reason why there is none stands in between, in brackets.
    EXPECT_THAT(answer.why, AllOf(HasSubstr("no DNSKEY rrset"), HasSubstr("servfail.example.")));
    EXPECT_EQ(Looked(*resolver).get().state, ResolverState::kNoAnswer);
  }
}

}  // namespace
}  // namespace heloguard
