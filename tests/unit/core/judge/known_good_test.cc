// Patterns that would cost a large sender its mail, and those that would not.
#include "heloguard/judge/known_good.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "adapters/toml/policy_reader.h"

namespace heloguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The messages of "known-good" findings.
std::vector<std::string> Found(const std::string& toml) {
  PolicyReadOptions options;
  options.known_good = {"mail-x1.big.example.com", "mx0a-0099.filter.example.net", "out.example.org"};
  const LoadedPolicy loaded = ReadPolicyText(toml, ::testing::TempDir() + "test.toml", options);
  std::vector<std::string> messages;
  for (const Diagnostic& each : loaded.diagnostics) {
    if (each.severity == Severity::kError) ADD_FAILURE() << each.error.ToString();
    if (each.id == "known-good") messages.push_back(std::to_string(each.error.where.line) + ": " + each.error.message);
  }
  return messages;
}

std::string Rule(const std::string& rest) { return "[[rule]]\nname = 'r'\n" + rest + "\n"; }

TEST(KnownGoodTest, NamesThePatternTheHostsAndTheRule) {
  EXPECT_THAT(
      Found(Rule("when.helo.name = ['^nobody[.]', '^m[a-z0-9]+-']\naction = 'reject'")),
      ElementsAre("3: this pattern matches the host name of a large sender, mail-x1.big.example.com and 1 more, "
                  "which rule \"r\" would refuse"));
  EXPECT_THAT(Found("policy.score.reject = 4\n" + Rule("when.rdns.name = '^out[.]'\nscore = 1")),
              ElementsAre(HasSubstr("out.example.org, which rule \"r\" would charge with 1")));
}

TEST(KnownGoodTest, EachPatternOnce) {
  const std::string any = "when.any = [{helo.name = '^mail-'}, {rdns.ptr = '^out'}]\naction = 'tempfail'";
  EXPECT_THAT(Found(Rule(any)), ElementsAre(HasSubstr("mail-x1.big.example.com,"), HasSubstr("out.example.org,")));
}

TEST(KnownGoodTest, WhatHurtsNobody) {
  const std::string rows[] = {
      Rule("when.helo.name = '^mail-'\naction = 'note'"),
      Rule("when.helo.name = '^mail-'\naction = 'accept'"),
      Rule("when.helo.name = '^mail-'\naction = 'reject'\nenabled = false"),
      Rule("when.helo.name = '^mail-'\nwhen.rdns.status = ['fail', 'permerror']\naction = 'reject'"),
      Rule("when.helo.name = '^mail-'\nunless.helo.rdns = 'same'\naction = 'reject'"),
      "policy.score.reject = 5\n" + Rule("when.helo.name = '^mail-'\nscore = 1"),
      Rule("when.client.tls = true\nunless.helo.name = '^mail-'\naction = 'reject'"),
      "[list.l]\nnames = ['.example.com']\n" + Rule("when.helo.name = '@l'\naction = 'reject'"),
  };
  for (const std::string& row : rows) EXPECT_THAT(Found(row), IsEmpty()) << row;
}

// The address and the port of such a client may be any.
TEST(KnownGoodTest, WhatIsNotSettledStaysOpen) {
  EXPECT_THAT(Found(Rule("when.helo.name = '^mail-'\nwhen.client.address = '203.0.113.0/24'\naction = 'reject'")),
              ElementsAre(HasSubstr("mail-x1.big.example.com")));
  EXPECT_THAT(Found(Rule("when.helo.name = '^mail-'\nwhen.helo.mx = 'none'\naction = 'reject'")),
              ElementsAre(HasSubstr("mail-x1.big.example.com")));
}

TEST(KnownGoodTest, ListsByTheirPart) {
  std::ofstream(::testing::TempDir() + "known.re2") << "^mail-x1[.]big$\n^mx0a.*net$\n";
  const std::string list = "[list.l]\npatterns = 'known.re2'\npart = 'host'\n";
  EXPECT_THAT(Found(list + Rule("when.helo.name = '@l'\naction = 'reject'")),
              ElementsAre(HasSubstr("mail-x1.big.example.com,")));
}

TEST(KnownGoodTest, LinesOfTables) {
  std::ofstream(::testing::TempDir() + "known.pcre") << "/^out/ OK\n/^(out|mx0a)/ REJECT no\n";
  EXPECT_THAT(Found("[list.t]\npostfix = 'pcre:known.pcre'\n" + Rule("when.helo.name = '@t'\naction = 'reject'")),
              ElementsAre(HasSubstr("2: this pattern matches the host name of a large sender, mx0a-0099.filter")));
}

}  // namespace
}  // namespace heloguard
