// Includes and the local file, on disk: order, what wins, circles, depth, what is missing, the hash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "adapters/toml/policy_reader.h"
#include "adapters/toml/source_files.h"

namespace heloguard {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PolicyFilesTest : public ::testing::Test {
 protected:
  PolicyFilesTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        fs::path(::testing::TempDir()) / ("heloguard-" + std::string(info->name()) + "-" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  ~PolicyFilesTest() override { fs::remove_all(folder_); }

  std::string Put(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }

  LoadedPolicy Load(const std::string& name, const std::string& local = "") {
    PolicyReadOptions options;
    options.today = std::chrono::year{2026} / 1 / 1;
    if (!local.empty()) options.local = (folder_ / local).string();
    return ReadPolicy((folder_ / name).string(), options);
  }

  // Errors, with the folder taken out.
  std::vector<std::string> Errors(const LoadedPolicy& loaded) {
    std::vector<std::string> lines;
    for (const Diagnostic& each : loaded.diagnostics) {
      std::string line = each.error.ToString();
      const std::string folder = folder_.string() + "/";
      for (std::size_t at = line.find(folder); at != std::string::npos; at = line.find(folder)) {
        line.erase(at, folder.size());
      }
      lines.push_back(line);
    }
    return lines;
  }

  fs::path folder_;
};

std::string Rule(const std::string& name, const std::string& action) {
  return "[[rule]]\nname = '" + name + "'\nwhen.client.tls = true\naction = '" + action + "'\n";
}

std::vector<std::string> RuleTexts(const LoadedPolicy& loaded) {
  std::vector<std::string> texts;
  if (!loaded.policy) return texts;
  for (const auto& rule : loaded.policy->rules) texts.push_back(rule.name + "=" + std::string(NameOf(rule.action)));
  return texts;
}

TEST_F(PolicyFilesTest, LaterFilesWin) {
  Put("base/base.toml",
      "[policy]\nname = 'base'\nstage = 'mail'\nscore = {tempfail = 1, reject = 9}\n"
      "[list.l]\nclients = ['192.0.2.1']\nnames = ['a.example']\n" +
          Rule("one", "note") + Rule("two", "note") +
          "[[rule]]\nname = 'l'\nwhen.client.address = '@l'\nwhen.helo.name = '@l'\nscore = 9\n");
  Put("main.toml", "include = 'base/base.toml'\n[policy]\nname = 'main'\n[list.l]\nclients = ['192.0.2.2']\n" +
                       Rule("three", "note") + Rule("one", "accept"));
  Put("local.toml",
      "[policy]\nscore.reject = 7\nexempt.recipients = ['abuse', 'postmaster']\n" + Rule("three", "accept"));
  const LoadedPolicy loaded = Load("main.toml", "local.toml");
  ASSERT_TRUE(loaded.policy) << ::testing::PrintToString(Errors(loaded));
  EXPECT_EQ(loaded.policy->name, "main");
  EXPECT_EQ(loaded.policy->stage, Stage::kMail);
  EXPECT_EQ(loaded.policy->thresholds.tempfail, 1.0);
  EXPECT_EQ(loaded.policy->thresholds.reject, 7.0);
  EXPECT_THAT(RuleTexts(loaded), ElementsAre("one=accept", "two=note", "l=score", "three=accept"));
  const List& list = *loaded.policy->lists.at("l");
  ASSERT_EQ(list.clients.size(), 1U);
  EXPECT_EQ(list.clients[0].ToString(), IpNetwork::Parse("192.0.2.2")->ToString());
  EXPECT_THAT(list.names, ElementsAre("a.example"));
}

TEST_F(PolicyFilesTest, RulesUseTheListAsItIsInTheEnd) {
  Put("base.toml",
      "[list.l]\nclients = ['192.0.2.1']\n[[rule]]\nname = 'r'\nwhen.client.address = '@l'\naction = 'accept'\n");
  Put("main.toml", "include = ['base.toml']\n[list.l]\nclients = ['198.51.100.1']\n");
  const LoadedPolicy loaded = Load("main.toml");
  ASSERT_TRUE(loaded.policy);
  EXPECT_EQ(loaded.policy->rules[0].when[0].lists[0], loaded.policy->lists.at("l"));
}

TEST_F(PolicyFilesTest, AFileNamedTwiceIsReadOnce) {
  Put("shared.toml", Rule("shared", "note"));
  Put("a.toml", "include = ['shared.toml']\n" + Rule("a", "note"));
  Put("b.toml",
      "include = ['./shared.toml', '../" + folder_.filename().string() + "/shared.toml']\n" + Rule("b", "note"));
  Put("main.toml", "include = ['a.toml', 'b.toml']\n" + Rule("main", "note"));
  EXPECT_THAT(RuleTexts(Load("main.toml")), ElementsAre("shared=note", "a=note", "b=note", "main=note"));
}

TEST_F(PolicyFilesTest, CirclesAreErrors) {
  Put("a.toml", "include = ['b.toml']\n");
  Put("b.toml", "include = ['a.toml']\n");
  Put("self.toml", "include = ['self.toml']\n");
  EXPECT_THAT(Errors(Load("a.toml")),
              ElementsAre("b.toml:1:12: this include goes round in a circle: a.toml -> b.toml -> a.toml"));
  EXPECT_THAT(Errors(Load("self.toml")),
              ElementsAre("self.toml:1:12: this include goes round in a circle: self.toml -> self.toml"));
}

TEST_F(PolicyFilesTest, DepthIsLimited) {
  for (int i = 1; i <= 17; ++i) {
    const bool last = i == 17;
    Put("f" + std::to_string(i) + ".toml", last ? "" : "include = ['f" + std::to_string(i + 1) + ".toml']\n");
  }
  EXPECT_THAT(Errors(Load("f1.toml")), ElementsAre("f16.toml:1:12: includes are nested more than 16 deep"));
  EXPECT_TRUE(Load("f2.toml").policy);
}

TEST_F(PolicyFilesTest, MissingFiles) {
  const LoadedPolicy missing = Load("nothing.toml");
  EXPECT_FALSE(missing.policy);
  ASSERT_EQ(missing.diagnostics.size(), 1U);
  EXPECT_EQ(missing.diagnostics[0].error.kind, ErrorKind::kNoInput);
  EXPECT_THAT(Errors(missing), ElementsAre("nothing.toml: cannot read \"nothing.toml\": No such file or directory"));

  Put("main.toml", "\ninclude = ['gone.toml']\n");
  const LoadedPolicy include = Load("main.toml");
  EXPECT_THAT(Errors(include), ElementsAre("main.toml:2:12: cannot read \"gone.toml\": No such file or directory"));
  EXPECT_EQ(include.diagnostics[0].error.kind, ErrorKind::kConfig);

  Put("lists.toml", "[list.l]\npatterns = ['gone.re2', '.']\n");
  const LoadedPolicy patterns = Load("lists.toml");
  EXPECT_THAT(Errors(patterns), ElementsAre("lists.toml:2:13: cannot read \"gone.re2\": No such file or directory",
                                            HasSubstr("lists.toml:2:25: cannot read")));
  EXPECT_EQ(patterns.diagnostics[0].error.kind, ErrorKind::kConfig);

  Put("fine.toml", "");
  const LoadedPolicy local = Load("fine.toml", "gone.toml");
  EXPECT_FALSE(local.policy);
  EXPECT_EQ(local.diagnostics[0].error.kind, ErrorKind::kConfig);
}

TEST_F(PolicyFilesTest, ASyntaxErrorInAnIncludeNamesTheIncludeAndNothingElse) {
  Put("broken.toml", "[list.l]\nclients = [\n");
  Put("main.toml",
      "include = ['broken.toml']\n[policy]\nmoode = 'enforce'\n[[rule]]\nname = 'r'\n"
      "when.client.address = '@l'\naction = 'accept'\n");
  const auto errors = Errors(Load("main.toml"));
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_THAT(errors[0], HasSubstr("main.toml:3:1: unknown key \"policy.moode\""));
  EXPECT_THAT(errors[1], HasSubstr("broken.toml:"));
}

TEST_F(PolicyFilesTest, TheHashIsOverAllFiles) {
  Put("p.re2", "^dyn\n");
  Put("base.toml", "[list.l]\npatterns = 'p.re2'\n");
  Put("main.toml", "include = ['base.toml']\n[[rule]]\nname = 'r'\nwhen.helo.name = '@l'\naction = 'note'\n");
  const std::string first = Load("main.toml").policy->hash;
  EXPECT_EQ(first.size(), 16U);
  EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(Load("main.toml").policy->hash, first);
  Put("p.re2", "^dyn \n");
  EXPECT_NE(Load("main.toml").policy->hash, first);
  Put("p.re2", "^dyn\n");
  Put("base.toml", "[list.l]\npatterns = 'p.re2'\n#\n");
  EXPECT_NE(Load("main.toml").policy->hash, first);
}

TEST(SourceFilesTest, HashIsFnv1a) {
  SourceFiles files;
  EXPECT_EQ(files.Hash(), "cbf29ce484222325");
  files.Add("a", "foo");
  files.Add("b", "bar");
  EXPECT_EQ(files.Hash(), "85944171f73967e8");  // of "foobar"
}

TEST_F(PolicyFilesTest, SharedListsNeedNotBeUsed) {
  Put("lists.toml", "[list.shared]\nclients = ['192.0.2.1']\n");
  Put("main.toml", "include = 'lists.toml'\n[list.own]\nclients = ['192.0.2.1']\n");
  Put("local.toml", "[list.local]\nclients = ['192.0.2.1']\n");
  EXPECT_THAT(Errors(Load("main.toml", "local.toml")), ElementsAre("main.toml:2:7: no rule uses the list \"own\"",
                                                                   "local.toml:1:7: no rule uses the list \"local\""));
}

}  // namespace
}  // namespace heloguard
