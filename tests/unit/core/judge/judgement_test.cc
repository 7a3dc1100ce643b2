// One judgement: exemptions, the recipient, what a log does not tell, how the policy stands.
#include "heloguard/judge/judgement.h"

#include <gtest/gtest.h>

#include "dns_text.h"
#include "heloguard/judge/refusal.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

constexpr const char* kBareIp = R"(
[policy]
exempt = { authenticated = true, recipients = ["postmaster", "abuse@example.org"] }
[[rule]]
name = "bare-ip"
when.helo.kind = "bare-ipv4"
action = "reject"
reply = "550 5.7.1 {helo} refused by {rule}, session {session}"
)";

SessionInputs Said(std::string_view helo, std::optional<bool> authenticated = false) {
  SessionInputs inputs;
  inputs.client = Ip("192.0.2.7");
  inputs.client_known = true;
  inputs.helo = ParseHelo(helo);
  inputs.authenticated = authenticated;
  inputs.own = std::make_shared<const OwnIdentity>();
  return inputs;
}

TEST(Judgement, TheOutcomeIsTheVerdictsUnlessExempt) {
  const auto policy = PolicyFrom(kBareIp);
  const DnsAnswers none;
  const SessionInputs stranger = Said("192.0.2.7");
  const SessionInputs known = Said("192.0.2.7", true);
  SessionInputs local = stranger;
  local.client.reset();
  const struct {
    const SessionInputs& inputs;
    std::string_view recipient, exempt;
    Outcome outcome;
  } rows[] = {
      {stranger, "", "", Outcome::kReject},
      {stranger, "<a@example.org>", "", Outcome::kReject},
      {stranger, "<Postmaster@anywhere.example>", "recipient", Outcome::kAccept},
      {stranger, "abuse@example.org", "recipient", Outcome::kAccept},
      {stranger, "<abuse@example.net>", "", Outcome::kReject},
      {known, "", "authenticated", Outcome::kAccept},
      {known, "<postmaster@example.org>", "authenticated", Outcome::kAccept},
      {local, "", "no-address", Outcome::kAccept},
  };
  for (const auto& row : rows) {
    JudgeOptions options;
    options.recipient = row.recipient;
    const Judgement judgement = Judge(*policy, row.inputs, none, options);
    EXPECT_EQ(judgement.exempt, row.exempt) << row.recipient;
    EXPECT_EQ(judgement.outcome(), row.outcome) << row.recipient;
    EXPECT_EQ(judgement.verdict.outcome, Outcome::kReject) << "worked out all the same";
    EXPECT_EQ(Refusal(judgement, {row.inputs, none, "id", ""}).has_value(), row.outcome != Outcome::kAccept);
  }
}

TEST(Judgement, WhatNobodyKnowsOfAuthenticationWithholdsARefusal) {
  const auto policy = PolicyFrom(kBareIp);
  const DnsAnswers none;
  JudgeOptions options;
  options.authentication_untold = true;
  EXPECT_TRUE(Judge(*policy, Said("192.0.2.7", std::nullopt), none, options).withheld);
  EXPECT_EQ(Judge(*policy, Said("192.0.2.7", std::nullopt), none, options).outcome(), Outcome::kAccept);
  EXPECT_FALSE(Judge(*policy, Said("192.0.2.7", false), none, options).withheld) << "it is known";
  EXPECT_FALSE(Judge(*policy, Said("mail.example.org", std::nullopt), none, options).withheld) << "nothing is refused";
  options.authentication_untold = false;
  EXPECT_EQ(Judge(*policy, Said("192.0.2.7", std::nullopt), none, options).outcome(), Outcome::kReject)
      << "at HELO nobody has authenticated yet";
  const auto strict = PolicyFrom("[policy]\nexempt = { authenticated = false }\n[[rule]]\nname = 'r'\n"
                                 "when.helo.kind = 'bare-ipv4'\naction = 'reject'\n");
  options.authentication_untold = true;
  EXPECT_FALSE(Judge(*strict, Said("192.0.2.7", std::nullopt), none, options).withheld) << "it would not help";
}

TEST(Judgement, ObservingChangesNeitherOutcomeNorReply) {
  const auto policy = PolicyFrom(std::string("[policy]\nmode = 'observe'\n") +
                                 "[[rule]]\nname = 'r'\nwhen.helo.kind = 'bare-ipv4'\naction = 'reject'\n");
  const DnsAnswers none;
  const SessionInputs inputs = Said("192.0.2.7");
  const Judgement judgement = Judge(*policy, inputs, none, {});
  EXPECT_EQ(judgement.mode, Mode::kObserve);
  EXPECT_EQ(judgement.outcome(), Outcome::kReject);
  EXPECT_EQ(Refusal(judgement, {inputs, none, "id", ""})->code(), 550);
}

TEST(Judgement, ExtraFactsAreComputedBesideThosePoliciesName) {
  const auto policy = PolicyFrom(kBareIp);
  const SessionInputs inputs = Said("mail.example.org");
  EXPECT_EQ(Judge(*policy, inputs, {}, {}).facts[FactId::kHeloName].state(), FactState::kUnknown);
  JudgeOptions options;
  options.extra_facts = {FactId::kHeloName};
  EXPECT_EQ(Judge(*policy, inputs, {}, options).facts[FactId::kHeloName].names().front(), "mail.example.org");
}

// A rule of RCPT decides later than one of HELO: settled at one stage is not settled at all of them.
TEST(Judgement, SettledThroughoutLooksAtEveryStage) {
  const auto policy = PolicyFrom(R"(
[[rule]]
name = "later"
when.helo.kind = "bare-ipv4"
action = "reject"
[[rule]]
name = "early"
when.rdns.status = "permerror"
stage = "helo"
action = "reject"
)");
  const SessionInputs named = Said("mail.example.org");
  const DnsAnswers none;
  DnsAnswers denied;
  denied.Set(Ptr("192.0.2.7"), End(DnsStatus::kNxDomain));
  EXPECT_FALSE(Judge(*policy, named, none, {}).verdict.settled_throughout);
  EXPECT_TRUE(Judge(*policy, named, denied, {}).verdict.settled_throughout);
  JudgeOptions ill;
  ill.resolver_ill = true;
  const Judgement doubted = Judge(*policy, named, none, ill);
  EXPECT_TRUE(doubted.verdict.settled) << "nothing is worth waiting for";
  EXPECT_FALSE(doubted.verdict.settled_throughout) << "but worth asking, for when the resolver is well again";
}

}  // namespace
}  // namespace heloguard
