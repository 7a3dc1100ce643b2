// The arguments of `heloguard audit`.
#include "app/audit/audit_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns_text.h"

namespace heloguard {
namespace {

using ::testing::HasSubstr;
using testing::Ip;
using testing::Name;

TEST(SmtpTargets, AreHostsOrAddressesWithOrWithoutAPort) {
  const struct {
    std::string_view text, name, address;
    unsigned port;
  } kRows[] = {
      {"mail.example.com", "mail.example.com", "", 25},
      {"mail.example.com:2525", "mail.example.com", "", 2525},
      {"MAIL.example.com.:587", "mail.example.com", "", 587},
      {"localhost:1", "localhost", "", 1},
      {"192.0.2.1", "", "192.0.2.1", 25},
      {"192.0.2.1:65535", "", "192.0.2.1", 65'535},
      {"2001:db8::1", "", "2001:db8::1", 25},
      {"[2001:db8::1]", "", "2001:db8::1", 25},
      {"[2001:db8::1]:26", "", "2001:db8::1", 26},
  };
  for (const auto& row : kRows) {
    const auto target = ParseSmtpTarget(row.text);
    ASSERT_TRUE(target.has_value()) << row.text;
    EXPECT_EQ(target->text, row.text);
    EXPECT_EQ(target->port, row.port) << row.text;
    if (row.address.empty()) {
      EXPECT_FALSE(target->address.has_value()) << row.text;
      EXPECT_EQ(target->name, Name(row.name)) << row.text;
    } else {
      EXPECT_EQ(target->address, Ip(row.address)) << row.text;
    }
  }
}

TEST(SmtpTargets, NothingElseIsOne) {
  for (const std::string_view text :
       {"", ".", ":", ":25", "mail:", "mail:0", "mail:65536", "mail:x", "mail:25x", "mail:-1", "a b", "a_b", "a..b",
        "[2001:db8::1", "2001:db8::1]:25", "[]:25", "\x1b[2J"}) {
    EXPECT_FALSE(ParseSmtpTarget(text).has_value()) << text;
  }
}

TEST(AuditRequests, AreReadFromTheOptions) {
  AuditOptions options;
  options.name = "Mail.Example.COM\\x00";
  options.addresses = {"192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"};
  options.servers = {"mail.example.com:26"};
  options.listen = "[::1]:0";
  const auto request = ReadAuditRequest(options);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request.value().name->text, std::string("Mail.Example.COM\0", 17));
  EXPECT_EQ(request.value().addresses, (std::vector{Ip("192.0.2.1"), Ip("2001:db8::1")}));
  EXPECT_EQ(request.value().servers.size(), 1U);
  EXPECT_EQ(request.value().listen, (ServerAddress{Ip("::1"), 0}));
}

TEST(AuditRequests, AMistakeNamesItsOption) {
  const struct {
    std::vector<std::string> addresses, servers;
    std::optional<std::string> listen;
    std::string said;
  } kRows[] = {
      {{"192.0.2"}, {}, {}, "--ip: \"192.0.2\" is no IP address"},
      {{}, {"a b"}, {}, "--smtp: \"a b\" is no server"},
      {{}, {}, "2525", "--listen: \"2525\" is no address to listen on"},
      {{}, {}, "mail.example.com:25", "--listen: "},
      {{"\x1b[2J"}, {}, {}, "--ip: \"\\x1b[2J\""},
  };
  for (const auto& row : kRows) {
    AuditOptions options;
    options.name = "mail.example.com";
    options.addresses = row.addresses;
    options.servers = row.servers;
    options.listen = row.listen;
    const auto request = ReadAuditRequest(options);
    ASSERT_FALSE(request.ok()) << row.said;
    EXPECT_EQ(request.error().kind, ErrorKind::kUsage);
    EXPECT_THAT(request.error().message, HasSubstr(row.said));
  }
}

}  // namespace
}  // namespace heloguard
