// Three-valued evaluation: policies as text, facts as values, verdicts compared whole.
#include "heloguard/judge/evaluate.h"

#include <gtest/gtest.h>

#include "dns_text.h"
#include "heloguard/policy/rollout.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

constexpr std::chrono::sys_days kToday = std::chrono::year{2026} / std::chrono::January / 1;

// Facts in which the HELO is a bare address, and the reverse DNS as given.
Facts BareIp(Fact rdns_status) {
  Facts facts;
  facts.Set(FactId::kClientAddress, Fact::Address(Ip("192.0.2.7")));
  facts.Set(FactId::kHeloKind, Fact::Enum(HeloKind::kBareIpv4));
  facts.Set(FactId::kHeloName, Fact::Names({"192.0.2.7"}));
  facts.Set(FactId::kHeloFlaws, Fact::Set(EnumSet<HeloFlaw>{}));
  facts.Set(FactId::kRdnsStatus, std::move(rdns_status));
  return facts;
}
const Fact kPass = Fact::Enum(RdnsStatus::kPass);
const Fact kFail = Fact::Enum(RdnsStatus::kFail);
const Fact kTemp = Fact::Transient(RdnsStatus::kTemperror);

// "reject by NAME", "tempfail by score", "accept", with " unsettled" where waiting could change it.
std::string Judge(const std::string& policy_text, const Facts& facts, Stage at = Stage::kRcpt) {
  const auto policy = PolicyFrom(policy_text);
  const Verdict v = Evaluate(*policy, facts, {at, kToday, Ip("192.0.2.7")});
  std::string text(NameOf(v.outcome));
  if (v.rule) text += " by " + policy->rules[*v.rule].name;
  if (v.by_score) text += " by score";
  if (v.deferred_unknown) text += " deferred";
  return v.settled ? text : text + " unsettled";
}

constexpr const char* kBareIp = R"(
[[rule]]
name = "bare"
when.helo.kind = ["bare-ipv4", "bare-ipv6"]
action = "reject"
)";
const std::string kTrustPass = R"(
[[rule]]
name = "trust"
when.rdns.status = "pass"
action = "accept"
)";
const std::string kFailDefers = R"(
[[rule]]
name = "defer"
when.rdns.status = "fail"
action = "tempfail"
)";

TEST(Evaluate, StringRefusalIsSettledWithoutDns) {
  EXPECT_EQ(Judge(kBareIp, BareIp(Fact::Unknown())), "reject by bare");
  EXPECT_EQ(Judge(kBareIp + kTrustPass, BareIp(Fact::Unknown())), "reject by bare");
}

TEST(Evaluate, UndecidedAcceptInFrontWithholdsARefusal) {
  EXPECT_EQ(Judge(kTrustPass + kBareIp, BareIp(Fact::Unknown())), "accept unsettled");
  EXPECT_EQ(Judge(kTrustPass + kBareIp, BareIp(kTemp)), "accept unsettled");
  EXPECT_EQ(Judge(kTrustPass + kBareIp, BareIp(kPass)), "accept by trust");
  EXPECT_EQ(Judge(kTrustPass + kBareIp, BareIp(kFail)), "reject by bare");
}

TEST(Evaluate, TheMilderRefusalWinsWhileUndecided) {
  EXPECT_EQ(Judge(kFailDefers + kBareIp, BareIp(Fact::Unknown())), "tempfail by defer unsettled");
  EXPECT_EQ(Judge(kFailDefers + kBareIp, BareIp(kFail)), "tempfail by defer");
  EXPECT_EQ(Judge(kFailDefers + kBareIp, BareIp(kPass)), "reject by bare");
}

TEST(Evaluate, OfTwoEqualRefusalsTheCertainOneGivesTheReason) {
  const std::string bare_defers = "[[rule]]\nname = 'bare'\nwhen.helo.kind = 'bare-ipv4'\naction = 'tempfail'\n";
  EXPECT_EQ(Judge(kFailDefers + bare_defers, BareIp(Fact::Unknown())), "tempfail by bare");
  EXPECT_EQ(Judge(kFailDefers + bare_defers, BareIp(kFail)), "tempfail by defer");
}

TEST(Evaluate, TemperrorHoldsOnlyWhereNamed) {
  const auto rule = [](const std::string& condition) {
    return "[[rule]]\nname = \"r\"\n" + condition + "\naction = \"reject\"\n";
  };
  EXPECT_EQ(Judge(rule("when.rdns.status = ['fail', 'permerror']"), BareIp(kTemp)), "accept unsettled");
  EXPECT_EQ(Judge(rule("when.rdns.status = ['fail', 'temperror']"), BareIp(kTemp)), "reject by r");
  EXPECT_EQ(Judge(rule("when.helo.kind = 'bare-ipv4'\nunless.rdns.status = 'pass'"), BareIp(kTemp)),
            "accept unsettled");
  EXPECT_EQ(Judge(rule("when.helo.kind = 'bare-ipv4'\nunless.rdns.status = 'temperror'"), BareIp(kTemp)), "accept");
  EXPECT_EQ(Judge(rule("when.helo.kind = 'bare-ipv4'\nunless.rdns.status = 'pass'"), BareIp(kFail)), "reject by r");
}

TEST(Evaluate, WhatDoesNotApply) {
  Facts facts = BareIp(kFail);
  facts.Set(FactId::kHeloRdns, Fact::NotApplicable());
  const auto rule = [](const std::string& condition) {
    return "[[rule]]\nname = \"r\"\nwhen.helo.kind = 'bare-ipv4'\n" + condition +
           "\naction = \"reject\"\noverrides_rfc5321 = true\n";
  };
  EXPECT_EQ(Judge(rule("when.helo.rdns = ['same', 'different']"), facts), "accept");
  EXPECT_EQ(Judge(rule("unless.helo.rdns = ['same', 'different']"), facts), "reject by r");
}

TEST(Evaluate, AskingForADeferral) {
  const std::string rule =
      "[[rule]]\nname = 'r'\nwhen.rdns.status = 'fail'\naction = 'reject'\non_unknown = 'tempfail'\n";
  EXPECT_EQ(Judge(rule, BareIp(Fact::Unknown())), "tempfail by r deferred unsettled");
  EXPECT_EQ(Judge(rule, BareIp(kTemp)), "tempfail by r deferred unsettled");
  EXPECT_EQ(Judge(rule, BareIp(kFail)), "reject by r");
  EXPECT_EQ(Judge(rule, BareIp(kPass)), "accept");
  EXPECT_EQ(Judge(kTrustPass + rule, BareIp(kTemp)), "accept unsettled");
}

// An undecided deferral before it says the same for now, and is no more certain: an answer may yet accept or reject.
TEST(Evaluate, ADeferralForWantOfAnAnswerIsNeverSettled) {
  const std::string deferring =
      "[[rule]]\nname = 'r'\nwhen.rdns.status = 'permerror'\naction = 'reject'\non_unknown = 'tempfail'\n";
  EXPECT_EQ(Judge(kFailDefers + deferring, BareIp(Fact::Unknown())), "tempfail by defer unsettled");
}

TEST(Evaluate, ScoresAndThresholds) {
  const std::string scores = R"(
[policy]
score = { tempfail = 5.0, reject = 8.0 }
[[rule]]
name = "address"
when.helo.kind = "bare-ipv4"
score = 5.1
[[rule]]
name = "failed"
when.rdns.status = "fail"
score = 2.9
[[rule]]
name = "credit"
when.rdns.status = "pass"
score = -1.0
)";
  EXPECT_EQ(Judge(scores, BareIp(kFail)), "reject by score");  // 5.1 + 2.9 reaches 8.0 whatever rounding does
  EXPECT_EQ(Judge(scores, BareIp(kPass)), "accept");           // 4.1
  EXPECT_EQ(Judge(scores, BareIp(Fact::Enum(RdnsStatus::kPermerror))), "tempfail by score");
  // An undecided credit counts as due, an undecided charge as not.
  EXPECT_EQ(Judge(scores, BareIp(kTemp)), "accept unsettled");
  EXPECT_EQ(Judge(scores, BareIp(Fact::Unknown())), "accept unsettled");
}

TEST(Evaluate, ObservedRulesAreListedAndPassedOver) {
  const std::string observed = std::string(kBareIp) + "mode = 'observe'\n";
  EXPECT_EQ(Judge(observed, BareIp(kPass)), "accept");
  const auto policy = PolicyFrom(observed);
  const Verdict v = Evaluate(*policy, BareIp(kPass), {Stage::kRcpt, kToday, {}});
  EXPECT_EQ(v.rules[0].truth, Truth::kTrue);
  EXPECT_EQ(v.rules[0].mode, Mode::kObserve);
  // An observed rule that DNS has still to decide is worth waiting for: its preview would be false otherwise.
  EXPECT_EQ(Judge(kFailDefers + "mode = 'observe'\n", BareIp(Fact::Unknown())), "accept unsettled");
}

TEST(Evaluate, ExpiredAndDisabledRulesAreNotTried) {
  EXPECT_EQ(Judge(std::string(kBareIp) + "until = 2026-01-01\n", BareIp(kPass)), "reject by bare");
  EXPECT_EQ(Judge(std::string(kBareIp) + "until = 2025-12-31\n", BareIp(kPass)), "accept");
  EXPECT_EQ(Judge(std::string(kBareIp) + "enabled = false\n", BareIp(kPass)), "accept");
}

TEST(Evaluate, PercentEnforcesForAStableShare) {
  const auto policy = PolicyFrom(std::string(kBareIp) + "percent = 30\n");
  unsigned enforced = 0;
  for (int i = 0; i < 256; ++i) {
    for (int j = 0; j < 16; ++j) {
      const IpAddress client = Ip("198." + std::to_string(i) + "." + std::to_string(j) + ".9");
      const Verdict v = Evaluate(*policy, BareIp(kPass), {Stage::kRcpt, kToday, client});
      EXPECT_EQ(v.outcome == Outcome::kReject, ShareOf(client) < 30);
      enforced += v.outcome == Outcome::kReject ? 1 : 0;
    }
  }
  EXPECT_NEAR(enforced / 4096.0, 0.30, 0.04);
  EXPECT_EQ(ShareOf(Ip("192.0.2.1")), ShareOf(Ip("192.0.2.250")));
  EXPECT_EQ(ShareOf(Ip("2001:db8::1")), ShareOf(Ip("2001:db8::ffff:1")));
}

TEST(Evaluate, ARuleAnswersFromItsStageOn) {
  const std::string at_helo = std::string(kBareIp) + "stage = 'helo'\n";
  EXPECT_EQ(Judge(at_helo, BareIp(Fact::Unknown()), Stage::kHelo), "reject by bare");
  EXPECT_EQ(Judge(kBareIp, BareIp(Fact::Unknown()), Stage::kHelo), "accept");
  EXPECT_EQ(Judge(kBareIp, BareIp(Fact::Unknown()), Stage::kRcpt), "reject by bare");
  // An earlier rule that may accept later withholds the refusal now.
  EXPECT_EQ(Judge(kTrustPass + at_helo, BareIp(Fact::Unknown()), Stage::kHelo), "accept unsettled");
}

TEST(Evaluate, AnyOfSeveralAlternatives) {
  const std::string any = R"(
[[rule]]
name = "any"
when.any = [{ helo.kind = "missing" }, { helo.kind = "bare-ipv4", rdns.status = "fail" }]
action = "reject"
)";
  EXPECT_EQ(Judge(any, BareIp(kFail)), "reject by any");
  EXPECT_EQ(Judge(any, BareIp(kPass)), "accept");
  EXPECT_EQ(Judge(any, BareIp(Fact::Unknown())), "accept unsettled");
}

TEST(Evaluate, ListsAndParts) {
  const std::string lists = R"(
[list.here]
clients = ["192.0.2.0/24"]
[list.known]
names = ["mx.partner.example", ".wide.example"]
[[rule]]
name = "r"
when.helo.name = "@known"
unless.client.address = "@here"
action = "reject"
)";
  const auto judge = [&](const std::string& name, std::string_view client) {
    Facts facts;
    facts.Set(FactId::kHeloName, Fact::Names({name}));
    facts.Set(FactId::kClientAddress, Fact::Address(Ip(client)));
    return Judge(lists, facts);
  };
  EXPECT_EQ(judge("mx.partner.example", "198.51.100.1"), "reject by r");
  EXPECT_EQ(judge("a.wide.example", "198.51.100.1"), "reject by r");
  EXPECT_EQ(judge("wide.example", "198.51.100.1"), "accept");
  EXPECT_EQ(judge("mx.partner.example", "192.0.2.200"), "accept");
}

// The property the whole project rests on: with any facts made unknown, what was accepted is not refused.

// Every combination of five facts' values.
std::vector<Facts> Combinations(const std::vector<FactId>& varied) {
  std::vector<Facts> all(1);
  for (const FactId id : varied) {
    std::vector<Facts> more;
    for (const Facts& facts : all) {
      for (std::size_t value = 0; value < SpecOf(id).values.size(); ++value) {
        const std::string_view word = SpecOf(id).values[value];
        const bool transient = word == "temperror" || word == "bogus";
        more.push_back(facts);
        more.back().Set(
            id, transient ? Fact::Transient(static_cast<HeloKind>(value)) : Fact::Enum(static_cast<HeloKind>(value)));
      }
    }
    all = std::move(more);
  }
  return all;
}
const std::vector<FactId> kVaried{FactId::kHeloKind, FactId::kRdnsStatus, FactId::kHeloRdns, FactId::kHeloMx,
                                  FactId::kRdnsDnssec};

const std::string kMixed = R"(
[policy]
score = { tempfail = 3.0, reject = 5.0 }
[[rule]]
name = "credit"
when.rdns.status = "pass"
score = -2.0
[[rule]]
name = "partner"
when.helo.rdns = "same"
when.helo.kind = "fqdn"
action = "accept"
[[rule]]
name = "bare"
when.helo.kind = "bare-ipv4"
score = 3.5
[[rule]]
name = "malformed"
when.helo.kind = "malformed"
action = "reject"
[[rule]]
name = "no-name"
when.helo.kind = "bare-ipv4"
unless.rdns.status = "pass"
action = "reject"
[[rule]]
name = "charge"
when.rdns.status = ["fail", "permerror"]
score = 4.0
[[rule]]
name = "mx"
when.helo.mx = "none"
score = 1.5
[[rule]]
name = "late"
when.rdns.dnssec = "insecure"
when.helo.mx = "null"
action = "tempfail"
)";

TEST(Evaluate, MakingFactsUnknownNeverRefusesMore) {
  const auto policy = PolicyFrom(kMixed);
  unsigned refused = 0;
  for (const Facts& facts : Combinations(kVaried)) {
    const Outcome whole = Evaluate(*policy, facts, {Stage::kRcpt, kToday, {}}).outcome;
    refused += whole != Outcome::kAccept ? 1 : 0;
    for (unsigned hidden = 1; hidden < 32; ++hidden) {
      Facts fewer = facts;
      for (std::size_t i = 0; i < kVaried.size(); ++i) {
        if ((hidden >> i & 1U) != 0) fewer.Set(kVaried[i], Fact::Unknown());
      }
      ASSERT_LE(Evaluate(*policy, fewer, {Stage::kRcpt, kToday, {}}).outcome, whole) << hidden;
    }
  }
  EXPECT_GT(refused, 100U);  // the property is about something
}

// While the resolver is ill: no refusal rests on DNS, and none is harder than with those rules taken out of force.
TEST(Evaluate, AnIllResolverRefusesNobody) {
  const auto policy = PolicyFrom(kMixed);
  std::string observed = kMixed;
  for (const std::string_view name : {"no-name", "charge", "mx", "late"}) {
    const std::string line = "name = \"" + std::string(name) + "\"\n";
    observed.replace(observed.find(line), line.size(), line + "mode = \"observe\"\n");
  }
  const auto string_only = PolicyFrom(observed);
  unsigned refused = 0;
  unsigned milder = 0;
  for (const Facts& facts : Combinations(kVaried)) {
    const Verdict ill = Evaluate(*policy, facts, {Stage::kRcpt, kToday, {}, true});
    const Outcome well = Evaluate(*string_only, facts, {Stage::kRcpt, kToday, {}}).outcome;
    ASSERT_LE(ill.outcome, well);
    refused += ill.outcome != Outcome::kAccept ? 1 : 0;
    milder += ill.outcome < well ? 1 : 0;
  }
  EXPECT_GT(refused, 10U);
  EXPECT_GT(milder, 10U);  // an accept or a credit that DNS seems to deny is given the benefit of the doubt
}

constexpr EvaluateOptions kIll{Stage::kRcpt, kToday, {}, true};

TEST(Evaluate, AnIllResolverDefersNobodyEither) {
  const auto policy = PolicyFrom(
      "[[rule]]\nname = 'd'\nwhen.rdns.status = 'permerror'\non_unknown = 'tempfail'\naction = 'reject'\n"
      "[[rule]]\nname = 't'\nwhen.rdns.status = 'temperror'\naction = 'tempfail'\n");
  for (const Fact& status : {Fact::Unknown(), kTemp, kFail, Fact::Enum(RdnsStatus::kPermerror)}) {
    const Verdict verdict = Evaluate(*policy, BareIp(status), kIll);
    EXPECT_EQ(verdict.outcome, Outcome::kAccept);
    EXPECT_TRUE(verdict.settled) << "nothing is worth waiting for";
  }
  const Verdict verdict = Evaluate(*policy, BareIp(kTemp), kIll);
  EXPECT_EQ(verdict.rules[1].truth, Truth::kTrue);
  EXPECT_EQ(verdict.rules[1].mode, Mode::kObserve) << "it is told what the rule would have done";
}

TEST(Evaluate, WhileIllWhatIsFalseByItsStringAloneStaysFalse) {
  const auto policy =
      PolicyFrom("[[rule]]\nname = 'partner'\nwhen.rdns.status = 'pass'\nwhen.helo.kind = 'fqdn'\naction = 'accept'\n" +
                 std::string(kBareIp));
  EXPECT_EQ(Evaluate(*policy, BareIp(kFail), kIll).outcome, Outcome::kReject);
}

}  // namespace
}  // namespace heloguard
