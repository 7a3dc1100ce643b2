// heloguard.toml: what is taken over, and every problem with its place.
#include "adapters/toml/settings_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

namespace heloguard {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

std::vector<std::string> Messages(const LoadedSettings& loaded) {
  std::vector<std::string> messages;
  for (const Diagnostic& d : loaded.diagnostics) messages.push_back(d.error.ToString());
  return messages;
}

TEST(ReadSettings, AnEmptyFileIsTheDefaults) {
  const LoadedSettings loaded = ReadSettingsText("", "h.toml");
  EXPECT_THAT(Messages(loaded), IsEmpty());
  EXPECT_EQ(loaded.settings, Settings{});
}

TEST(ReadSettings, TheSampleAsItIsAndUncommentedIsTheDefaults) {
  EXPECT_EQ(ReadSettingsText(PrintDefaultSettings(), "h.toml").settings, Settings{});
  const std::string active = std::regex_replace(PrintDefaultSettings(), std::regex("\n#([a-z])"), "\n$1");
  const LoadedSettings loaded = ReadSettingsText(active, "h.toml");
  EXPECT_THAT(Messages(loaded), IsEmpty());
  EXPECT_EQ(loaded.settings, Settings{});
}

TEST(ReadSettings, TakesEverySectionOver) {
  const LoadedSettings loaded = ReadSettingsText(R"(
[milter]
socket = "unix:/run/heloguard/milter.sock"
socket_mode = "0666"
backlog = 128
on_internal_error = "accept"
drain = "30s"
[policy]
file = "/etc/heloguard/policy.toml"
[dns]
dnssec = "off"
resolvers = ["127.0.0.1@5353", "::1"]
deadline = "300ms"
cache = "8MiB"
[log]
target = "file"
file = "/var/log/heloguard.log"
format = "json"
level = "debug"
envelope = false
[metrics]
listen = ""
[service]
own_names = ".example.com"
help_url = "https://example.com/refused"
)",
                                                 "h.toml");
  EXPECT_THAT(Messages(loaded), IsEmpty());
  const Settings& s = loaded.settings;
  EXPECT_EQ(s.milter.socket, "unix:/run/heloguard/milter.sock");
  EXPECT_EQ(s.milter.socket_mode, 0666U);
  EXPECT_EQ(s.milter.backlog, 128);
  EXPECT_EQ(s.milter.on_internal_error, OnInternalError::kAccept);
  EXPECT_EQ(s.milter.drain, std::chrono::seconds(30));
  EXPECT_EQ(s.policy.file, "/etc/heloguard/policy.toml");
  EXPECT_FALSE(s.dns.validate);
  ASSERT_EQ(s.dns.resolvers.size(), 2U);
  EXPECT_EQ(s.dns.resolvers[0].port, 5353);
  EXPECT_EQ(s.dns.resolvers[1], (ServerAddress{*IpAddress::Parse("::1"), 53}));
  EXPECT_EQ(s.dns.deadline, std::chrono::milliseconds(300));
  EXPECT_EQ(s.dns.cache_bytes, 8U << 20U);
  EXPECT_EQ(s.log.target, LogTarget::kFile);
  EXPECT_EQ(s.log.format, LogFormat::kJson);
  EXPECT_EQ(s.log.level, LogLevel::kDebug);
  EXPECT_FALSE(s.log.envelope);
  EXPECT_EQ(s.metrics.listen, "");
  EXPECT_THAT(s.service.own_names, ElementsAre(".example.com"));
  EXPECT_EQ(s.service.help_url, "https://example.com/refused");
}

TEST(ReadSettings, EveryProblemIsToldWithItsPlace) {
  const struct {
    std::string text;
    std::vector<std::string> expected;
  } kRows[] = {
      {"[mitler]\nsocket = \"x\"\n", {R"(h.toml:1:2: unknown section "mitler" (did you mean "milter"?))"}},
      {"[zzz]\n", {R"(h.toml:1:2: unknown section "zzz")"}},
      {"[milter]\nsokcet = \"x\"\n", {R"(h.toml:2:1: unknown key "milter.sokcet" (did you mean "socket"?))"}},
      {"[milter]\ndeadline = \"4s\"\n",
       {R"(h.toml:2:1: unknown key "milter.deadline" (deadline stands in section [dns]))"}},
      {"milter = 3\n", {"h.toml:1:10: milter must be a section, not an integer"}},
      {"[[milter]]\nsocket = \"x\"\n", {"h.toml:1:1: milter must be a section, not an array"}},
      {"[milter]\nsocket = 8891\n", {"h.toml:2:10: milter.socket must be a string, not an integer"}},
      {"[milter]\nsocket = [\"a\"]\n", {"h.toml:2:10: milter.socket must be a string, not an array"}},
      {"[milter]\nsocket_mode = 0o660\n",
       {R"(h.toml:2:15: milter.socket_mode must be a string such as "0660", not an integer)"}},
      {"[milter]\nsocket_mode = \"0999\"\n",
       {R"(h.toml:2:15: milter.socket_mode: "0999" is not a file mode (takes 0000 to 0777))"}},
      {"[milter]\nbacklog = 70000\n", {"h.toml:2:11: milter.backlog: 70000 is out of range (takes 0 to 65535)"}},
      {"[milter]\nbacklog = -1\n", {"h.toml:2:11: milter.backlog: -1 is out of range (takes 0 to 65535)"}},
      {"[milter]\nbacklog = 1.5\n", {"h.toml:2:11: milter.backlog must be an integer, not a float"}},
      {"[milter]\nbacklog = \"5\"\n", {"h.toml:2:11: milter.backlog must be an integer, not a string"}},
      {"[dns]\ndeadline = 4\n", {R"(h.toml:2:12: dns.deadline must be a string such as "4s", not an integer)"}},
      {"[dns]\ndeadline = \"10s\"\n", {R"(h.toml:2:12: dns.deadline: "10s" is out of range (takes 100ms to 9s))"}},
      {"[dns]\ndeadline = \"4 sec\"\n",
       {R"(h.toml:2:12: dns.deadline: "4 sec" is not a duration (takes 100ms to 9s))"}},
      {"[dns]\ncache = 64\n", {R"(h.toml:2:9: dns.cache must be a string such as "64MiB", not an integer)"}},
      {"[dns]\nresolvers = [\"127.0.0.1\", \"localhost\", 5]\n",
       {R"(h.toml:2:27: dns.resolvers: "localhost" is not an IP address (takes "ADDRESS" or "ADDRESS@PORT", 16 at most))",
        "h.toml:2:40: dns.resolvers must be a string, not an integer"}},
      {"[log]\ntarget = \"sylog\"\n",
       {R"(h.toml:2:10: log.target must be "stderr", "syslog", "journal" or "file", not "sylog" (did you mean "syslog"?))"}},
      {"[log]\nenvelope = \"no\"\n", {"h.toml:2:12: log.envelope must be true or false, not a string"}},
      {"[log]\ntarget = \"file\"\n", {R"(h.toml:2:10: log.target is "file", but log.file does not say which)"}},
      {"[log]\nlevel = \"loud\"\n[milter]\nbacklog = \"a\"\nfoo = 1\n[dns]\ncache = \"1\"\n",
       {R"(h.toml:2:9: log.level must be "debug", "info", "warning" or "error", not "loud")",
        "h.toml:4:11: milter.backlog must be an integer, not a string", R"(h.toml:5:1: unknown key "milter.foo")",
        R"(h.toml:7:9: dns.cache: "1" is out of range (takes 1MiB to 16GiB))"}},
  };
  for (const auto& row : kRows) {
    EXPECT_THAT(Messages(ReadSettingsText(row.text, "h.toml")), ElementsAreArray(row.expected)) << row.text;
  }
}

TEST(ReadSettings, HostileBytesInValuesAreEscaped) {
  const LoadedSettings loaded =
      ReadSettingsText("[milter]\nsocket = \"a\\nb\\u00e4\\u0000\"\n\"k\\ney\" = 1\n", "h.toml");
  ASSERT_EQ(loaded.diagnostics.size(), 2U);
  for (const std::string& message : Messages(loaded)) {
    EXPECT_TRUE(std::all_of(message.begin(), message.end(), [](char c) { return c >= 0x20 && c < 0x7f; })) << message;
  }
}

TEST(ReadSettings, ASyntaxErrorHasItsPlace) {
  const LoadedSettings loaded = ReadSettingsText("[milter]\nsocket = \n", "h.toml");
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(loaded.diagnostics[0].error.kind, ErrorKind::kConfig);
  EXPECT_EQ(loaded.diagnostics[0].error.where.line, 2U);
}

TEST(ReadSettings, FilesThatCannotBeRead) {
  const std::string missing = testing::TempDir() + "no-such-folder/heloguard.toml";
  ASSERT_EQ(ReadSettings(missing).diagnostics.size(), 1U);
  EXPECT_EQ(ReadSettings(missing).diagnostics[0].error.kind, ErrorKind::kNoInput);
  EXPECT_EQ(ReadSettings(missing).diagnostics[0].error.where.file, missing);

  ASSERT_EQ(ReadSettings(testing::TempDir()).diagnostics.size(), 1U);
  EXPECT_EQ(ReadSettings(testing::TempDir()).diagnostics[0].error.kind, ErrorKind::kConfig);

  const std::string large = testing::TempDir() + "heloguard-large-" + std::to_string(::getpid()) + ".toml";
  std::ofstream(large) << std::string((1U << 20U) + 1, '#');
  const LoadedSettings loaded = ReadSettings(large);
  std::filesystem::remove(large);
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(loaded.diagnostics[0].error.kind, ErrorKind::kConfig);
}

TEST(ReadSettings, AFileIsRead) {
  const LoadedSettings loaded = ReadSettings(HELOGUARD_SOURCE_DIR "/contrib/heloguard.toml");
  EXPECT_THAT(Messages(loaded), IsEmpty());
  EXPECT_EQ(loaded.settings, Settings{});
}

}  // namespace
}  // namespace heloguard
