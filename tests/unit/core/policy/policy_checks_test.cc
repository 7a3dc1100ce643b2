// What FinishPolicy works out, refuses and warns of. Policies are written as in a file; texts of the findings are in
// tests/golden/policy_errors/.
#include "heloguard/policy/policy_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "adapters/toml/policy_reader.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr std::chrono::sys_days kToday = std::chrono::year{2026} / std::chrono::June / 15;

// "error ID" or "warning ID" for each finding.
std::vector<std::string> Findings(const std::string& toml) {
  PolicyReadOptions options;
  options.today = kToday;
  const LoadedPolicy loaded = ReadPolicyText(toml, "test.toml", options);
  std::vector<std::string> lines;
  for (const Diagnostic& each : loaded.diagnostics) {
    const std::string what = each.id.empty() ? each.error.ToString() : each.id;
    lines.push_back((each.severity == Severity::kError ? "error " : "warning ") + what);
  }
  EXPECT_EQ(loaded.policy == nullptr, HasErrors(loaded.diagnostics));
  return lines;
}

std::string Rule(const std::string& name, const std::string& rest) {
  return "[[rule]]\nname = '" + name + "'\n" + rest + "\n";
}

// --- what is worked out ---

TEST(FinishPolicyTest, FactsAndLookupsOfEnabledRules) {
  const auto policy =
      testing::PolicyFrom(Rule("a", "when.helo.kind = 'fqdn'\nunless.client.address = '::1'\naction = 'note'") +
                          Rule("b", "when.any = [{rdns.status = 'fail'}]\naction = 'note'") +
                          Rule("c", "when.helo.mx = 'null'\naction = 'note'\nenabled = false"));
  EXPECT_EQ(policy->facts, (FactSet{FactId::kHeloKind, FactId::kClientAddress, FactId::kRdnsStatus}));
  EXPECT_EQ(policy->lookups, LookupsKeyedBy(LookupKey::kClient));
}

TEST(FinishPolicyTest, FirstStage) {
  const struct {
    std::string text;
    Stage stage;
  } rows[] = {
      {"", Stage::kRcpt},
      {"policy.stage = 'mail'\n", Stage::kMail},
      {Rule("a", "when.helo.kind = 'malformed'\naction = 'reject'\nstage = 'helo'"), Stage::kHelo},
      {Rule("a", "when.helo.kind = 'malformed'\naction = 'reject'\nstage = 'helo'\nenabled = false"), Stage::kRcpt},
      {Rule("a", "when.helo.kind = 'malformed'\naction = 'reject'\nstage = 'helo'\nmode = 'observe'"), Stage::kRcpt},
      {Rule("a", "when.helo.kind = 'malformed'\naction = 'accept'\nstage = 'helo'"), Stage::kRcpt},
      {"policy.mode = 'observe'\n" + Rule("a", "when.helo.kind = 'malformed'\naction = 'reject'\nstage = 'mail'"),
       Stage::kMail},
  };
  for (const auto& row : rows) EXPECT_EQ(testing::PolicyFrom(row.text)->first_stage, row.stage) << row.text;
}

TEST(FinishPolicyTest, RepliesOfEveryRefusal) {
  const auto policy = testing::PolicyFrom(
      "policy.score = {tempfail = 1, reject = 2}\n" + Rule("a", "when.helo.kind = 'malformed'\naction = 'tempfail'") +
      Rule("b", "when.helo.kind = 'fqdn'\naction = 'note'") + Rule("c", "when.client.port = 25\nscore = 2"));
  ASSERT_EQ(policy->rules.size(), 3U);
  EXPECT_EQ(policy->rules[0].reply->Render({}).code(), 450);
  EXPECT_FALSE(policy->rules[1].reply);
  EXPECT_FALSE(policy->rules[2].reply);
  EXPECT_EQ(policy->score_tempfail->Render({}).code(), 450);
  EXPECT_EQ(policy->score_reject->Render({}).code(), 550);
  EXPECT_FALSE(testing::PolicyFrom("")->score_reject);
}

// --- the share of clients ---

// --- stages ---

TEST(PolicyChecksTest, FactsKnownTooLate) {
  EXPECT_THAT(Findings("policy.stage = 'helo'\npolicy.exempt = {authenticated = false, recipients = []}\n" +
                       Rule("a", "when.client.authenticated = false\naction = 'reject'")),
              ElementsAre("error fact-after-stage"));
  // In `unless`, in an alternative, and for an accept as well.
  EXPECT_THAT(
      Findings("policy.stage = 'helo'\npolicy.exempt = {authenticated = false, recipients = []}\n" +
               Rule("a", "when.helo.kind = 'malformed'\nunless.client.authenticated = true\naction = 'reject'") +
               Rule("b", "when.any = [{client.authenticated = true}]\naction = 'accept'")),
      ElementsAre("error fact-after-stage", "error fact-after-stage"));
  EXPECT_THAT(Findings(Rule("a", "when.client.authenticated = false\naction = 'reject'")), IsEmpty());
}

TEST(PolicyChecksTest, ThatThereWasNoHeloShowsAtMail) {
  const std::string early = "stage = 'helo'\naction = 'tempfail'";
  const std::string no_exemptions = "policy.exempt = {authenticated = false, recipients = []}\n";
  EXPECT_THAT(Findings(no_exemptions + Rule("a", "when.helo.kind = 'missing'\n" + early)),
              ElementsAre("error fact-after-stage"));
  EXPECT_THAT(Findings(no_exemptions + Rule("a", "when.helo.kind = ['missing', 'malformed']\n" + early)), IsEmpty());
}

TEST(PolicyChecksTest, RefusingBeforeAnExemptionIsKnown) {
  const std::string rule = "when.helo.kind = 'malformed'\naction = 'reject'\n";
  EXPECT_THAT(Findings(Rule("a", rule + "stage = 'helo'")),
              ElementsAre("warning refuses-before-auth", "warning refuses-before-rcpt"));
  EXPECT_THAT(Findings("policy.stage = 'mail'\n" + Rule("a", rule)), ElementsAre("warning refuses-before-rcpt"));
  EXPECT_THAT(Findings("policy.stage = 'mail'\npolicy.exempt.recipients = []\n" + Rule("a", rule)), IsEmpty());
  EXPECT_THAT(Findings("policy.stage = 'mail'\n" + Rule("a", rule + "mode = 'observe'")), IsEmpty());
  EXPECT_THAT(Findings("policy.exempt.recipients = ['abuse']\n" + Rule("a", rule)),
              ElementsAre("warning no-postmaster"));
  EXPECT_THAT(Findings("policy.exempt.recipients = ['Postmaster@example.com']\n" + Rule("a", rule)), IsEmpty());
}

// --- RFC 5321 section 4.1.4 ---

struct GuardRow {
  std::string rule;
  bool guarded;
};

TEST(Rfc5321GuardTest, Refusals) {
  const GuardRow rows[] = {
      {"when.helo.address = 'mismatch'", true},
      {"when.helo.address = ['nxdomain', 'nodata']", true},
      {"when.helo.rdns = 'different'", true},
      {"when.helo.ptr = ['same-domain', 'different']", true},
      {"when.helo.address = 'mismatch'\nwhen.helo.rdns = 'different'", true},
      // Syntax lifts nothing, nor does a pattern for any name.
      {"when.helo.kind = 'fqdn'\nwhen.helo.address = 'mismatch'", true},
      {"when.helo.flaws = 'underscore'\nwhen.helo.address = 'mismatch'", true},
      {"when.helo.name = '.*'\nwhen.helo.rdns = 'different'", true},
      // An exemption lifts nothing.
      {"when.helo.address = 'mismatch'\nunless.client.address = '192.0.2.0/24'", true},
      {"when.helo.address = 'mismatch'\nunless.helo.name = '[.]partner[.]example$'", true},
      // Said the other way round.
      {"unless.helo.address = 'match'", true},
      {"when.helo.kind = 'fqdn'\nunless.helo.rdns = ['same', 'same-domain']", true},
      // One alternative of several.
      {"when.any = [{rdns.status = 'fail'}, {helo.address = 'mismatch'}]", true},
      {"when.helo.kind = 'fqdn'\nwhen.any = [{helo.address = 'mismatch'}, {helo.rdns = 'different'}]", true},

      {"when.helo.literal = 'mismatch'", false},
      {"when.helo.dnssec = 'secure'\nwhen.helo.address = 'mismatch'", false},
      {"when.rdns.status = 'pass'\nwhen.helo.rdns = 'different'", false},
      {"when.helo.address = 'match'", false},
      {"when.helo.rdns = ['same', 'same-domain']", false},
      {"when.helo.address = 'mismatch'\nwhen.rdns.status = ['fail', 'permerror']", false},
      {"when.helo.address = 'mismatch'\nwhen.helo.traits = 'embeds-client-ip'", false},
      {"when.helo.address = 'mismatch'\nwhen.helo.name = '[.]bank[.]example$'", false},
      {"when.helo.address = 'mismatch'\nunless.rdns.status = 'pass'", false},
      {"when.rdns.status = 'fail'\nwhen.any = [{helo.address = 'mismatch'}, {helo.rdns = 'different'}]", false},
      {"when.helo.kind = 'single-label'\nunless.helo.address = 'match'", false},
      {"when.rdns.status = 'fail'\nunless.helo.address = 'match'", false},
      {"when.helo.kind = 'malformed'", false},
  };
  for (const GuardRow& row : rows) {
    for (const std::string action : {"action = 'reject'\n", "action = 'tempfail'\n"}) {
      const auto findings = Findings(Rule("a", action + row.rule));
      EXPECT_EQ(findings.empty() ? "" : findings[0], row.guarded ? "error rfc5321-guard" : "") << row.rule;
    }
    // What does not refuse is never under the guard, and saying so where it is not needed is a slip.
    EXPECT_THAT(Findings(Rule("a", "action = 'note'\n" + row.rule)),
                ::testing::Not(::testing::Contains("error rfc5321-guard")));
    const auto said = Findings(Rule("a", "action = 'reject'\noverrides_rfc5321 = true\n" + row.rule));
    EXPECT_THAT(said, ::testing::Not(::testing::Contains("error rfc5321-guard"))) << row.rule;
    EXPECT_NE(::testing::Value(said, ::testing::Contains("warning needless-override")), row.guarded) << row.rule;
  }
}

TEST(Rfc5321GuardTest, Modes) {
  const std::string rule = "when.helo.address = 'mismatch'\naction = 'reject'\n";
  EXPECT_THAT(Findings("policy.mode = 'observe'\n" + Rule("a", rule)), ElementsAre("error rfc5321-guard"));
  EXPECT_THAT(Findings(Rule("a", rule + "mode = 'observe'")), ElementsAre("warning rfc5321-guard"));
  EXPECT_THAT(Findings(Rule("a", rule + "percent = 1")), ElementsAre("error rfc5321-guard"));
  EXPECT_THAT(Findings(Rule("a", rule + "enabled = false")), IsEmpty());
}

TEST(Rfc5321GuardTest, Scores) {
  const std::string limits = "policy.score = {tempfail = 5, reject = 8}\n";
  const std::string filler = Rule("filler", "when.rdns.status = 'permerror'\nscore = 8");
  const auto score = [](const std::string& name, const std::string& when, const std::string& points) {
    return Rule(name, when + "\nscore = " + points);
  };
  // Together they reach the tempfail threshold.
  EXPECT_THAT(Findings(limits + filler + score("a", "when.helo.address = 'mismatch'", "2.5") +
                       score("b", "when.helo.rdns = 'different'", "2.5")),
              ElementsAre("error rfc5321-guard"));
  EXPECT_THAT(Findings(limits + filler + score("a", "when.helo.address = 'mismatch'", "2.5") +
                       score("b", "when.helo.rdns = 'different'", "2.4")),
              IsEmpty());
  EXPECT_THAT(Findings(limits + filler + score("a", "when.helo.address = 'mismatch'", "5")),
              ElementsAre("error rfc5321-guard"));
  // They never hold together.
  EXPECT_THAT(Findings(limits + filler + score("a", "when.helo.address = 'mismatch'", "3") +
                       score("b", "when.helo.address = ['nxdomain', 'nodata']", "3")),
              IsEmpty());
  EXPECT_THAT(
      Findings(limits + filler + score("a", "when.helo.rdns = 'different'\nunless.helo.ptr = 'different'", "3") +
               score("b", "when.helo.ptr = 'different'", "3")),
      IsEmpty());
  // Credits, observed rules, rules with another fact, and those that say so do not count.
  EXPECT_THAT(
      Findings(limits + filler + score("a", "when.helo.rdns = 'same'", "-5") +
               Rule("b", "when.helo.rdns = 'different'\nscore = 9\nmode = 'observe'") +
               score("c", "when.helo.rdns = 'different'\nwhen.rdns.dnssec = 'bogus'\nwhen.client.tls = false", "9") +
               Rule("d", "when.helo.address = 'mismatch'\nscore = 9\noverrides_rfc5321 = true")),
      IsEmpty());
  EXPECT_THAT(Findings("policy.score.reject = 4\n" + filler + score("a", "when.helo.ptr = 'different'", "4")),
              ElementsAre("error rfc5321-guard"));
}

// --- rules nothing can reach ---

struct ShadowRow {
  std::string earlier, later;
  bool shadowed;
};

TEST(ShadowedRuleTest, Pairs) {
  const std::string reject = "action = 'reject'\n";
  const ShadowRow rows[] = {
      {"when.helo.kind = ['malformed', 'bare-ipv4']", "when.helo.kind = 'malformed'", true},
      {"when.helo.kind = 'malformed'", "when.helo.kind = 'malformed'\nwhen.client.tls = false", true},
      {"when.client.address = '192.0.2.0/24'", "when.client.address = ['192.0.2.7', '192.0.2.128/25']", true},
      {"when.client.port = [25, 26]", "when.client.port = 25", true},
      {"when.helo.name = ['^a[.]', '^b[.]']", "when.helo.name = '^b[.]'", true},
      {"when.helo.name = '@names'", "when.helo.name = '@names'", true},
      {"when.any = [{helo.kind = 'malformed'}, {client.tls = false}]", "when.client.tls = false", true},
      {"when.client.tls = false\nunless.client.port = 25", "when.client.tls = false\nunless.client.port = [25, 26]",
       true},
      {"when.client.tls = false", "when.any = [{client.tls = false}, {client.tls = false}]", true},

      {"when.helo.kind = 'malformed'", "when.helo.kind = ['malformed', 'bare-ipv4']", false},
      {"when.helo.kind = 'malformed'\nwhen.client.tls = false", "when.helo.kind = 'malformed'", false},
      {"when.helo.kind = 'malformed'\nunless.client.tls = true", "when.helo.kind = 'malformed'", false},
      {"when.client.tls = false\nunless.client.port = [25, 26]", "when.client.tls = false\nunless.client.port = 25",
       false},
      {"when.client.address = '192.0.2.0/25'", "when.client.address = ['192.0.2.7', '192.0.2.128/25']", false},
      {"when.client.address = '192.0.2.0/24'", "when.client.address = '2001:db8::/32'", false},
      {"when.helo.name = '^b[.]'", "when.helo.name = '@names'", false},
      {"when.helo.name = '@names'", "when.helo.name = ['@names', '^b[.]']", false},
      {"when.client.tls = false", "when.any = [{client.tls = false}, {client.port = 25}]", false},
      {"when.client.tls = false\npercent = 50", "when.client.tls = false", false},
      {"when.client.tls = false\nmode = 'observe'", "when.client.tls = false", false},
      {"when.client.tls = false\nenabled = false", "when.client.tls = false", false},
      {"when.client.tls = false\nuntil = 2030-01-01", "when.client.tls = false", false},
      {"when.client.tls = false", "when.client.tls = false\non_unknown = 'tempfail'", false},
  };
  const std::string list = "[list.names]\nnames = ['a.example']\n[list.other]\nnames = ['a.example']\n";
  for (const ShadowRow& row : rows) {
    const auto findings = Findings(list + Rule("use", "when.helo.name = ['@names', '@other']\naction = 'note'") +
                                   Rule("earlier", reject + row.earlier) + Rule("later", reject + row.later));
    EXPECT_THAT(findings, ElementsAreArray(row.shadowed ? std::vector<std::string>{"warning shadowed-rule"}
                                                        : std::vector<std::string>{}))
        << row.earlier << " / " << row.later;
  }
}

TEST(ShadowedRuleTest, OnlyWhatDecidesShadows) {
  const std::string when = "when.client.tls = false\n";
  EXPECT_THAT(Findings(Rule("a", when + "action = 'note'") + Rule("b", when + "action = 'reject'")), IsEmpty());
  EXPECT_THAT(Findings(Rule("a", when + "action = 'accept'") + Rule("b", when + "action = 'note'")),
              ElementsAre("warning shadowed-rule"));
}

// --- the rest ---

TEST(PolicyChecksTest, Warnings) {
  const std::string rule = Rule("a", "when.helo.kind = 'malformed'\naction = 'reject'");
  const struct {
    std::string text;
    std::vector<std::string> findings;
  } rows[] = {
      {rule, {}},
      {Rule("a", "action = 'accept'"), {"warning unconditional-rule"}},
      {Rule("a", "when.client.tls = true\naction = 'accept'\nuntil = 2026-06-14"), {"warning expired-rule"}},
      {Rule("a", "when.client.tls = true\naction = 'accept'\nuntil = 2026-06-15"), {}},  // the last day counts
      {Rule("a", "when.client.tls = true\naction = 'note'\nstage = 'mail'"), {"warning stage-without-refusal"}},
      {Rule("a", "when.client.tls = true\nscore = 1"), {"warning score-without-threshold"}},
      {"policy.score = {tempfail = 3, reject = 5}\n" + Rule("a", "when.client.tls = true\nscore = 3"),
       {"warning unreachable-threshold"}},
      {"policy.score.tempfail = 0.3\n" + Rule("a", "when.client.tls = true\nscore = 0.1") +
           Rule("b", "when.client.tls = true\nscore = 0.2"),
       {}},
      {"[list.l]\nnames = ['a.example']\n" + rule, {"warning unused-list"}},
      {"[list.l]\nnames = ['a.example']\npart = 'host'\n" + Rule("a", "when.helo.name = '@l'\naction = 'reject'"),
       {"warning unused-part"}},
      {Rule("a", "when.helo.name = 'x*'\naction = 'note'"), {"warning matches-everything"}},
      {Rule("a", "when.helo.name = '^(dyn)?$'\naction = 'note'"), {"warning matches-empty"}},
      {Rule("a", "when.helo.name = 'dyn'\naction = 'note'"), {"warning unanchored-pattern"}},
      {Rule("a", "when.helo.name = '[0-9]+'\naction = 'note'"), {"warning unanchored-pattern"}},
      {Rule("a", "when.helo.name = '(dsl|pool|dialup)-?[0-9]'\naction = 'note'"), {"warning unanchored-pattern"}},
      {Rule("a", "when.helo.name = '^.*dyn'\naction = 'note'"), {"warning unanchored-pattern"}},
      {Rule("a", "when.helo.name = 'dyn.*[.]provider[.]example$'\naction = 'note'"), {}},
      {Rule("a", R"(when.helo.name = ['^dyn', 'dyn$', '\bdyn', 'dyn\.', '[0-9]+-[0-9]+-[0-9]+'])"
                 "\naction = 'note'"),
       {}},
      {"policy.score = {tempfail = 9, reject = 8}\n" + Rule("a", "when.client.tls = true\nscore = 9"),
       {"error threshold-order"}},
  };
  for (const auto& row : rows) EXPECT_THAT(Findings(row.text), ElementsAreArray(row.findings)) << row.text;
}

TEST(PolicyChecksTest, WhatTheEngineMakesOfPatterns) {
  const auto with_engine = [](const std::string& pattern, SetEngineFactory engine) {
    PolicyReadOptions options;
    options.today = kToday;
    options.engine = std::move(engine);
    const std::string text = Rule("a", "when.helo.name = " + pattern + "\naction = 'note'");
    std::vector<std::string> ids;
    for (const Diagnostic& each : ReadPolicyText(text, "test.toml", options).diagnostics) ids.push_back(each.id);
    return ids;
  };
  const SetEngineFactory one_at_a_time = [](const std::vector<Pattern>& patterns, std::int64_t max_mem) {
    return patterns.size() == 1 ? Re2EngineFactory()(patterns, max_mem) : nullptr;
  };
  const SetEngineFactory none = [](const std::vector<Pattern>&, std::int64_t) { return nullptr; };
  struct GivesUp : SetEngine {
    Outcome Match(std::string_view, std::vector<int>*) const override { return Outcome::kGaveUp; }
  };
  const SetEngineFactory gives_up = [](const std::vector<Pattern>&, std::int64_t) {
    return std::make_unique<GivesUp>();
  };
  EXPECT_THAT(with_engine("['^a[.]', '^b[.]']", Re2EngineFactory()), IsEmpty());
  EXPECT_THAT(with_engine("['^a[.]', '^b[.]']", one_at_a_time), ElementsAre("patterns-split"));
  EXPECT_THAT(with_engine("['^a[.]', '^b[.]']", none), ElementsAre("pattern-too-large", "pattern-too-large"));
  EXPECT_THAT(with_engine("['^a[.]', '^b[.]']", gives_up), ElementsAre("patterns-give-up"));
}

// A policy that loads today loads tomorrow.
TEST(PolicyChecksTest, ErrorsDoNotDependOnTheDate) {
  const std::string text = Rule("a", "when.helo.address = 'mismatch'\naction = 'reject'\nuntil = 2026-06-14");
  EXPECT_THAT(Findings(text), ElementsAre("error rfc5321-guard", "warning expired-rule"));
}

}  // namespace
}  // namespace heloguard
