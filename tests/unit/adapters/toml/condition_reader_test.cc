// What `when` and `unless` become; the words of their errors are in tests/golden/policy_errors/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heloguard/facts/build_facts.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Rule RuleWith(const std::string& conditions, const std::string& lists = "") {
  const auto policy = testing::PolicyFrom(lists + "[[rule]]\nname = 'r'\naction = 'note'\n" + conditions + "\n");
  EXPECT_THAT(policy->rules, SizeIs(1));
  return policy->rules.empty() ? Rule{} : policy->rules[0];
}

Condition One(const std::string& condition, const std::string& lists = "") {
  const Rule rule = RuleWith("when." + condition, lists);
  EXPECT_THAT(rule.when, SizeIs(1));
  return rule.when.empty() ? Condition{} : rule.when[0];
}

std::vector<std::string> Texts(const std::vector<Condition>& conditions) {
  std::vector<std::string> texts;
  for (const Condition& condition : conditions) texts.push_back(condition.text);
  return texts;
}

TEST(ConditionReaderTest, Words) {
  EXPECT_EQ(One("helo.kind = 'fqdn'").mask, EnumSet<HeloKind>{HeloKind::kFqdn}.bits());
  EXPECT_EQ(One("helo.kind = ['bare-ipv4', 'malformed']").mask,
            (EnumSet<HeloKind>{HeloKind::kBareIpv4, HeloKind::kMalformed}.bits()));
  EXPECT_EQ(One("helo.flaws = 'several-words'").mask, EnumSet<HeloFlaw>{HeloFlaw::kSeveralWords}.bits());
  EXPECT_EQ(One("rdns.status = 'temperror'").mask, EnumSet<RdnsStatus>{RdnsStatus::kTemperror}.bits());
  EXPECT_EQ(One("client.tls = false").mask, 1U);
  EXPECT_EQ(One("client.tls = true").mask, 2U);
}

TEST(ConditionReaderTest, PortsAndAddresses) {
  EXPECT_THAT(One("client.port = [25, 465]").ports, ElementsAre(25, 465));
  const Condition condition =
      One("client.address = ['192.0.2.0/24', '@l', '::1']", "[list.l]\nclients = ['198.51.100.7']\n");
  ASSERT_THAT(condition.networks, SizeIs(2));
  EXPECT_EQ(condition.networks[0].ToString(), "192.0.2.0/24");
  ASSERT_THAT(condition.lists, SizeIs(1));
  EXPECT_TRUE(condition.lists[0]->clients[0].Contains(*IpAddress::Parse("198.51.100.7")));
}

TEST(ConditionReaderTest, PatternsAndLists) {
  const Condition condition =
      One(R"(helo.name = ['^dyn\.', '@l', 'pool$'])", "[list.l]\nnames = ['.Example.COM.', 'mx.example.org']\n");
  ASSERT_TRUE(condition.patterns);
  EXPECT_THAT(condition.patterns->patterns(), SizeIs(2));
  EXPECT_NE(condition.patterns->Match("DYN.example").pattern, nullptr);
  ASSERT_THAT(condition.lists, SizeIs(1));
  EXPECT_THAT(condition.lists[0]->names, ElementsAre("mx.example.org"));
  EXPECT_THAT(condition.lists[0]->suffixes, ElementsAre(".example.com"));
  // A pattern for an at sign.
  EXPECT_NE(One("helo.name = '[@]'").patterns, nullptr);
}

TEST(ConditionReaderTest, TextsAreAsWritten) {
  EXPECT_EQ(One("helo.kind=\"fqdn\"").text, "helo.kind = \"fqdn\"");
  EXPECT_EQ(One("helo.kind = ['bare-ipv4','bare-ipv6']").text, "helo.kind = [\"bare-ipv4\", \"bare-ipv6\"]");
  EXPECT_EQ(One(R"(helo.name = '^\d+$')").text, R"(helo.name = '^\d+$')");
  EXPECT_EQ(One("client.port = [25, 26]").text, "client.port = [25, 26]");
  EXPECT_EQ(One("client.tls = true").text, "client.tls = true");
  EXPECT_EQ(One("helo.name = 'M\xc3\xbcller'").text, "helo.name = \"M\\xc3\\xbcller\"");
}

TEST(ConditionReaderTest, EveryWayToWriteATable) {
  for (const std::string text :
       {"when.helo.kind = 'fqdn'\nwhen.rdns.status = 'pass'",
        "when = {helo = {kind = 'fqdn'}, rdns = {status = 'pass'}}",
        "when = {helo.kind = 'fqdn', rdns.status = 'pass'}", "[rule.when]\nhelo.kind = 'fqdn'\nrdns.status = 'pass'",
        "[rule.when.helo]\nkind = 'fqdn'\n[rule.when.rdns]\nstatus = 'pass'",
        "when.\"helo.kind\" = 'fqdn'\nwhen.\"rdns.status\" = 'pass'"}) {
    EXPECT_THAT(Texts(RuleWith(text).when), ElementsAre("helo.kind = \"fqdn\"", "rdns.status = \"pass\"")) << text;
  }
}

TEST(ConditionReaderTest, OrderIsThatOfTheFile) {
  const Rule rule = RuleWith("when.rdns.status = 'pass'\nwhen.client.tls = true\nwhen.helo.kind = 'fqdn'");
  EXPECT_THAT(Texts(rule.when), ElementsAre("rdns.status = \"pass\"", "client.tls = true", "helo.kind = \"fqdn\""));
  EXPECT_EQ(rule.when[0].where.ToString(), "test.toml:5:11");
}

TEST(ConditionReaderTest, Alternatives) {
  const Rule rule = RuleWith(
      "when.helo.kind = 'fqdn'\nwhen.any = [{rdns.status = 'fail'}, {helo.mx = 'null', client.tls = false}]\n"
      "unless.client.port = 587");
  EXPECT_THAT(Texts(rule.when), ElementsAre("helo.kind = \"fqdn\""));
  ASSERT_THAT(rule.any, SizeIs(2));
  EXPECT_THAT(Texts(rule.any[0]), ElementsAre("rdns.status = \"fail\""));
  EXPECT_THAT(Texts(rule.any[1]), ElementsAre("helo.mx = \"null\"", "client.tls = false"));
  EXPECT_THAT(Texts(rule.unless), ElementsAre("client.port = 587"));
  EXPECT_THAT(RuleWith("[[rule.when.any]]\nhelo.kind = 'fqdn'\n[[rule.when.any]]\nclient.tls = false").any, SizeIs(2));
}

// Every fact of the table can be used, without a line for it in the reader.
TEST(ConditionReaderTest, EveryFact) {
  for (const FactSpec& fact : FactTable()) {
    std::string value = "'x'";
    switch (fact.type) {
      case FactType::kAddress:
        value = "'192.0.2.1'";
        break;
      case FactType::kPort:
        value = "25";
        break;
      case FactType::kBool:
        value = "true";
        break;
      case FactType::kEnum:
      case FactType::kSet:
        value = "'" + std::string(fact.values.back()) + "'";
        break;
      case FactType::kNames:
        break;
    }
    const Condition condition = One(std::string(fact.name) + " = " + value);
    EXPECT_EQ(condition.fact, fact.id) << fact.name;
    if (!fact.values.empty()) {
      EXPECT_EQ(condition.mask, 1U << (fact.values.size() - 1)) << fact.name;
    }
  }
}

}  // namespace
}  // namespace heloguard
