// PTR names that look like another name, hold any octets, or are as long as a name may be (RFC 1035 sections 2.3.4 and
// 5.1, RFC 2181 section 11). A name that is not a host name never equals one, and prints as harmless text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns_world.h"
#include "heloguard/base/escape.h"

namespace heloguard {
namespace {

using namespace heloguard::testing;

constexpr std::string_view kHelo = "relay.goodcorp.com";

// All of them are verified, so that nothing but the comparison of names stands between them and "same".
TEST(PtrNames, LookalikesOfTheHeloName) {
  auto resolver = StartResolver(WorldSettings());
  ASSERT_NE(resolver, nullptr);
  for (const auto& cells : ReadmeTable("PTR name")) {
    ASSERT_EQ(cells.size(), 5U) << cells.front();
    const std::string name = cells[0].substr(1, cells[0].size() - 2);  // without the backticks
    for (const std::string& client : WithTwins(cells[1])) {
      SCOPED_TRACE(client + ": " + cells[4]);
      Subject subject = SubjectOf(client, kHelo);
      ResolveAll(*resolver, LookupsKeyedBy(LookupKey::kClient), {&subject});
      EXPECT_EQ(Shown(FactId::kRdnsStatus, subject), "pass");
      EXPECT_EQ(Shown(FactId::kRdnsDnssec, subject), "secure");
      EXPECT_EQ(Shown(FactId::kRdnsPtr, subject), name);
      EXPECT_EQ(Shown(FactId::kRdnsName, subject), name);
      EXPECT_THAT(Shown(FactId::kRdnsPtr, subject),
                  ::testing::Each(::testing::AllOf(::testing::Gt(' '), ::testing::Le('~'))));
      EXPECT_EQ(Shown(FactId::kHeloPtr, subject), cells[2]);
      EXPECT_EQ(Shown(FactId::kHeloRdns, subject), cells[3]);
      EXPECT_EQ(name == kHelo, cells[2] == "same");
    }
  }
}

// The other way round: what a client says is no other name for its PTR name, however it is written.
TEST(PtrNames, EscapesInHeloAreNoOtherWayToWriteAName) {
  auto resolver = StartResolver(WorldSettings());
  ASSERT_NE(resolver, nullptr);
  using std::string_literals::operator""s;
  const std::vector<std::string> said{"relay\\.goodcorp.com",   "relay\\046goodcorp.com", "\\114elay.goodcorp.com",
                                      "relay.goodcorp.com\0"s,  "relay.goodcorp.com\\.",  "relay\r\n.goodcorp.com",
                                      "\"relay.goodcorp.com\"", "r\xE9lay.goodcorp.com"};
  for (const char* client : {"198.18.50.1", "198.18.50.4", "198.18.50.10", "198.18.50.13"}) {
    for (const std::string& helo : said) {
      Subject subject = SubjectOf(client, helo);
      ResolveAll(*resolver, LookupsKeyedBy(LookupKey::kClient) | LookupsKeyedBy(LookupKey::kHelo), {&subject});
      EXPECT_EQ(Shown(FactId::kHeloPtr, subject), "n/a") << EscapeBytes(helo);
      EXPECT_EQ(Shown(FactId::kHeloRdns, subject), "n/a") << EscapeBytes(helo);
      EXPECT_EQ(Shown(FactId::kHeloAddress, subject), "n/a") << EscapeBytes(helo);
    }
  }
}

TEST(PtrNames, OfTheGreatestLength) {
  auto resolver = StartResolver(WorldSettings());
  ASSERT_NE(resolver, nullptr);
  const std::string longest = std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." +
                              std::string(48, 'd') + ".goodcorp.com";
  ASSERT_EQ(Name(longest).ToWire().size(), 255U);
  for (const std::string& client : WithTwins("198.18.50.100")) {
    SCOPED_TRACE(client);
    Subject subject = SubjectOf(client, longest);
    ResolveAll(*resolver, LookupsKeyedBy(LookupKey::kClient) | LookupsKeyedBy(LookupKey::kHelo), {&subject});
    EXPECT_EQ(Shown(FactId::kRdnsStatus, subject), "pass");
    EXPECT_EQ(Shown(FactId::kRdnsDnssec, subject), "secure");
    EXPECT_EQ(Shown(FactId::kRdnsName, subject), longest);
    EXPECT_EQ(Shown(FactId::kHeloRdns, subject), "same");
    EXPECT_EQ(Shown(FactId::kHeloAddress, subject), "match");
    EXPECT_EQ(Shown(FactId::kHeloDnssec, subject), "secure");
  }
}

}  // namespace
}  // namespace heloguard
