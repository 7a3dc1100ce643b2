// From settings to options: which source wins, what is refused and under which name, how much may be in flight.
#include "adapters/unbound/unbound_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resolver_help.h"

namespace heloguard {
namespace {

using namespace heloguard::testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

constexpr std::size_t kPlenty = 1U << 16U;

const char kDs[] = ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";

Settings::Dns Unvalidated() {
  Settings::Dns settings;
  settings.validate = false;
  return settings;
}

std::string ErrorOf(const Settings::Dns& settings) {
  const auto plan = PlanUnbound(settings, kPlenty);
  if (plan.ok()) return "no error";
  EXPECT_EQ(plan.error().kind, ErrorKind::kConfig);
  return plan.error().message;
}

TEST(UnboundOptions, NameserversOfResolvConf) {
  EXPECT_THAT(NameserversOf("# x\nnameserver 192.0.2.1\nsearch example.com\n nameserver\t2001:db8::1 \n"
                            "nameserver fe80::1%eth0\nnameserver\nnameserver no.address\n;nameserver 192.0.2.9\n"),
              ElementsAre("192.0.2.1@53", "2001:db8::1@53", "fe80::1%eth0@53"));
  EXPECT_THAT(NameserversOf("search example.com\n"), ElementsAre("127.0.0.1@53"));
}

TEST(UnboundOptions, ForwardersFromSettingsBeforeResolvConf) {
  Settings::Dns settings = Unvalidated();
  const TextFile resolv_conf("nameserver 192.0.2.7\n");
  settings.resolv_conf = resolv_conf.path();
  auto plan = PlanUnbound(settings, kPlenty);
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(plan.value().forwarders, ElementsAre("192.0.2.7@53"));
  EXPECT_THAT(plan.value().options, Not(Contains(Pair("do-not-query-localhost:", "no"))));
  EXPECT_EQ(plan.value().description, "forward 192.0.2.7@53, not validating");

  settings.resolvers = {{Ip("127.0.0.1"), 5353}, {Ip("2001:db8::1"), 53}};
  plan = PlanUnbound(settings, kPlenty);
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(plan.value().forwarders, ElementsAre("127.0.0.1@5353", "2001:db8::1@53"));
  EXPECT_THAT(plan.value().options, Contains(Pair("do-not-query-localhost:", "no")));
}

TEST(UnboundOptions, RootHintsMeanRecursion) {
  Settings::Dns settings = Unvalidated();
  const TextFile loopback("a.root. IN A 127.0.0.1\n");
  const TextFile outside("a.root. IN A 192.0.2.1\n");
  for (const TextFile* hints : {&loopback, &outside}) {
    settings.root_hints = hints->path();
    const auto plan = PlanUnbound(settings, kPlenty);
    ASSERT_TRUE(plan.ok());
    EXPECT_THAT(plan.value().forwarders, IsEmpty());
    EXPECT_THAT(plan.value().options, Contains(Pair("root-hints:", hints->path())));
    const bool local = hints == &loopback;
    EXPECT_EQ(std::ranges::count(plan.value().options, std::string("do-not-query-localhost:"),
                                 &std::pair<std::string, std::string>::first),
              local ? 1 : 0);
  }
}

TEST(UnboundOptions, ErrorsNameTheSetting) {
  Settings::Dns settings = Unvalidated();
  settings.resolv_conf = "/nonexistent/resolv.conf";
  EXPECT_THAT(ErrorOf(settings), HasSubstr("dns.resolv_conf: cannot read /nonexistent/resolv.conf"));

  settings = Unvalidated();
  settings.root_hints = "/nonexistent/hints";
  EXPECT_THAT(ErrorOf(settings), HasSubstr("dns.root_hints: cannot read"));
  const TextFile hints("x");
  settings.root_hints = hints.path();
  settings.resolvers = {{Ip("192.0.2.1"), 53}};
  EXPECT_THAT(ErrorOf(settings), HasSubstr("dns.root_hints: cannot be used together with dns.resolvers"));

  settings = Unvalidated();
  settings.unbound_config = "/nonexistent/\x1bunbound.conf";
  EXPECT_THAT(ErrorOf(settings), HasSubstr("dns.unbound_config: cannot read /nonexistent/\\x1bunbound.conf"));

  settings = Settings::Dns();
  settings.resolvers = {{Ip("192.0.2.1"), 53}};
  settings.trust_anchor = "/nonexistent/root.key";
  EXPECT_THAT(ErrorOf(settings), HasSubstr("dns.trust_anchor: cannot read /nonexistent/root.key"));
  settings.trust_anchor = "/";
  EXPECT_THAT(ErrorOf(settings), HasSubstr("dns.trust_anchor: cannot read /"));
  const TextFile empty("; nothing here\n");
  settings.trust_anchor = empty.path();
  EXPECT_THAT(ErrorOf(settings), HasSubstr("dns.trust_anchor: no DS or DNSKEY record in"));
  settings.validate = false;
  EXPECT_EQ(ErrorOf(settings), "no error");
}

TEST(UnboundOptions, TheAnchorIsNamedInTheDescription) {
  Settings::Dns settings;
  settings.resolvers = {{Ip("192.0.2.1"), 53}};
  const TextFile anchor(kDs);
  settings.trust_anchor = anchor.path();
  const auto plan = PlanUnbound(settings, kPlenty);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan.value().description, "forward 192.0.2.1@53, validating with " + anchor.path());
}

// Query name minimisation, the EDNS size and hardening, however names are resolved.
TEST(UnboundOptions, TheSameRulesWhereverAnswersComeFrom) {
  const TextFile file("192.0.2.1\n");
  Settings::Dns forwarding = Unvalidated();
  forwarding.resolvers = {{Ip("192.0.2.1"), 53}};
  Settings::Dns recursion = Unvalidated();
  recursion.root_hints = file.path();
  Settings::Dns own = Unvalidated();
  own.unbound_config = file.path();
  for (const Settings::Dns& settings : {forwarding, recursion, own}) {
    const auto plan = PlanUnbound(settings, kPlenty);
    ASSERT_TRUE(plan.ok());
    for (const auto& [name, value] : {std::pair("qname-minimisation:", "yes"), std::pair("edns-buffer-size:", "1232"),
                                      std::pair("harden-dnssec-stripped:", "yes"), std::pair("harden-glue:", "yes"),
                                      std::pair("harden-below-nxdomain:", "yes")}) {
      EXPECT_THAT(plan.value().options, Contains(Pair(name, value))) << plan.value().description;
    }
  }
}

TEST(UnboundOptions, ThreeQuartersOfTheCacheAreTheLibrarys) {
  Settings::Dns settings = Unvalidated();
  settings.resolvers = {{Ip("192.0.2.1"), 53}};
  settings.cache_bytes = 4'000'000;
  const auto plan = PlanUnbound(settings, kPlenty);
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(plan.value().options, Contains(Pair("msg-cache-size:", "1000000")));
  EXPECT_THAT(plan.value().options, Contains(Pair("rrset-cache-size:", "2000000")));
}

TEST(UnboundOptions, CanariesAreTheRootAndTwoBigZonesUnlessNamed) {
  Settings::Dns settings = Unvalidated();
  settings.resolvers = {{Ip("192.0.2.1"), 53}};
  auto plan = PlanUnbound(settings, kPlenty);
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(plan.value().canaries, ElementsAre(DomainName(), Name("com"), Name("in-addr.arpa")));
  settings.health_canaries = {Name("example.net")};
  plan = PlanUnbound(settings, kPlenty);
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(plan.value().canaries, ElementsAre(Name("example.net")));
}

// A socket a lookup: no more lookups than half the descriptors.
TEST(UnboundOptions, DescriptorsBoundWhatIsInFlight) {
  struct Case {
    std::size_t descriptors, wanted, range, in_flight;
  };
  for (const Case& c : {Case{1'024, 2'000, 512, 512}, Case{65'536, 2'000, 4'096, 2'000},
                        Case{65'536, 9'000, 4'096, 4'096}, Case{8, 2'000, 16, 16}, Case{1'024, 5, 512, 5}}) {
    Settings::Dns settings = Unvalidated();
    settings.resolvers = {{Ip("192.0.2.1"), 53}};
    settings.max_in_flight = c.wanted;
    const auto plan = PlanUnbound(settings, c.descriptors);
    ASSERT_TRUE(plan.ok());
    EXPECT_THAT(plan.value().options, Contains(Pair("outgoing-range:", std::to_string(c.range))));
    EXPECT_EQ(plan.value().max_in_flight, c.in_flight);
    EXPECT_EQ(plan.value().description.find("for want of file descriptors") != std::string::npos,
              c.in_flight < c.wanted);
  }
}

}  // namespace
}  // namespace heloguard
