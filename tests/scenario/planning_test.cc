// What each shape of policy asks, in order: the literal list of questions of a session.
#include <gtest/gtest.h>

#include "dns_text.h"
#include "engine/drive/driven_session.h"
#include "engine/drive/simulated_services.h"
#include "heloguard/session.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

class Nobody final : public EventSink {
 public:
  void Judged(const SessionReport& /*report*/) override {}
};

// A client with two PTR names; one of them is its HELO name.
std::vector<std::string> AskedBy(const std::string& rule, std::string_view helo, std::string_view client) {
  SimulatedServices world;
  Nobody nobody;
  world.Script(Ptr(client), Names({"a.example.org", "b.example.net"}), std::chrono::milliseconds(10));
  const Services around{&world, &world, &nobody, nullptr, std::chrono::milliseconds(4000), {}, ""};
  DrivenSession session("abcdefgh01234567", PolicyFrom("[[rule]]\nname = 'r'\noverrides_rfc5321 = true\n" + rule),
                        around, {}, &world);
  ConnectInfo info;
  info.client = Ip(client);
  session.OnConnect(info);
  session.OnHelo(helo, false);
  session.OnMail("<>", false, false);
  session.OnRcpt("<b@example.net>");
  std::vector<std::string> asked;
  for (const DnsQuestion& question : world.asked()) {
    asked.push_back(std::string(NameOf(question.type)) + " " + question.name.ToText());
  }
  return asked;
}

using Asked = std::vector<std::string>;
const Asked kNothing;
const Asked kPtr{"PTR 7.2.0.192.in-addr.arpa"};
const Asked kReverse{"PTR 7.2.0.192.in-addr.arpa", "A a.example.org", "A b.example.net"};
const Asked kReverse6{"PTR 7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
                      "AAAA a.example.org", "AAAA b.example.net"};
const Asked kAddresses{"A a.example.org", "AAAA a.example.org"};
const Asked kTxt{"TXT a.example.org"};
const Asked kMx{"MX a.example.org"};

struct Shape {
  const char* rule;
  const Asked* asked;
};
const Shape kShapes[] = {
    {"when.helo.kind = 'bare-ipv4'\naction = 'reject'", &kNothing},
    {"when.helo.name = '^a[.]'\naction = 'reject'", &kNothing},  // held by the string alone
    // The PTR question goes out at connect, before the name is known that makes the rule false.
    {"when.helo.name = '^x[.]'\nwhen.rdns.status = 'fail'\naction = 'reject'", &kPtr},
    {"when.rdns.ptr = 'dyn'\naction = 'reject'", &kPtr},
    {"when.rdns.traits = 'embeds-client-ip'\naction = 'reject'", &kPtr},
    {"when.helo.ptr = 'different'\naction = 'reject'", &kPtr},
    {"when.rdns.status = 'fail'\naction = 'reject'", &kReverse},
    {"when.rdns.name = 'x'\naction = 'reject'", &kReverse},
    {"when.rdns.dnssec = 'bogus'\naction = 'note'", &kReverse},
    {"when.helo.rdns = 'different'\naction = 'reject'", &kReverse},
    {"when.helo.address = 'nxdomain'\naction = 'reject'", &kAddresses},
    {"when.helo.dnssec = 'secure'\naction = 'accept'", &kAddresses},
    {"when.helo.mx = 'null'\naction = 'reject'", &kMx},
    {"when.spf.helo = 'fail'\naction = 'reject'", &kTxt},
    {"when.rdns.status = 'fail'\nenabled = false\naction = 'reject'", &kNothing},
};

TEST(Planning, EveryShapeOfPolicyAsksWhatItNeedsAndNoMore) {
  for (const Shape& shape : kShapes)
    EXPECT_EQ(AskedBy(shape.rule, "a.example.org", "192.0.2.7"), *shape.asked) << shape.rule;
}

TEST(Planning, OnlyTheClientsOwnAddressFamily) {
  EXPECT_EQ(AskedBy("when.rdns.status = 'fail'\naction = 'reject'", "a.example.org", "2001:db8::7"), kReverse6);
}

// The HELO name's lookups go out before the PTR's answer is in, and both rounds of reverse DNS beside them.
TEST(Planning, ReverseAndHeloSideBySide) {
  const Asked both{"PTR 7.2.0.192.in-addr.arpa", "A a.example.org", "AAAA a.example.org", "A a.example.org",
                   "A b.example.net"};
  EXPECT_EQ(AskedBy("when.rdns.status = 'fail'\nwhen.helo.address = 'nxdomain'\naction = 'reject'", "a.example.org",
                    "192.0.2.7"),
            both);
}

TEST(Planning, NoHeloNameIsAskedWhereTheHeloIsNoDomainName) {
  for (const char* helo : {"[192.0.2.7]", "192.0.2.7", "a..b", "a\\.b", "\xff.example", "two words"}) {
    EXPECT_EQ(AskedBy("when.helo.address = 'nxdomain'\naction = 'reject'", helo, "192.0.2.7"), kNothing) << helo;
  }
}

}  // namespace
}  // namespace heloguard
