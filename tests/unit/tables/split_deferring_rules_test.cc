// Rules on Postfix tables: what a table's results mean by what a rule does, deferrals, what is unknown, the checks.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "adapters/toml/policy_reader.h"
#include "dns_text.h"
#include "heloguard/base/escape.h"
#include "heloguard/judge/evaluate.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

constexpr std::chrono::sys_days kToday = std::chrono::year{2026} / std::chrono::January / 1;
constexpr const char* kLines =
    "/^bad/ REJECT\n/^slow/ DEFER 4.3.0 later\n/^rude/ 554 5.5.2 go\n/^good/ OK\n/^shrug/ DUNNO\n/./ DUNNO\n";

class TableRulesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / ("heloguard-" + std::string(test->name()));
    std::filesystem::create_directories(folder_);
    Write("t.pcre", kLines);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  // [list.t] is t.pcre; `more` stands behind it.
  LoadedPolicy Load(const std::string& more) {
    PolicyReadOptions options;
    options.today = kToday;
    return ReadPolicyText("schema = 1\n[list.t]\npostfix = 'pcre:t.pcre'\n" + more, (folder_ / "p.toml").string(),
                          options);
  }

  std::shared_ptr<const Policy> PolicyOf(const std::string& more) {
    LoadedPolicy loaded = Load(more);
    for (const Diagnostic& d : loaded.diagnostics) {
      if (d.severity == Severity::kError) ADD_FAILURE() << d.error.ToString();
    }
    return loaded.policy ? loaded.policy : std::make_shared<const Policy>();
  }

  // One rule on helo.name and the table.
  static std::string Rule(const std::string& name, const std::string& action, const std::string& more = "") {
    return "[[rule]]\nname = '" + name + "'\nwhen.helo.name = '@t'\n" + action + "\n" + more + "\n";
  }

  static Facts Helo(const std::string& name) {
    Facts facts;
    facts.Set(FactId::kHeloName, Fact::Names({name}));
    return facts;
  }

  // The verdict, and "unsettled" where waiting could change it; `listed` names the rules that held.
  std::string Judge(const std::string& more, const Facts& facts, std::string* listed = nullptr) {
    const auto policy = PolicyOf(more);
    const Verdict v = Evaluate(*policy, facts, {Stage::kRcpt, kToday, Ip("192.0.2.7")});
    std::string text(NameOf(v.outcome));
    if (v.rule) text += " by " + policy->rules[*v.rule].name;
    if (v.by_score) text += " by score";
    for (std::size_t i = 0; listed != nullptr && i < v.rules.size(); ++i) {
      const bool held = v.rules[i].state == RuleTrace::State::kEvaluated && v.rules[i].truth == Truth::kTrue;
      if (held) *listed += (listed->empty() ? "" : " ") + policy->rules[i].name;
    }
    return v.settled ? text : text + " unsettled";
  }

  std::vector<std::string> Warnings(const std::string& more) {
    std::vector<std::string> warnings;
    for (const Diagnostic& d : Load(more).diagnostics) warnings.push_back(d.id + ": " + d.error.message);
    return warnings;
  }

  std::filesystem::path folder_;
};

struct Expected {
  const char* helo;
  const char* verdict;
};

TEST_F(TableRulesTest, ARuleThatRejectsTakesWhatRefuses) {
  for (const Expected& e : std::initializer_list<Expected>{{"bad.example", "reject by r"},
                                                           {"slow.example", "tempfail by r"},
                                                           {"rude.example", "reject by r"},
                                                           {"good.example", "accept"},
                                                           {"shrug.example", "accept"},
                                                           {"other", "accept"}}) {
    std::string listed;
    EXPECT_EQ(Judge(Rule("r", "action = 'reject'"), Helo(e.helo), &listed), e.verdict) << e.helo;
    EXPECT_EQ(listed, e.verdict == std::string("accept") ? "" : "r");
  }
}

TEST_F(TableRulesTest, ARuleThatDefersDefersAll) {
  for (const char* helo : {"bad", "slow", "rude"}) {
    EXPECT_EQ(Judge(Rule("r", "action = 'tempfail'"), Helo(helo)), "tempfail by r") << helo;
  }
  EXPECT_EQ(Judge(Rule("r", "action = 'tempfail'"), Helo("good")), "accept");
}

TEST_F(TableRulesTest, ARuleThatAcceptsTakesWhatIsPermitted) {
  const std::string rules = Rule("a", "action = 'accept'") + "[[rule]]\nname = 'rest'\naction = 'reject'\n";
  EXPECT_EQ(Judge(rules, Helo("good")), "accept by a");
  for (const char* helo : {"bad", "slow", "shrug", "other"})
    EXPECT_EQ(Judge(rules, Helo(helo)), "reject by rest") << helo;
}

TEST_F(TableRulesTest, ChargesAndNotesGoWithRefusalsCreditsWithOk) {
  const std::string limits = "[policy]\nscore = { reject = 3 }\n[[rule]]\nname = 'base'\nscore = 2\n";
  const auto judge = [&](const std::string& action, const char* helo) {
    std::string listed;
    return Judge(limits + Rule("r", action), Helo(helo), &listed) + "; " + listed;
  };
  EXPECT_EQ(judge("score = 1", "bad"), "reject by score; base r");
  EXPECT_EQ(judge("score = 1", "slow"), "reject by score; base r");
  EXPECT_EQ(judge("score = 1", "good"), "accept; base");
  EXPECT_EQ(judge("score = -1", "good"), "accept; base r");
  EXPECT_EQ(judge("score = -1", "bad"), "accept; base");
  EXPECT_EQ(judge("action = 'note'", "slow"), "accept; base r");
  EXPECT_EQ(judge("action = 'note'", "good"), "accept; base");
}

TEST_F(TableRulesTest, UnlessPullsTheOtherWay) {
  const std::string refuse = "[[rule]]\nname = 'r'\nunless.helo.name = '@t'\naction = 'reject'\n";
  EXPECT_EQ(Judge(refuse, Helo("good")), "accept");
  EXPECT_EQ(Judge(refuse, Helo("bad")), "reject by r");
  EXPECT_EQ(Judge(refuse, Helo("other")), "reject by r");
  const std::string accept =
      "[[rule]]\nname = 'a'\nunless.helo.name = '@t'\naction = 'accept'\n[[rule]]\nname = 'rest'\naction = 'reject'\n";
  EXPECT_EQ(Judge(accept, Helo("slow")), "reject by rest");
  EXPECT_EQ(Judge(accept, Helo("good")), "accept by a");
}

TEST_F(TableRulesTest, WhatIsUnknownNeverRefuses) {
  Facts some;
  some.Set(FactId::kRdnsName, Fact::SomeNames({"slow.example"}));
  const std::string rule = "[[rule]]\nname = 'r'\nwhen.rdns.name = '@t'\naction = 'reject'\n";
  EXPECT_EQ(Judge(rule, Facts{}), "accept unsettled");
  EXPECT_EQ(Judge(rule, some), "tempfail by r unsettled") << "another name may yet be rejected, but not let through";
  some.Set(FactId::kRdnsName, Fact::SomeNames({"other"}));
  EXPECT_EQ(Judge(rule, some), "accept unsettled");
  some.Set(FactId::kRdnsName, Fact::SomeNames({"bad.example"}));
  EXPECT_EQ(Judge(rule, some), "reject by r");
  Facts none;
  none.Set(FactId::kRdnsName, Fact::NotApplicable());
  EXPECT_EQ(Judge(rule, none), "accept");
}

TEST_F(TableRulesTest, AnUndecidedRuleMayDefer) {
  const std::string rules =
      "[[rule]]\nname = 'r'\nwhen.rdns.name = '@t'\naction = 'reject'\n[[rule]]\nname = 'rest'\naction = 'reject'\n";
  EXPECT_EQ(Judge(rules, Facts{}), "tempfail by r unsettled") << "the least refusing way is a line that defers";
  EXPECT_EQ(Judge("[[rule]]\nname = 'r'\nwhen.rdns.name = '@t'\naction = 'reject'\non_unknown = 'tempfail'\n", Facts{}),
            "tempfail by r unsettled");
}

TEST_F(TableRulesTest, OfSeveralTablesTheMilderResultCounts) {
  Write("u.pcre", "/./ REJECT u\n");
  const std::string both =
      "[list.u]\npostfix = 'pcre:u.pcre'\n[[rule]]\nname = 'r'\nwhen.helo.name = '@t'\nwhen.rdns.ptr = '@u'\naction = "
      "'reject'\n";
  Facts facts = Helo("slow");
  facts.Set(FactId::kRdnsPtr, Fact::Names({"x"}));
  EXPECT_EQ(Judge(both, facts), "tempfail by r");
  facts.Set(FactId::kHeloName, Fact::Names({"bad"}));
  EXPECT_EQ(Judge(both, facts), "reject by r");
  facts.Set(FactId::kHeloName, Fact::Names({"good"}));
  EXPECT_EQ(Judge(both, facts), "accept");
  const std::string either =
      "[list.u]\npostfix = 'pcre:u.pcre'\n[[rule]]\nname = 'r'\nwhen.any = [{ helo.name = '@t' }, { rdns.ptr = '@u' "
      "}]\naction = 'reject'\n";
  EXPECT_EQ(Judge(either, facts), "reject by r");
  facts.Set(FactId::kRdnsPtr, Fact::NotApplicable());
  facts.Set(FactId::kHeloName, Fact::Names({"slow"}));
  EXPECT_EQ(Judge(either, facts), "tempfail by r");
}

TEST_F(TableRulesTest, AnObservedRuleIsListedOnce) {
  Write("u.pcre", "/^slow/ DEFER\n/./ REJECT\n");
  const std::string both =
      "[list.u]\npostfix = 'pcre:u.pcre'\n" + Rule("r", "action = 'reject'", "when.rdns.ptr = '@u'\nmode = 'observe'");
  for (const char* helo : {"bad", "slow"}) {
    Facts facts = Helo(helo);
    facts.Set(FactId::kRdnsPtr, Fact::Names({"x", "slow"}));
    std::string listed;
    EXPECT_EQ(Judge(both, facts, &listed), "accept");
    EXPECT_EQ(listed, "r") << helo;
  }
}

TEST_F(TableRulesTest, Replies) {
  const auto reply = [&](const std::string& more, const char* helo) {
    const auto policy = PolicyOf(more);
    const Verdict v = Evaluate(*policy, Helo(helo), {Stage::kRcpt, kToday, std::nullopt});
    if (!v.rule) return std::string("none");
    const heloguard::Rule& rule = policy->rules[*v.rule];
    const TableMatch& match = v.rules[*v.rule].table;
    ReplyValues values;
    values.helo = helo;
    const SmtpReply own = rule.reply->Render(values);
    return (rule.table_replies ? match.table->ReplyOf(*match.line, match.key, own) : own).ToString();
  };
  const std::string plain = Rule("r", "action = 'reject'");
  EXPECT_EQ(reply(plain, "rude"), "554 5.5.2 go");
  EXPECT_EQ(reply(plain, "slow"), "450 4.3.0 later");
  EXPECT_EQ(reply(plain, "bad").substr(0, 18), "550 5.7.1 HELO bad") << "the line has no text";
  const std::string own = Rule("r", "action = 'reject'", "reply = '554 5.7.0 mine'");
  EXPECT_EQ(reply(own, "rude"), "554 5.7.0 mine");
  EXPECT_EQ(reply(own, "slow"), "450 4.7.0 mine") << "in the class of a deferral";
  EXPECT_EQ(reply(Rule("r", "action = 'reject'", "reply = '554 mine'"), "slow"), "450 4.7.1 mine");
  EXPECT_EQ(reply(Rule("r", "action = 'tempfail'"), "rude"), "450 4.5.2 go") << "the code would refuse";
}

TEST_F(TableRulesTest, ARuleIsReplacedAsAWhole) {
  Write("base.toml", "schema = 1\n[list.t]\npostfix = 'pcre:t.pcre'\n" + Rule("r", "action = 'reject'"));
  PolicyReadOptions options;
  options.today = kToday;
  const auto loaded = ReadPolicyText("schema = 1\ninclude = ['base.toml']\n" + Rule("r", "action = 'note'"),
                                     (folder_ / "p.toml").string(), options);
  ASSERT_TRUE(loaded.policy);
  ASSERT_EQ(loaded.policy->rules.size(), 1U);
  EXPECT_EQ(loaded.policy->rules[0].action, ActionKind::kNote);
}

TEST_F(TableRulesTest, ATableSeesTheOctetsThatWereSaid) {
  Write("t.pcre", "/^a[?]b$/ REJECT\n/^x[?]xff/ REJECT\n");
  EXPECT_EQ(Judge(Rule("r", "action = 'reject'"), Helo(EscapeBytes("a\xff"
                                                                   "b"))),
            "reject by r");
  EXPECT_EQ(Judge(Rule("r", "action = 'reject'"), Helo(EscapeBytes("x\xff"))), "accept");
  EXPECT_EQ(Judge(Rule("r", "action = 'reject'"), Helo(EscapeBytes("x\\xff"))), "reject by r");
}

TEST_F(TableRulesTest, PartsOfNames) {
  Write("t.pcre", "/^dyn$/ REJECT\n");
  const std::string part = "part = 'host'\n" + Rule("r", "action = 'reject'");
  EXPECT_EQ(Judge(part, Helo("dyn.example.com")), "reject by r");
  EXPECT_EQ(Judge(part, Helo("example.com")), "accept");
  EXPECT_EQ(Judge(Rule("r", "action = 'reject'"), Helo("dyn.example.com")), "accept");
}

TEST_F(TableRulesTest, AddressesAskNetworks) {
  Write("n.cidr", "10.1.0.0/16 OK\n10.0.0.0/8 REJECT 5.7.0 not you\n2001:db8::/32 450 soon\n");
  const std::string rule =
      "[list.n]\npostfix = 'cidr:n.cidr'\n[[rule]]\nname = 'r'\nwhen.client.address = '@n'\naction = 'reject'\n";
  const auto judge = [&](const char* address) {
    Facts facts;
    facts.Set(FactId::kClientAddress, Fact::Address(Ip(address)));
    return Judge(rule, facts);
  };
  EXPECT_EQ(judge("10.2.0.1"), "reject by r");
  EXPECT_EQ(judge("10.1.0.1"), "accept");
  EXPECT_EQ(judge("2001:db8::1"), "tempfail by r");
  EXPECT_EQ(judge("192.0.2.1"), "accept");
}

TEST_F(TableRulesTest, ConditionsThatNeverHoldAreWarnedOf) {
  Write("t.pcre", "/a/ OK\n");
  EXPECT_EQ(Warnings(Rule("r", "action = 'reject'")),
            (std::vector<std::string>{
                "table-never-holds: helo.name = \"@t\" never holds here: no line of the table refuses or defers"}));
  EXPECT_EQ(Warnings(Rule("r", "action = 'accept'")), std::vector<std::string>{});
  Write("t.pcre", "/a/ REJECT\n");
  EXPECT_EQ(Warnings(Rule("r", "action = 'accept'")),
            (std::vector<std::string>{
                "table-never-holds: helo.name = \"@t\" never holds here: no line of the table gives OK"}));
}

TEST_F(TableRulesTest, ShadowsAreSeenThroughBothHalves) {
  const auto shadowed = [&](const std::string& rules) {
    std::size_t count = 0;
    for (const std::string& warning : Warnings(rules)) count += warning.starts_with("shadowed-rule") ? 1U : 0U;
    return count;
  };
  EXPECT_EQ(shadowed(Rule("one", "action = 'reject'")), 0U);
  EXPECT_EQ(shadowed(Rule("one", "action = 'reject'") + Rule("two", "action = 'reject'")), 1U);
  EXPECT_EQ(shadowed(Rule("one", "action = 'tempfail'") + Rule("two", "action = 'reject'")), 1U);
  EXPECT_EQ(shadowed(Rule("one", "action = 'accept'") + Rule("two", "action = 'reject'")), 0U);
  // Only what defers is left for the second: not all of it is shadowed.
  Write("u.pcre", "/./ REJECT\n");
  EXPECT_EQ(
      shadowed("[list.u]\npostfix = 'pcre:u.pcre'\n" + Rule("one", "action = 'accept'") +
               "[[rule]]\nname = 'u'\nwhen.helo.name = '@u'\naction = 'note'\n" + Rule("two", "action = 'reject'")),
      0U);
  // Networks of a table are no networks of the rule.
  Write("n.cidr", "10.0.0.0/8 REJECT\n");
  EXPECT_EQ(shadowed("[list.n]\npostfix = 'cidr:n.cidr'\n[[rule]]\nname = 'one'\nwhen.client.address = '192.0.2.0/24'\n"
                     "action = 'reject'\n[[rule]]\nname = 'two'\nwhen.client.address = '@n'\naction = 'reject'\n"),
            0U);
}

TEST_F(TableRulesTest, ATableThatTakesAnyNameDoesNotLiftTheGuard) {
  Write("t.pcre", "/./ REJECT\n");
  const std::string mismatch = Rule("r", "action = 'reject'", "when.helo.address = 'mismatch'");
  EXPECT_FALSE(Load(mismatch).policy);
  Write("t.pcre", "/^bad/ REJECT\n/./ OK\n");
  EXPECT_TRUE(Load(mismatch).policy);
}

// Making a fact unknown never refuses what was accepted, and never rejects what was deferred.
TEST_F(TableRulesTest, LessKnownIsNeverMoreRefused) {
  Write("u.pcre", "/^slow/ OK\n/o/ DEFER\n/d$/ REJECT\n");
  const std::vector<std::string> rules{
      Rule("one", "action = 'reject'"),
      "[[rule]]\nname = 'two'\nwhen.rdns.name = '@u'\naction = 'accept'\n",
      "[[rule]]\nname = 'three'\nwhen.rdns.name = '@u'\nunless.helo.name = '@t'\naction = 'reject'\n",
      "[[rule]]\nname = 'four'\nwhen.any = [{ rdns.name = '@t' }, { helo.name = '@u' }]\naction = 'reject'\n",
  };
  const std::vector<std::string> names{"bad", "slow", "good", "other", "rude", "d"};
  for (std::size_t first = 0; first < rules.size(); ++first) {
    for (std::size_t second = 0; second < rules.size(); ++second) {
      if (first == second) continue;
      const auto policy = PolicyOf("[list.u]\npostfix = 'pcre:u.pcre'\n" + rules[first] + rules[second]);
      const auto judge = [&](const Facts& facts) {
        return Evaluate(*policy, facts, {Stage::kRcpt, kToday, std::nullopt});
      };
      for (const std::string& helo : names) {
        for (const std::string& rdns : names) {
          Facts known = Helo(helo);
          known.Set(FactId::kRdnsName, Fact::Names({rdns}));
          const Verdict all = judge(known);
          ASSERT_TRUE(all.settled);
          known.Set(FactId::kRdnsName, Fact::Unknown());
          const Verdict less = judge(known);
          EXPECT_LE(less.outcome, all.outcome) << rules[first] << rules[second] << helo << " " << rdns;
          EXPECT_GE(less.worst, all.outcome) << rules[first] << rules[second] << helo << " " << rdns;
        }
      }
    }
  }
}

}  // namespace
}  // namespace heloguard
