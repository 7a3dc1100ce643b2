#include "heloguard/dns/zone.h"

#include <gtest/gtest.h>

#include "dns_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

TEST(ZoneOf, IsTheClientsNetworkOrTheOrganisationalDomain) {
  EXPECT_EQ(ZoneOf(Ptr("192.0.2.7")).ToText(), "2.0.192.in-addr.arpa");
  EXPECT_EQ(ZoneOf(Ptr("2001:db8:1:2::7")).ToText(), "8.b.d.0.1.0.0.2.ip6.arpa");
  EXPECT_EQ(ZoneOf(A("a.b.example.co.uk")).ToText(), "example.co.uk");
  EXPECT_EQ(ZoneOf(Mx("localhost")).ToText(), "localhost");
}

TEST(ClientNetworkOf, IsWhatOneSiteHas) {
  EXPECT_EQ(ClientNetworkOf(Ip("192.0.2.77")).ToString(), "192.0.2.0/24");
  EXPECT_EQ(ClientNetworkOf(Ip("::ffff:192.0.2.77")).ToString(), "192.0.2.0/24");
  EXPECT_EQ(ClientNetworkOf(Ip("2001:db8:1:2::7")).ToString(), "2001:db8:1::/48");
}

}  // namespace
}  // namespace heloguard
