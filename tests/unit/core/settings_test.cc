// The settings table: defaults, text forms, ranges, the sample file.
#include "heloguard/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace heloguard {
namespace {

using std::chrono::milliseconds;

TEST(ParseListenAddress, TakesAnAddressWithAPort) {
  const struct {
    std::string_view text, address;
    std::uint16_t port;
  } kGood[] = {{"127.0.0.1:9911", "127.0.0.1", 9911}, {"[::1]:80", "::1", 80}, {"0.0.0.0:0", "0.0.0.0", 0}};
  for (const auto& row : kGood) {
    EXPECT_EQ(ParseListenAddress(row.text), (ServerAddress{*IpAddress::Parse(row.address), row.port})) << row.text;
  }
  for (const std::string_view text :
       {"", ":", "9911", ":9911", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:9911 ",
        "localhost:9911", "::1:9911", "[::1]", "[]:9911", "[127.0.0.1]:9911", "[::1:9911", "127.0.0.1:80:80"}) {
    EXPECT_EQ(ParseListenAddress(text), std::nullopt) << text;
  }
}

TEST(SettingTable, EveryRowIsCompleteAndUnique) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const SettingSpec& spec : SettingTable()) {
    SCOPED_TRACE(std::string(spec.section) + "." + std::string(spec.key));
    EXPECT_TRUE(seen.insert({spec.section, spec.key}).second);
    EXPECT_EQ(FindSetting(spec.section, spec.key), &spec);
    EXPECT_FALSE(spec.range.empty());
    EXPECT_FALSE(spec.DefaultText().empty());
    EXPECT_TRUE(spec.help.ends_with(".")) << spec.help;
  }
  EXPECT_EQ(FindSetting("milter", "sockets"), nullptr);
  EXPECT_EQ(FindSetting("dns", "socket"), nullptr);
}

// What is written is read back to the same value, for every row.
TEST(SettingTable, WrittenDefaultsAreTakenBack) {
  for (const SettingSpec& spec : SettingTable()) {
    SCOPED_TRACE(std::string(spec.section) + "." + std::string(spec.key));
    std::string text = spec.DefaultText();
    if (text == "[]") continue;  // nothing to set
    if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
    Settings settings;
    EXPECT_EQ(spec.value.set(settings, text), "");
    EXPECT_EQ(settings, Settings{});
  }
}

TEST(SettingTable, WritesValuesAsToml) {
  const struct {
    std::string_view section, key;
    std::vector<std::string_view> set;
    std::string_view written;
  } kRows[] = {
      {"milter", "socket", {R"(unix:/a "b"\c)"}, R"("unix:/a \"b\"\\c")"},
      {"milter", "socket_mode", {"600"}, R"("0600")"},
      {"milter", "backlog", {"12"}, "12"},
      {"milter", "drain", {"90s"}, R"("90s")"},
      {"milter", "drain", {"60000ms"}, R"("1m")"},
      {"milter", "on_internal_error", {"accept"}, R"("accept")"},
      {"dns", "dnssec", {"off"}, R"("off")"},
      {"dns", "max_answer", {"1000"}, R"("1000")"},
      {"dns", "cache", {"1024MiB"}, R"("1GiB")"},
      {"dns", "resolvers", {"192.0.2.53", "2001:db8::53@5353"}, R"(["192.0.2.53", "2001:db8::53@5353"])"},
      {"dns", "health_canaries", {".", "org."}, R"([".", "org"])"},
      {"log", "envelope", {"false"}, "false"},
      {"limits", "trusted", {"10.0.0.0/8", "2001:db8::1"}, R"(["10.0.0.0/8", "2001:db8::1"])"},
      {"log", "facility", {"local3"}, R"("local3")"},
      {"service", "own_names", {".example.com", "mail.example.com"}, R"([".example.com", "mail.example.com"])"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.written);
    const SettingSpec* const spec = FindSetting(row.section, row.key);
    ASSERT_NE(spec, nullptr);
    Settings settings;
    for (const std::string_view text : row.set) EXPECT_EQ(spec->value.set(settings, text), "");
    EXPECT_EQ(spec->value.print(settings), row.written);
    EXPECT_THAT(ChangedSettings(Settings{}, settings), testing::ElementsAre(spec));
  }
  EXPECT_THAT(ChangedSettings(Settings{}, Settings{}), testing::IsEmpty());
}

// "LOW to HIGH" in the range text is what the setter holds to: both ends are taken, what lies just outside is not.
TEST(SettingTable, RangeTextsAreTheRanges) {
  const struct {
    std::string_view section, key, below, low, high, above;
  } kRows[] = {
      {"milter", "backlog", "-1", "0", "65535", "65536"},
      {"milter", "socket_mode", "-1", "0000", "0777", "1000"},
      {"milter", "drain", "-1s", "0s", "5m", "300001ms"},
      {"dns", "deadline", "99ms", "100ms", "9s", "9001ms"},
      {"dns", "max_ptr_names", "0", "1", "30", "31"},
      {"dns", "max_lookups", "3", "4", "200", "201"},
      {"dns", "max_in_flight", "15", "16", "100000", "100001"},
      {"dns", "cache", "1048575", "1MiB", "16GiB", "17GiB"},
      {"dns", "max_answer", "511", "512", "64KiB", "65537"},
      {"dns", "health_interval", "-1s", "0s", "10m", "11m"},
      {"dns", "health_window", "9s", "10s", "1h", "61m"},
      {"dns", "health_min_zones", "9", "10", "10000", "10001"},
      {"dns", "health_failure_percent", "9", "10", "100", "101"},
      {"dns", "health_nat_percent", "49", "50", "100", "101"},
      {"dns", "health_nat_messages", "19", "20", "100000", "100001"},
      {"limits", "sessions", "0", "1", "1000000", "1000001"},
      {"limits", "sessions_per_network", "0", "1", "1000000", "1000001"},
      {"limits", "messages_per_session", "0", "1", "1000000", "1000001"},
      {"limits", "helos_per_session", "0", "1", "10000", "10001"},
      {"metrics", "max_connections", "0", "1", "1000", "1001"},
      {"log", "repeats", "-1", "0", "1000000", "1000001"},
      {"log", "repeats_accepted", "-1", "0", "1000000", "1000001"},
      {"log", "queue", "15", "16", "1000000", "1000001"},
  };
  std::set<const SettingSpec*> covered;
  for (const auto& row : kRows) {
    SCOPED_TRACE(std::string(row.section) + "." + std::string(row.key));
    const SettingSpec* const spec = FindSetting(row.section, row.key);
    ASSERT_NE(spec, nullptr);
    covered.insert(spec);
    EXPECT_EQ(spec->range, std::string(row.low) + " to " + std::string(row.high));
    Settings settings;
    EXPECT_NE(spec->value.set(settings, row.below), "");
    EXPECT_NE(spec->value.set(settings, row.above), "");
    EXPECT_EQ(settings, Settings{}) << "a refused value must change nothing";
    EXPECT_EQ(spec->value.set(settings, row.low), "");
    EXPECT_EQ(spec->value.set(settings, row.high), "");
    EXPECT_NE(settings, Settings{});
  }
  for (const SettingSpec& spec : SettingTable()) {
    if (spec.range.find(" to ") != std::string_view::npos) {
      EXPECT_TRUE(covered.contains(&spec)) << spec.key;
    }
  }
}

TEST(SettingTable, WordsInTheRangeAreTheWordsTaken) {
  for (const SettingSpec& spec : SettingTable()) {
    if (spec.value.type != SettingType::kWord) continue;
    SCOPED_TRACE(spec.key);
    Settings settings;
    std::istringstream words{std::string(spec.range)};
    int taken = 0;
    for (std::string word; words >> word;) {
      if (word == "|") continue;
      EXPECT_EQ(spec.value.set(settings, word), "") << word;
      ++taken;
    }
    EXPECT_GE(taken, 2);
    for (const std::string_view word : {"", "none", "Mail", "validate ", "stderr|file"}) {
      EXPECT_NE(spec.value.set(settings, word), "") << word;
    }
  }
}

TEST(SettingTable, TakesValuesOver) {
  Settings settings;
  const auto set = [&](std::string_view section, std::string_view key, std::string_view text) {
    const SettingSpec* const spec = FindSetting(section, key);
    return spec == nullptr ? "no such setting" : spec->value.set(settings, text);
  };
  EXPECT_EQ(set("milter", "socket", "unix:/run/heloguard/milter.sock"), "");
  EXPECT_EQ(set("milter", "socket_mode", "600"), "");
  EXPECT_EQ(set("milter", "on_internal_error", "accept"), "");
  EXPECT_EQ(set("dns", "dnssec", "off"), "");
  EXPECT_EQ(set("dns", "resolvers", "192.0.2.53"), "");
  EXPECT_EQ(set("dns", "resolvers", "2001:db8::53@5353"), "");
  EXPECT_EQ(set("dns", "cache", "512KiB"), "is out of range");
  EXPECT_EQ(set("log", "format", "json"), "");
  EXPECT_EQ(set("log", "envelope", "false"), "");
  EXPECT_EQ(set("service", "own_names", ".example.com"), "");
  EXPECT_EQ(set("service", "own_names", "mail.example.com"), "");
  EXPECT_EQ(settings.milter.socket, "unix:/run/heloguard/milter.sock");
  EXPECT_EQ(settings.milter.socket_mode, 0600U);
  EXPECT_EQ(settings.milter.on_internal_error, OnInternalError::kAccept);
  EXPECT_FALSE(settings.dns.validate);
  ASSERT_EQ(settings.dns.resolvers.size(), 2U);
  EXPECT_EQ(settings.dns.resolvers[0], (ServerAddress{*IpAddress::Parse("192.0.2.53"), 53}));
  EXPECT_EQ(settings.dns.resolvers[1], (ServerAddress{*IpAddress::Parse("2001:db8::53"), 5353}));
  EXPECT_EQ(settings.log.format, LogFormat::kJson);
  EXPECT_FALSE(settings.log.envelope);
  EXPECT_THAT(settings.service.own_names, testing::ElementsAre(".example.com", "mail.example.com"));
}

TEST(SettingTable, RefusesWhatMakesNoSense) {
  const struct {
    std::string_view section, key, text;
  } kRows[] = {
      {"milter", "socket", "inet:8891@127.0.0.1\nX"},
      {"milter", "socket_mode", "0888"},
      {"milter", "socket_mode", "66"},
      {"milter", "socket_mode", "00660"},
      {"milter", "socket_mode", ""},
      {"milter", "socket_mode", "rw-"},
      {"milter", "backlog", ""},
      {"milter", "backlog", "0x10"},
      {"milter", "backlog", "99999999999999999999"},
      {"dns", "resolvers", ""},
      {"dns", "resolvers", "localhost"},
      {"dns", "resolvers", "192.0.2.53:53"},
      {"dns", "resolvers", "192.0.2.53@"},
      {"dns", "resolvers", "192.0.2.53@0"},
      {"dns", "resolvers", "192.0.2.53@65536"},
      {"dns", "resolvers", "192.0.2.53@53@53"},
      {"dns", "resolvers", "fe80::1%eth0"},
      {"metrics", "listen", "localhost"},
      {"metrics", "listen", "127.0.0.1:http"},
      {"log", "envelope", "yes"},
      {"limits", "trusted", "10.0.0.1/8"},
      {"limits", "trusted", "mail.example.com"},
      {"log", "file", "/var/log/x\x7f"},
      {"service", "own_names", ""},
      {"service", "own_names", "."},
      {"service", "own_names", "..example.com"},
      {"service", "own_names", "mail..example.com"},
      {"service", "own_names", "mail example"},
      {"service", "own_names", "192.0.2.1"},
      {"service", "own_names", "2001:db8::1"},
      {"service", "own_names", "m\xc3\xa4il.example"},
  };
  for (const auto& row : kRows) {
    const SettingSpec* const spec = FindSetting(row.section, row.key);
    ASSERT_NE(spec, nullptr) << row.key;
    Settings settings;
    EXPECT_NE(spec->value.set(settings, row.text), "") << row.key << " " << row.text;
    EXPECT_EQ(settings, Settings{}) << row.key << " " << row.text;
  }
  Settings settings;
  const SettingSpec* const socket = FindSetting("milter", "socket");
  EXPECT_NE(socket->value.set(settings, std::string_view("unix:/a\0b", 9)), "");
  EXPECT_NE(socket->value.set(settings, std::string(2'000, 'a')), "");
}

TEST(SettingTable, TakesNoEndlessListOfResolvers) {
  const SettingSpec* const spec = FindSetting("dns", "resolvers");
  Settings settings;
  for (int i = 0; i < 16; ++i) EXPECT_EQ(spec->value.set(settings, "192.0.2." + std::to_string(i)), "");
  EXPECT_NE(spec->value.set(settings, "192.0.2.16"), "");
}

TEST(SettingTable, CanariesAreDomainNames) {
  const SettingSpec* const spec = FindSetting("dns", "health_canaries");
  Settings settings;
  EXPECT_NE(spec->value.set(settings, "a..b"), "");
  for (const char* name : {"", "\texample.org", "ex ample.org",
                           "b\xc3\xbc"
                           "cher.example",
                           "a\\.b"})
    EXPECT_NE(spec->value.set(settings, name), "") << name;
  for (const char* name : {".", "example.org.", "a", "b", "c", "d", "e", "f"})
    EXPECT_EQ(spec->value.set(settings, name), "");
  EXPECT_NE(spec->value.set(settings, "g"), "") << "one too many";
  EXPECT_EQ(settings.dns.health_canaries.front(), DomainName{});
}

TEST(PrintDefaultSettings, NamesEveryRowOnceAndKeepsItsLinesShort) {
  const std::string text = PrintDefaultSettings();
  for (const SettingSpec& spec : SettingTable()) {
    EXPECT_THAT(text, testing::HasSubstr("\n#" + std::string(spec.key) + " = " + spec.DefaultText() + "\n"));
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 120U) << line;
}

// The sample in contrib is printed from the table. HELOGUARD_UPDATE_SAMPLES=1 writes it anew.
TEST(PrintDefaultSettings, IsTheSampleFile) {
  const std::string path = HELOGUARD_SOURCE_DIR "/contrib/heloguard.toml";
  if (std::getenv("HELOGUARD_UPDATE_SAMPLES") != nullptr) std::ofstream(path) << PrintDefaultSettings();
  std::ifstream file(path);
  std::stringstream sample;
  sample << file.rdbuf();
  EXPECT_EQ(sample.str(), PrintDefaultSettings()) << "run this test with HELOGUARD_UPDATE_SAMPLES=1 to renew " << path;
}

}  // namespace
}  // namespace heloguard
