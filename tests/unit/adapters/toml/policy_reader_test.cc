// Policies that load: what each key becomes. Those that do not are in tests/golden/policy_errors/.
#include "adapters/toml/policy_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy_text.h"

namespace heloguard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PolicyReaderTest, Defaults) {
  const auto policy = testing::PolicyFrom("");
  EXPECT_EQ(policy->name, "test");
  EXPECT_EQ(policy->mode, Mode::kEnforce);
  EXPECT_EQ(policy->stage, Stage::kRcpt);
  EXPECT_FALSE(policy->thresholds.tempfail);
  EXPECT_FALSE(policy->thresholds.reject);
  EXPECT_TRUE(policy->exempt_authenticated);
  EXPECT_THAT(policy->exempt_recipients, ElementsAre("postmaster", "abuse"));
  EXPECT_THAT(policy->rules, IsEmpty());
}

TEST(PolicyReaderTest, PolicySection) {
  const auto policy = testing::PolicyFrom(
      "[policy]\nname = 'site'\nmode = 'observe'\nstage = 'mail'\nscore = {tempfail = 5, reject = 7.5}\n"
      "exempt = {authenticated = false, recipients = ['Abuse', 'X@Example.ORG']}\n");
  EXPECT_EQ(policy->name, "site");
  EXPECT_EQ(policy->where.file, "test.toml");
  EXPECT_EQ(policy->mode, Mode::kObserve);
  EXPECT_EQ(policy->stage, Stage::kMail);
  EXPECT_EQ(policy->thresholds.tempfail, 5.0);
  EXPECT_EQ(policy->thresholds.reject, 7.5);
  EXPECT_FALSE(policy->exempt_authenticated);
  EXPECT_THAT(policy->exempt_recipients, ElementsAre("abuse", "x@example.org"));
}

TEST(PolicyReaderTest, ARuleWithEveryKey) {
  const auto policy = testing::PolicyFrom(
      "[[rule]]\nname = 'bare-ip'\nwhen.helo.kind = 'bare-ipv4'\nunless.client.address = '10.0.0.0/8'\n"
      "action = 'reject'\nreply = '550 5.7.1 no {helo}'\nmode = 'observe'\nstage = 'helo'\nenabled = false\n"
      "percent = 10\nuntil = 2027-01-31\nreason = 'printer, 2nd floor'\non_unknown = 'tempfail'\n"
      "overrides_rfc5321 = true\n");
  ASSERT_THAT(policy->rules, SizeIs(1));
  const Rule& rule = policy->rules[0];
  EXPECT_EQ(rule.name, "bare-ip");
  EXPECT_EQ(rule.where.ToString(), "test.toml:2:1");
  EXPECT_THAT(rule.when, SizeIs(1));
  EXPECT_THAT(rule.unless, SizeIs(1));
  EXPECT_EQ(rule.action, ActionKind::kReject);
  EXPECT_EQ(rule.reply->text(), "550 5.7.1 no {helo}");
  EXPECT_EQ(rule.mode, Mode::kObserve);
  EXPECT_EQ(rule.stage, Stage::kHelo);
  EXPECT_FALSE(rule.enabled);
  EXPECT_EQ(rule.percent, 10U);
  EXPECT_EQ(rule.until, std::chrono::sys_days(std::chrono::year{2027} / 1 / 31));
  EXPECT_EQ(rule.reason, "printer, 2nd floor");
  EXPECT_TRUE(rule.defer_if_unknown);
  EXPECT_TRUE(rule.overrides_rfc5321);
}

TEST(PolicyReaderTest, Actions) {
  const auto policy = testing::PolicyFrom(
      "[policy]\nscore.reject = 4\n[[rule]]\nname = 'a'\nwhen.client.port = 1\naction = 'accept'\n"
      "[[rule]]\nname = 'b'\nwhen.client.port = 2\naction = 'tempfail'\n"
      "[[rule]]\nname = 'c'\nwhen.client.port = 3\naction = 'note'\n"
      "[[rule]]\nname = 'd'\nwhen.client.port = 4\nscore = 4\n[[rule]]\nname = 'e'\nwhen.client.port = 5\nscore = "
      "-1.5\n");
  std::vector<ActionKind> actions;
  for (const Rule& rule : policy->rules) actions.push_back(rule.action);
  EXPECT_THAT(actions, ElementsAre(ActionKind::kAccept, ActionKind::kTempfail, ActionKind::kNote, ActionKind::kScore,
                                   ActionKind::kScore));
  EXPECT_EQ(policy->rules[3].score, 4.0);
  EXPECT_EQ(policy->rules[4].score, -1.5);
  EXPECT_FALSE(policy->rules[0].reply);
  EXPECT_TRUE(policy->rules[1].reply);
}

TEST(PolicyReaderTest, AListOfSeveralKinds) {
  const auto policy = testing::PolicyFrom(
      "[list.trusted]\nclients = ['127.0.0.0/8', '::1']\nnames = ['mx.partner.example', '.partner.example']\n"
      "[[rule]]\nname = 'a'\nwhen.client.address = '@trusted'\naction = 'accept'\n"
      "[[rule]]\nname = 'b'\nwhen.helo.name = '@trusted'\naction = 'accept'\n");
  const List& list = *policy->lists.at("trusted");
  EXPECT_THAT(list.clients, SizeIs(2));
  EXPECT_THAT(list.names, ElementsAre("mx.partner.example"));
  EXPECT_THAT(list.suffixes, ElementsAre(".partner.example"));
  EXPECT_EQ(list.where.ToString(), "test.toml:2:7");
  EXPECT_EQ(policy->rules[0].when[0].lists[0], policy->rules[1].when[0].lists[0]);
}

// A list to be filled by the site may start empty; nothing is in it.
TEST(PolicyReaderTest, AListMayBeEmpty) {
  const auto policy = testing::PolicyFrom(
      "[list.exempt]\nclients = []\n[[rule]]\nname = 'a'\nwhen.client.address = '@exempt'\naction = 'accept'\n");
  EXPECT_THAT(policy->lists.at("exempt")->clients, IsEmpty());
  EXPECT_THAT(policy->rules, SizeIs(1));
}

TEST(PolicyReaderTest, AnEngineOfOnesOwnServesListsAndRules) {
  int built = 0;
  PolicyReadOptions options;
  options.engine = [&built](const std::vector<Pattern>& patterns, std::int64_t max_mem) {
    ++built;
    return Re2EngineFactory()(patterns, max_mem);
  };
  const auto loaded = ReadPolicyText(
      "[list.l]\npatterns = 'parts/fine.re2'\n[[rule]]\nname = 'a'\n"
      "when.helo.name = ['@l', '^x[.]']\naction = 'note'\n",
      HELOGUARD_SOURCE_DIR "/tests/golden/policy_errors/none.toml", options);
  EXPECT_TRUE(loaded.policy);
  EXPECT_EQ(built, 2);
}

}  // namespace
}  // namespace heloguard
