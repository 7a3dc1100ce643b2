// Macros: RFC 7208 section 7. The examples of section 7.4 with postmaster for strong-bad, since the HELO identity has
// no other sender (section 2.4).
#include <gtest/gtest.h>

#include "dns_text.h"
#include "heloguard/dns/spf.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

std::string Expanded(std::string_view spec, std::string_view client = "192.0.2.3") {
  return ExpandSpfMacros(spec,
                         {Ip(client), Name("email.example.com"), Name("sub.mail-1.example.org"), "mx.example.net"});
}

TEST(SpfMacro, Letters) {
  EXPECT_EQ(Expanded("%{s}"), "postmaster@email.example.com");
  EXPECT_EQ(Expanded("%{l}"), "postmaster");
  EXPECT_EQ(Expanded("%{o}"), "email.example.com");
  EXPECT_EQ(Expanded("%{h}"), "email.example.com");
  EXPECT_EQ(Expanded("%{d}"), "sub.mail-1.example.org");
  EXPECT_EQ(Expanded("%{i}"), "192.0.2.3");
  EXPECT_EQ(Expanded("%{v}"), "in-addr");
  EXPECT_EQ(Expanded("%{p}"), "mx.example.net");
  EXPECT_EQ(Expanded("%{v}", "2001:db8::cb01"), "ip6");
  EXPECT_EQ(Expanded("%{i}", "2001:db8::cb01"), "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1");
}

TEST(SpfMacro, Transformers) {
  EXPECT_EQ(Expanded("%{o4}"), "email.example.com");
  EXPECT_EQ(Expanded("%{o3}"), "email.example.com");
  EXPECT_EQ(Expanded("%{o2}"), "example.com");
  EXPECT_EQ(Expanded("%{o1}"), "com");
  EXPECT_EQ(Expanded("%{o02}"), "example.com");
  EXPECT_EQ(Expanded("%{o99999999999999999999}"), "email.example.com");
  EXPECT_EQ(Expanded("%{or}"), "com.example.email");
  EXPECT_EQ(Expanded("%{O2R}"), "example.email");
  EXPECT_EQ(Expanded("%{d-}"), "sub.mail.1.example.org");
  EXPECT_EQ(Expanded("%{dr-}"), "1.example.org.sub.mail");
  EXPECT_EQ(Expanded("%{d1r-}"), "sub.mail");
  EXPECT_EQ(Expanded("%{dr.-}"), "org.example.1.mail.sub");
  EXPECT_EQ(Expanded("%{l+}"), "postmaster");
  EXPECT_EQ(Expanded("%{s/=_,+-.}"), "postmaster@email.example.com");
  EXPECT_EQ(Expanded("%{ir}.%{v}._spf.%{d2}"), "3.2.0.192.in-addr._spf.example.org");
  EXPECT_EQ(Expanded("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}"), "3.2.0.192.in-addr.postmaster.lp._spf.example.org");
  EXPECT_EQ(Expanded("%{d2}.trusted-domains.example.net"), "example.org.trusted-domains.example.net");
  EXPECT_EQ(Expanded("%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01"),
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.org");
}

TEST(SpfMacro, EscapesAndCapitals) {
  EXPECT_EQ(Expanded("a%%b%_c%-d"), "a%b c%20d");
  EXPECT_EQ(Expanded("%{S}"), "postmaster%40email.example.com");
  EXPECT_EQ(Expanded("%{D}.%{I}"), "sub.mail-1.example.org.192.0.2.3");
}

TEST(SpfMacro, ValidatedNameIsSeen) {
  EXPECT_TRUE(UsesValidatedName("a.%{p}.example.com"));
  EXPECT_TRUE(UsesValidatedName("%{P2r-}"));
  EXPECT_FALSE(UsesValidatedName("%{i}.p.%%{p"));
  EXPECT_FALSE(UsesValidatedName("p.example.com"));
}

TEST(SpfMacro, TargetNames) {
  EXPECT_EQ(SpfTargetName("Mail.Example.COM"), Name("mail.example.com"));
  EXPECT_EQ(SpfTargetName("mail.example.com."), Name("mail.example.com"));
  EXPECT_EQ(SpfTargetName("a b.example.com"), Name("a b.example.com"));
  EXPECT_EQ(SpfTargetName("localhost"), Name("localhost"));
  for (const std::string_view bad : {"", ".", "..", "a..b", ".example.com", "example.com.."}) {
    EXPECT_EQ(SpfTargetName(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(SpfTargetName(std::string(64, 'a') + ".example.com"), std::nullopt);
}

// Section 7.3: labels go on the left until 253 characters are left, and not one more than that takes.
TEST(SpfMacro, ALongTargetLosesLabelsOnTheLeft) {
  std::string long_name = "example.com";
  for (int i = 0; i < 40; ++i) long_name.insert(0, "12345.");
  ASSERT_EQ(long_name.size(), 251U);
  EXPECT_EQ(SpfTargetName(long_name), Name(long_name));
  EXPECT_EQ(SpfTargetName("x." + long_name), Name("x." + long_name));
  EXPECT_EQ(SpfTargetName("x." + long_name + "."), Name("x." + long_name));
  EXPECT_EQ(SpfTargetName("xy." + long_name), Name(long_name));
  EXPECT_EQ(SpfTargetName(std::string(200, 'x') + ".y." + long_name), Name("y." + long_name));
  EXPECT_EQ(SpfTargetName(std::string(300, 'x')), std::nullopt);
}

TEST(SpfMacro, DomainSpecsMustEndInANameOrAMacro) {
  for (const std::string_view good : {"%{d}", "a.%{d}", "a.b", "%{d}.com", "%%.com", "%-", "a.xn--p1ai", "a.c0m."}) {
    EXPECT_FALSE(CheckSpfDomainSpec(good)) << good;
  }
  for (const std::string_view bad : {"", "a", ".", "a.", "a.1", "a.-", "a.b-", "%{d}.", "%{d}x", "a.b_c", "a b.c"}) {
    EXPECT_TRUE(CheckSpfDomainSpec(bad)) << bad;
  }
}

}  // namespace
}  // namespace heloguard
