// What is printed loads to the same, and printed again is the same.
#include "adapters/toml/policy_printer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "adapters/toml/policy_reader.h"
#include "heloguard/judge/evaluate.h"

namespace heloguard {
namespace {

using ::testing::HasSubstr;

namespace fs = std::filesystem;

std::shared_ptr<const Policy> Load(const std::string& text, const std::string& path) {
  PolicyReadOptions options;
  options.today = std::chrono::year{2026} / std::chrono::June / 15;
  const LoadedPolicy loaded = ReadPolicyText(text, path, options);
  for (const Diagnostic& each : loaded.diagnostics) {
    if (each.severity == Severity::kError) ADD_FAILURE() << each.error.ToString() << "\n" << text;
  }
  return loaded.policy;
}

void ExpectSameVerdicts(const Policy& a, const Policy& b) {
  ASSERT_EQ(a.rules.size(), b.rules.size());
  for (const std::string name : {"mail.example.com", "192.0.2.7", "localhost", "dsl-192-0-2-7.pool.example.net"}) {
    SessionInputs inputs;
    inputs.client = IpAddress::Parse("192.0.2.7");
    inputs.client_known = true;
    inputs.port = 25;
    inputs.tls = inputs.authenticated = false;
    inputs.helo = ParseHelo(name);
    inputs.own = std::make_shared<OwnIdentity>();
    for (const RdnsStatus status : {RdnsStatus::kPass, RdnsStatus::kFail}) {
      inputs.rdns = SuppliedRdns{DomainName::FromText("dsl-192-0-2-7.pool.example.net"), status};
      const Facts facts = BuildFacts(kAllFacts, inputs, {});
      const Verdict one = Evaluate(a, facts, {}), other = Evaluate(b, facts, {});
      EXPECT_EQ(one.outcome, other.outcome) << name;
      EXPECT_EQ(one.worst, other.worst) << name;
      EXPECT_EQ(one.rule, other.rule) << name;
      EXPECT_EQ(one.score, other.score) << name;
    }
  }
}

// Returns what is printed.
std::string Check(const Policy& policy) {
  std::string printed = PrintPolicy(policy);
  const auto again = Load(printed, "printed.toml");
  if (!again) return printed;
  EXPECT_EQ(PrintPolicy(*again), printed);
  ExpectSameVerdicts(policy, *again);
  for (std::size_t i = 0; i < policy.rules.size() && i < again->rules.size(); ++i) {
    const Rule &one = policy.rules[i], &other = again->rules[i];
    EXPECT_EQ(one.name, other.name);
    EXPECT_EQ(one.reply ? one.reply->text() : "", other.reply ? other.reply->text() : "");
    EXPECT_EQ(one.table_replies, other.table_replies);
    EXPECT_EQ(one.until, other.until);
  }
  return printed;
}

std::vector<fs::path> Policies() {
  std::vector<fs::path> paths;
  for (const char* folder : {"policies", "policies/examples", "tests/golden/policy_errors"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(HELOGUARD_SOURCE_DIR) / folder)) {
      if (entry.path().extension() == ".toml") paths.push_back(entry.path());
    }
  }
  return paths;
}

TEST(PolicyPrinterTest, EveryPolicyOfTheProject) {
  std::size_t printed = 0;
  for (const fs::path& path : Policies()) {
    PolicyReadOptions options;
    options.today = std::chrono::year{2026} / std::chrono::June / 15;
    const auto policy = ReadPolicy(path.string(), options).policy;
    if (!policy) continue;  // the broken ones
    Check(*policy);
    ++printed;
  }
  EXPECT_GE(printed, 8U);
}

TEST(PolicyPrinterTest, EveryKey) {
  std::ofstream(::testing::TempDir() + "p.re2") << "^dsl-\n";
  std::ofstream(::testing::TempDir() + "p.pcre") << "/^dsl/ REJECT go away\n/^x/ 450 later\n";
  const std::string text = R"(
[policy]
name = "all"
percent = 30
stage = "mail"
score = { tempfail = 2.5, reject = 1000000 }
exempt = { authenticated = false, recipients = [] }
[list.empty]
clients = []
names = []
[list.'dot.ted']
patterns = ["p.re2"]
names = [".example.net", "a.example"]
part = "host"
[list.table]
postfix = "pcre:p.pcre"
[[rule]]
name = "a"
when.client.port = [25, 587]
when.client.address = ["192.0.2.0/24", "@empty"]
when.client.tls = false
when.any = [{ helo.name = ['it''s', "quote\"d\\.", '@dot.ted', '@empty'] }, { helo.kind = "fqdn", rdns.status = ["pass", "fail"] }]
unless.helo.flaws = "underscore"
action = "reject"
reply = "550 5.7.1 {helo} is 'wrong' for \"{client}\""
mode = "observe"
stage = "rcpt"
percent = 0
until = 2027-02-03
reason = "because\tof tabs"
on_unknown = "tempfail"
[[rule]]
name = "b"
when.helo.name = "@table"
action = "reject"
[[rule]]
name = "c"
when.helo.address = "mismatch"
action = "tempfail"
overrides_rfc5321 = true
enabled = false
[[rule]]
name = "d"
when.helo.kind = "bare-ipv4"
score = -0.1
)";
  std::string quoted = text;
  const std::size_t at = quoted.find("'it''s'");
  quoted.replace(at, 7, "\"it's\"");
  const auto policy = Load(quoted, ::testing::TempDir() + "all.toml");
  ASSERT_NE(policy, nullptr);
  const std::string printed = Check(*policy);
  for (const char* line :
       {"percent = 30\n", "score.tempfail = 2.5\n", "exempt.recipients = []\n", "[list.'dot.ted']\n", "clients = []\n",
        "when.client.port = [25, 587]\n", "\"it's\"", "'quote\"d\\.'", "until = 2027-02-03\n", "score = -0.1\n",
        "on_unknown = 'tempfail'\n", "reason = \"because\\u0009of tabs\"\n"}) {
    EXPECT_THAT(printed, HasSubstr(line));
  }
  EXPECT_THAT(printed, HasSubstr("patterns = ['" + fs::absolute(::testing::TempDir() + "p.re2").string() + "']"));
}

// Rules of any keys and values that fit.
TEST(PolicyPrinterTest, GeneratedPolicies) {
  std::mt19937 random(20260101);
  const auto any_of = [&random](const std::vector<std::string>& words) { return words[random() % words.size()]; };
  for (int round = 0; round < 60; ++round) {
    std::string text = "[policy]\nmode = '" + any_of({"enforce", "observe"}) + "'\nscore.reject = 5\n";
    for (int rule = 0; rule < 4; ++rule) {
      text += "[[rule]]\nname = 'r" + std::to_string(rule) + "'\n";
      text += any_of(
          {"when.helo.kind = ['fqdn', 'missing']\n", "when.helo.traits = 'localhost'\n", "when.client.tls = true\n"});
      text += any_of({"", "when.helo.name = ['^a', \"b\\\\.c\"]\n",
                      "when.any = [{helo.kind = 'fqdn'}, {rdns.dnssec = 'secure'}]\n"});
      text +=
          any_of({"", "unless.rdns.status = 'pass'\n", "unless.client.address = ['10.0.0.0/8', '2001:db8::/32']\n"});
      text += any_of({"action = 'reject'\n", "action = 'accept'\n", "score = 1.25\n", "action = 'note'\n",
                      "action = 'tempfail'\nreply = '450 4.7.1 {{later}} {rule}'\n"});
      text += any_of({"", "mode = 'observe'\n", "percent = 17\n", "until = 2030-12-31\n", "enabled = false\n"});
    }
    const auto policy = Load(text, "generated.toml");
    if (policy) Check(*policy);
  }
}

}  // namespace
}  // namespace heloguard
