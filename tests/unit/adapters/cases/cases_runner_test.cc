// Cases against policies: what is told to the session, and what is said about a case that fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/cases/cases.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using ::testing::HasSubstr;

constexpr const char* kPolicy = R"(
[policy]
name = "p"
score = { tempfail = 3.0, reject = 6.0 }
exempt = { authenticated = true, recipients = ["postmaster"] }

[[rule]]
name = "trusted"
when.client.address = "10.0.0.0/8"
action = "accept"

[[rule]]
name = "plain-submission"
when.helo.kind = "single-label"
when.client.port = 587
when.client.tls = false
action = "tempfail"

[[rule]]
name = "bare-ip"
when.helo.kind = ["bare-ipv4", "bare-ipv6"]
action = "reject"

[[rule]]
name = "ours"
when.helo.traits = "ours"
action = "reject"

[[rule]]
name = "expired"
when.helo.kind = "malformed"
until = 2026-06-30
action = "reject"

[[rule]]
name = "unverified"
when.rdns.status = ["fail", "permerror"]
score = 3.0

[[rule]]
name = "bad-dns"
when.rdns.status = "temperror"
action = "tempfail"

[[rule]]
name = "no-mx"
when.helo.mx = "null"
when.helo.flaws = "underscore"
action = "reject"

[[rule]]
name = "changed"
when.helo.changed = true
score = 4.0
)";

CasesResult RunText(const std::string& cases, const std::string& policy = kPolicy) {
  return RunCases(cases, "t.cases", heloguard::testing::PolicyFrom(policy));
}

std::string Story(const CasesResult& result) {
  std::string text;
  for (const Diagnostic& d : result.diagnostics) text += d.error.ToString() + "\n";
  for (const CaseFailure& f : result.failures) {
    text += f.where.ToString() + ": expected " + f.expected + ", got " + f.got + "\n";
  }
  return text;
}

constexpr const char* kDns =
    "dns 192.0.2.7 PTR mail.example.net\n"
    "dns mail.example.net A 192.0.2.7\n"
    "dns 192.0.2.8 PTR TIMEOUT\n"
    "dns 192.0.2.9 PTR mail.example.net\n"
    "dns 192.0.2.10 PTR BOGUS\n"
    "dns 192.0.2.11 PTR slow.example.net\n"
    "dns slow.example.net A TIMEOUT\n"
    "dns under_score.example MX 0 .\n"
    "dns gone.example A NXDOMAIN\n"
    "own mx.example.com\n"
    "own .ours.example\n";

class Passing : public ::testing::TestWithParam<const char*> {};
TEST_P(Passing, Case) {
  const CasesResult result = RunText(std::string(kDns) + GetParam() + "\n");
  EXPECT_EQ(Story(result), "");
  EXPECT_EQ(result.passed, 1U);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, Passing,
    ::testing::Values(
        "client 192.0.2.7 helo mail.example.net expect accept", "client 10.1.2.3 helo 10.1.2.3 expect accept trusted",
        "client 192.0.2.7 helo 192.0.2.7 expect reject bare-ip", "client 192.0.2.7 helo 192.0.2.7 expect reject",
        "client 192.0.2.7 helo 192.0.2.7 auth expect accept",
        "client 192.0.2.7 helo 192.0.2.7 rcpt postmaster@example.com expect accept",
        "client 192.0.2.7 helo 192.0.2.7 rcpt <PostMaster> expect accept",
        "client 192.0.2.7 helo 192.0.2.7 rcpt user@example.com expect reject bare-ip",
        "client 192.0.2.7 helo 192.0.2.7 stage helo expect accept",  // the policy answers at rcpt
        "client 192.0.2.7 helo mx.example.com expect reject ours",
        "client 192.0.2.7 helo a.ours.example expect reject ours", "client 192.0.2.7 helo ours.example expect accept",
        "client 192.0.2.7 nohelo expect accept",
        "client 192.0.2.7 helo \"\" expect reject expired",  // the date is 2026-01-01
        "client 192.0.2.200 helo mail.example.net expect tempfail score",
        "client 192.0.2.9 helo mail.example.net expect tempfail score",
        "client 192.0.2.8 helo mail.example.net expect tempfail bad-dns",
        "client 192.0.2.10 helo mail.example.net expect tempfail bad-dns",
        "client 192.0.2.11 helo mail.example.net expect tempfail bad-dns",
        "client 192.0.2.7 helo under_score.example expect reject no-mx",
        "client 192.0.2.200 helo a.example helo b.example expect reject score",
        "client 192.0.2.200 helo a.example helo A.example. expect tempfail score",
        "client 192.0.2.200 helo a.example helo b.example tls expect tempfail score",  // STARTTLS between the two
        "client 192.0.2.200 helo a.example tls helo b.example expect tempfail score",
        "client 192.0.2.200 tls helo a.example helo b.example expect reject score",
        "client 192.0.2.7 helo sub port 587 expect tempfail plain-submission",
        "client 192.0.2.7 helo sub tls port 587 expect accept",
        "client 192.0.2.7 helo 192.0.2.7 expect reject bare-ip at rcpt mode enforce reply \"550 5.\"",
        "client 192.0.2.7 helo 192.0.2.7 expect reject at rcpt",
        "client 192.0.2.7 helo a.example expect accept reply \"\""));

TEST(CasesRunner, WhatElseHasToBeSo) {
  const std::string session = "client 192.0.2.7 helo 192.0.2.7 expect reject bare-ip ";
  EXPECT_THAT(Story(RunText(session + "at helo\n")),
              HasSubstr("expected reject bare-ip at helo, got reject bare-ip at rcpt"));
  EXPECT_THAT(Story(RunText(session + "mode observe\n")),
              HasSubstr("expected reject bare-ip mode observe, got reject bare-ip mode enforce"));
  EXPECT_THAT(Story(RunText(session + "reply \"450\"\n")),
              HasSubstr("expected reject bare-ip reply \"450\", got reject bare-ip reply \"550 5."));
  const std::string ramp =
      "[policy]\npercent = 10\n[[rule]]\nname = 'bare-ip'\nwhen.helo.kind = 'bare-ipv4'\naction = 'reject'\n";
  EXPECT_EQ(Story(RunText("client 198.51.100.9 helo 198.51.100.9 expect reject bare-ip mode observe\n"
                          "client 198.18.2.9 helo 198.18.2.9 expect reject bare-ip mode enforce\n",
                          ramp)),
            "");
}

TEST(CasesRunner, ReportsExpectedAndGot) {
  const CasesResult result = RunText(std::string(kDns) +
                                     "client 192.0.2.7 helo mail.example.net expect reject bare-ip\n"
                                     "client 192.0.2.7 helo 192.0.2.7 expect accept # not so\n"
                                     "client 192.0.2.7 helo 192.0.2.7 auth expect reject\n"
                                     "client 192.0.2.200 helo x.example expect reject unverified\n");
  EXPECT_EQ(result.passed, 0U);
  ASSERT_EQ(result.failures.size(), 4U) << Story(result);
  EXPECT_EQ(result.failures[0].where.ToString(), "t.cases:12:1");
  EXPECT_EQ(result.failures[0].line, "client 192.0.2.7 helo mail.example.net expect reject bare-ip");
  EXPECT_EQ(result.failures[0].expected, "reject bare-ip");
  EXPECT_THAT(result.failures[0].got, HasSubstr("accept; rule bare-ip is false at helo.kind"));
  EXPECT_EQ(result.failures[1].got, "reject bare-ip");
  EXPECT_EQ(result.failures[2].got, "accept (exempt: authenticated)");
  EXPECT_EQ(result.failures[3].got, "tempfail score; rule unverified is true");
}

TEST(CasesRunner, RefusesARuleThePolicyDoesNotHave) {
  const CasesResult result = RunText("client 192.0.2.7 helo 192.0.2.7 expect reject bare-id\n");
  EXPECT_EQ(Story(result), "t.cases:1:47: the policy has no rule \"bare-id\" (did you mean \"bare-ip\"?)\n");
  EXPECT_EQ(result.passed, 0U);
  EXPECT_TRUE(result.failures.empty());
}

TEST(CasesRunner, RunsNothingOfAFileWithErrors) {
  const CasesResult result = RunText("client 192.0.2.7 helo 192.0.2.7 expect accept\nclient x\n");
  EXPECT_EQ(result.diagnostics.size(), 1U);
  EXPECT_TRUE(result.failures.empty());
}

TEST(CasesRunner, JudgesOnTheDayTheFileNames) {
  EXPECT_EQ(Story(RunText(std::string(kDns) + "today 2026-06-30\nclient 192.0.2.7 helo \"\" expect reject expired\n")),
            "");
  EXPECT_EQ(Story(RunText(std::string(kDns) + "today 2026-07-01\nclient 192.0.2.7 helo \"\" expect accept\n")), "");
}

TEST(CasesRunner, StopsWhereTheSessionIsRefused) {
  const std::string policy = R"(
[[rule]]
name = "early"
when.helo.kind = "bare-ipv4"
stage = "helo"
action = "reject"
[[rule]]
name = "late"
when.helo.kind = "bare-ipv4"
when.client.authenticated = false
action = "tempfail"
)";
  const CasesResult result = RunText(
      "client 192.0.2.7 helo 192.0.2.7 expect reject early\n"
      "client 192.0.2.7 helo 192.0.2.7 stage helo expect reject early\n"
      "client 192.0.2.7 helo 192.0.2.7 auth rcpt postmaster@example.com expect reject early\n"
      "client 192.0.2.7 helo 192.0.2.7 helo a.example expect reject early\n"
      "client 192.0.2.7 helo 192.0.2.7 expect accept\n",
      policy);
  ASSERT_EQ(result.failures.size(), 1U) << Story(result);
  EXPECT_EQ(result.failures[0].got, "reject early at helo");
}

TEST(CasesRunner, JudgesAnObservingPolicyAsIfItEnforced) {
  const std::string policy = R"(
[policy]
mode = "observe"
[[rule]]
name = "bare"
when.helo.kind = "bare-ipv4"
action = "reject"
)";
  EXPECT_EQ(Story(RunText("client 192.0.2.7 helo 192.0.2.7 expect reject bare\n", policy)), "");
}

// "trusted! bare-ip" for rules, those exercised with an exclamation mark.
std::string UsesOf(const CasesResult& result) {
  std::string text;
  for (const RuleUse& use : result.rules) text += (text.empty() ? "" : " ") + use.name + (use.exercised ? "!" : "");
  return text;
}

TEST(CasesRunner, SaysWhichRulesWereTrueInSomeSession) {
  constexpr const char* kAll = "trusted plain-submission bare-ip ours expired unverified bad-dns no-mx changed";
  EXPECT_EQ(UsesOf(RunText(kDns)), kAll);
  // What scores or fails to decide counts, also where the case fails or the client is exempt; what stands behind the
  // rule that decided was not tried.
  EXPECT_EQ(UsesOf(RunText(std::string(kDns) + "client 192.0.2.200 helo a.example expect accept\n"
                                               "client 192.0.2.200 helo 192.0.2.200 auth expect accept\n")),
            "trusted plain-submission bare-ip! ours expired unverified! bad-dns no-mx changed");
}

TEST(CasesRunner, LeavesOutRulesThatDoNotStand) {
  const std::string policy = R"(
[[rule]]
name = "off"
when.helo.kind = "fqdn"
enabled = false
action = "note"
[[rule]]
name = "past"
when.helo.kind = "fqdn"
until = 2026-06-30
action = "note"
[[rule]]
name = "watched"
when.helo.kind = "fqdn"
mode = "observe"
action = "reject"
)";
  const std::string one = "client 192.0.2.7 helo a.example expect accept\n";
  EXPECT_EQ(UsesOf(RunText("today 2026-06-30\n" + one, policy)), "past! watched!");
  EXPECT_EQ(UsesOf(RunText("today 2026-07-01\n" + one, policy)), "watched!");
}

}  // namespace
}  // namespace heloguard
