// check_host() for the HELO identity, mechanism by mechanism: RFC 7208 sections 4 to 6, and the examples of its
// appendix A with the addresses as they stand there.
#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "spf_world.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

constexpr std::string_view kClient = "192.0.2.7";
constexpr std::string_view kClient6 = "2001:db8::7";
constexpr std::string_view kHelo = "mail.example.com";

struct Row {
  const char* record;  // of mail.example.com
  const char* zone;
  const char* result;  // for 192.0.2.7
};

void Check(std::span<const Row> rows, std::string_view client = kClient) {
  for (const Row& row : rows) {
    const SpfZone zone(std::string("mail.example.com TXT ") + row.record + "\n" + row.zone);
    EXPECT_EQ(zone.Result(client, kHelo), row.result) << row.record << "\n" << row.zone;
  }
}

// Sections 4.3 to 4.5.
TEST(Spf, SelectingTheRecord) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "none"},
      {"mail.example.com A 192.0.2.7", "none"},
      {"mail.example.com TXT v=spf1", "neutral"},
      {"mail.example.com TXT v=spf1 -all", "fail"},
      {"mail.example.com TXT v=spf10 -all", "none"},
      {"mail.example.com TXT v=DMARC1; p=reject", "none"},
      {"mail.example.com TXT v=DMARC1\nmail.example.com TXT v=spf1 ~all", "softfail"},
      {"mail.example.com TXT v=spf1 -all\nmail.example.com TXT v=spf1 +all", "permerror"},
      {"mail.example.com TXT v=spf1 -all\nmail.example.com TXT v=spf1 -all", "permerror"},
      {"mail.example.com TXT v=spf1 -all\nmail.example.com TXT v=spf1 -all foo", "permerror"},
      {"mail.example.com TXT v=spf1 -all foo", "permerror"},
      {"mail.example.com TXT TIMEOUT", "temperror"},
      {"mail.example.com TXT SERVFAIL", "temperror"},
      {"mail.example.com TXT BOGUS", "temperror"},
      {"mail.example.com TXT NODATA", "none"},
      {"example.com TXT v=spf1 -all", "none"},  // no climbing
  };
  for (const auto& [zone, result] : rows) EXPECT_EQ(SpfZone(zone).Result(kClient, kHelo), result) << zone;
  EXPECT_EQ(SpfZone("com TXT v=spf1 -all").Result(kClient, "com"), "none");
  EXPECT_EQ(SpfZone("").Asked(kClient, "com"), "");
}

// Sections 4.6.2, 4.7 and 5.1.
TEST(Spf, QualifiersAndAll) {
  const Row rows[] = {
      {"v=spf1 all", "", "pass"},
      {"v=spf1 +all", "", "pass"},
      {"v=spf1 -all", "", "fail"},
      {"v=spf1 ~all", "", "softfail"},
      {"v=spf1 ?all", "", "neutral"},
      {"v=spf1 ip4:203.0.113.1", "", "neutral"},
      {"v=spf1 ?all -all", "", "neutral"},
      {"v=spf1 -ip4:192.0.2.7 +all", "", "fail"},
      {"v=spf1 ~all include:gone.example redirect=gone.example", "", "softfail"},  // what follows all is not looked at
      {"v=spf1 redirect=gone.example -all", "", "fail"},
      {"v=spf1 -all exp=why.example.com", "", "fail"},  // an explanation is not fetched
      {"v=spf1 moo=cow -all", "", "fail"},
  };
  Check(rows);
  EXPECT_EQ(SpfZone("mail.example.com TXT v=spf1 -all exp=why.example.com").Asked(kClient, kHelo),
            "TXT mail.example.com");
}

// Section 5.6.
TEST(Spf, Addresses) {
  const Row rows[] = {
      {"v=spf1 ip4:192.0.2.7 -all", "", "pass"},        {"v=spf1 ip4:192.0.2.6/31 -all", "", "pass"},
      {"v=spf1 ip4:192.0.2.8/31 -all", "", "fail"},     {"v=spf1 ip4:192.0.2.129/25 -all", "", "fail"},
      {"v=spf1 ip4:192.0.2.129/24 -all", "", "pass"},   {"v=spf1 ip4:1.1.1.1/0 -all", "", "pass"},
      {"v=spf1 ip6:::ffff:192.0.2.7 -all", "", "fail"}, {"v=spf1 ip6:::/0 -all", "", "fail"},
  };
  Check(rows);
  const Row rows6[] = {
      {"v=spf1 ip6:2001:db8::7 -all", "", "pass"},     {"v=spf1 ip6:2001:db8:8000::/32 -all", "", "pass"},
      {"v=spf1 ip6:2001:db8::f/125 -all", "", "fail"}, {"v=spf1 ip6:2001:db8::/125 -all", "", "pass"},
      {"v=spf1 ip6:::1.1.1.1/0 -all", "", "pass"},     {"v=spf1 ip4:0.0.0.0/0 -all", "", "fail"},
  };
  Check(rows6, kClient6);
}

// Section 5.3.
TEST(Spf, A) {
  const Row rows[] = {
      {"v=spf1 a -all", "mail.example.com A 192.0.2.7", "pass"},
      {"v=spf1 a -all", "mail.example.com A 203.0.113.1\nmail.example.com A 192.0.2.7", "pass"},
      {"v=spf1 a -all", "mail.example.com A 192.0.2.8", "fail"},
      {"v=spf1 a/24 -all", "mail.example.com A 192.0.2.8", "pass"},
      {"v=spf1 a//24 -all", "mail.example.com A 192.0.2.8", "fail"},
      {"v=spf1 a:other.example/29 -all", "other.example A 192.0.2.1", "pass"},
      {"v=spf1 a -all", "mail.example.com AAAA 2001:db8::7", "fail"},
      {"v=spf1 a:gone.example -all", "", "fail"},
      {"v=spf1 a -all", "mail.example.com A TIMEOUT", "temperror"},
      {"v=spf1 a -all", "mail.example.com A SERVFAIL", "temperror"},
      {"v=spf1 a -all", "mail.example.com A BOGUS", "temperror"},
      {"v=spf1 a:%{d}..x.example -all", "", "fail"},  // an empty label: there is no such name
  };
  Check(rows);
  const Row rows6[] = {
      {"v=spf1 a -all", "mail.example.com AAAA 2001:db8::7\nmail.example.com A TIMEOUT", "pass"},
      {"v=spf1 a//125 -all", "mail.example.com AAAA 2001:db8::1", "pass"},
      {"v=spf1 a/0 -all", "mail.example.com AAAA 2001:db8::1", "fail"},
  };
  Check(rows6, kClient6);
}

// Section 5.4.
TEST(Spf, Mx) {
  const Row rows[] = {
      {"v=spf1 mx -all", "mail.example.com MX 10 mx.example.com\nmx.example.com A 192.0.2.7", "pass"},
      {"v=spf1 mx/24 -all", "mail.example.com MX 10 mx.example.com\nmx.example.com A 192.0.2.200", "pass"},
      {"v=spf1 mx:example.net -all", "example.net MX 5 b.example\nexample.net MX 9 c.example\nc.example A 192.0.2.7",
       "pass"},
      {"v=spf1 mx -all", "mail.example.com A 192.0.2.7", "fail"},  // no falling back to the address of the name
      {"v=spf1 mx -all", "mail.example.com MX 0 .", "fail"},
      {"v=spf1 mx -all", "mail.example.com MX TIMEOUT", "temperror"},
      {"v=spf1 mx -all", "mail.example.com MX 10 mx.example.com\nmx.example.com A TIMEOUT", "temperror"},
      // A name that holds the client settles it, whatever becomes of the others.
      {"v=spf1 mx -all",
       "mail.example.com MX 5 a.example\nmail.example.com MX 9 b.example\na.example A TIMEOUT\nb.example A 192.0.2.7",
       "pass"},
  };
  Check(rows);
  EXPECT_EQ(SpfZone("mail.example.com TXT v=spf1 mx -all\nmail.example.com MX 1 a.example\n"
                    "mail.example.com MX 2 b.example\nmail.example.com MX 0 .")
                .Asked(kClient6, kHelo),
            "TXT mail.example.com, MX mail.example.com, AAAA a.example, AAAA b.example");
}

// Section 5.5. An error in reverse DNS is no match; what is not a pass is temperror in the end.
TEST(Spf, Ptr) {
  const Row rows[] = {
      {"v=spf1 ptr -all", "192.0.2.7 PTR mail.example.com\nmail.example.com A 192.0.2.7", "pass"},
      {"v=spf1 ptr -all", "192.0.2.7 PTR a.mail.example.com\na.mail.example.com A 192.0.2.7", "pass"},
      {"v=spf1 ptr -all", "192.0.2.7 PTR example.com\nexample.com A 192.0.2.7", "fail"},
      {"v=spf1 ptr -all", "192.0.2.7 PTR xmail.example.com\nxmail.example.com A 192.0.2.7", "fail"},
      {"v=spf1 ptr:example.com -all", "192.0.2.7 PTR x.example.com\nx.example.com A 192.0.2.7", "pass"},
      {"v=spf1 ptr:example.com -all", "192.0.2.7 PTR x.example.com\nx.example.com A 192.0.2.8", "fail"},
      {"v=spf1 ptr -all", "", "fail"},
      {"v=spf1 ptr -all", "192.0.2.7 PTR TIMEOUT", "temperror"},
      {"v=spf1 ptr ~all", "192.0.2.7 PTR SERVFAIL", "temperror"},
      {"v=spf1 ptr ip4:192.0.2.7 -all", "192.0.2.7 PTR TIMEOUT", "pass"},
      {"v=spf1 -ptr:bad.example +all", "192.0.2.7 PTR TIMEOUT", "temperror"},
      {"v=spf1 ptr -all", "192.0.2.7 PTR mail.example.com\nmail.example.com A BOGUS", "temperror"},
      {"v=spf1 ptr -all",
       "192.0.2.7 PTR mail.example.com\n192.0.2.7 PTR b.mail.example.com\nmail.example.com A TIMEOUT\n"
       "b.mail.example.com A 192.0.2.7",
       "pass"},
      {"v=spf1 include:x.example -all", "x.example TXT v=spf1 ptr ?all\n192.0.2.7 PTR TIMEOUT", "temperror"},
      {"v=spf1 -include:x.example +all", "x.example TXT v=spf1 ptr ?all\n192.0.2.7 PTR TIMEOUT", "temperror"},
  };
  Check(rows);
  // Names that cannot match are not looked up.
  EXPECT_EQ(SpfZone("mail.example.com TXT v=spf1 ptr:example.com -all\n192.0.2.7 PTR a.example.net\n"
                    "192.0.2.7 PTR b.example.com")
                .Asked(kClient, kHelo),
            "TXT mail.example.com, PTR 7.2.0.192.in-addr.arpa, A b.example.com");
}

// Section 5.7: A records, whatever the client's family.
TEST(Spf, Exists) {
  const Row rows[] = {
      {"v=spf1 exists:%{ir}._x.example.com -all", "7.2.0.192._x.example.com A 127.0.0.2", "pass"},
      {"v=spf1 exists:%{ir}._x.example.com -all", "7.2.0.192._x.example.com TXT here", "fail"},
      {"v=spf1 exists:%{ir}._x.example.com -all", "", "fail"},
      {"v=spf1 exists:%{ir}._x.example.com -all", "7.2.0.192._x.example.com A TIMEOUT", "temperror"},
      {"v=spf1 exists:%{l}.%{o}._x.example.com -all", "postmaster.mail.example.com._x.example.com A 127.0.0.2", "pass"},
      {"v=spf1 exists:%{h}.x.example ?all", "mail.example.com.x.example A 127.0.0.2", "pass"},
  };
  Check(rows);
  const Row rows6[] = {{"v=spf1 exists:x.example.com -all", "x.example.com A 127.0.0.2", "pass"},
                       {"v=spf1 exists:x.example.com -all", "x.example.com AAAA 2001:db8::7", "fail"}};
  Check(rows6, kClient6);
}

// Section 5.2, the table: what an included result comes to.
TEST(Spf, Include) {
  const Row rows[] = {
      {"v=spf1 include:x.example ?all", "x.example TXT v=spf1 +all", "pass"},
      {"v=spf1 -include:x.example ?all", "x.example TXT v=spf1 +all", "fail"},
      {"v=spf1 include:x.example ?all", "x.example TXT v=spf1 -all", "neutral"},
      {"v=spf1 include:x.example -all", "x.example TXT v=spf1 ~all", "fail"},
      {"v=spf1 include:x.example -all", "x.example TXT v=spf1 ?all", "fail"},
      {"v=spf1 include:x.example -all", "x.example TXT v=spf1", "fail"},
      {"v=spf1 include:x.example -all", "x.example TXT TIMEOUT", "temperror"},
      {"v=spf1 include:x.example -all", "x.example TXT v=spf1 foo", "permerror"},
      {"v=spf1 include:x.example -all", "x.example TXT hello", "permerror"},
      {"v=spf1 include:x.example -all", "", "permerror"},
      {"v=spf1 include:%{d3}..example -all", "", "permerror"},
      {"v=spf1 ip4:192.0.2.7 include:gone.example -all", "", "pass"},
      {"v=spf1 include:a.example -all", "a.example TXT v=spf1 redirect=b.example\nb.example TXT v=spf1 ip4:192.0.2.7",
       "pass"},
      // %{d} is the included domain, %{o} and %{h} stay.
      {"v=spf1 include:x.example -all",
       "x.example TXT v=spf1 exists:%{d}.%{o}.y.example\nx.example.mail.example.com.y.example A 127.0.0.2", "pass"},
  };
  Check(rows);
}

// Section 6.1.
TEST(Spf, Redirect) {
  const Row rows[] = {
      {"v=spf1 redirect=x.example", "x.example TXT v=spf1 -all", "fail"},
      {"v=spf1 redirect=x.example", "x.example TXT v=spf1 ?all", "neutral"},
      {"v=spf1 redirect=x.example", "", "permerror"},
      {"v=spf1 redirect=x.example", "x.example TXT TIMEOUT", "temperror"},
      {"v=spf1 redirect=x.example ip4:192.0.2.7", "x.example TXT v=spf1 -all", "pass"},
      {"v=spf1 redirect=%{d}..example", "", "permerror"},
      {"v=spf1 redirect=_spf.%{d}", "_spf.mail.example.com TXT v=spf1 exists:%{d}\n_spf.mail.example.com A 127.0.0.2",
       "pass"},
      {"v=spf1 redirect=%{p}.x.example", "192.0.2.7 PTR TIMEOUT\nunknown.x.example TXT v=spf1 +all", "temperror"},
  };
  Check(rows);
}

// Section 7.3: the domain itself, else a name beneath it, else any, else "unknown".
TEST(Spf, ValidatedNames) {
  const std::pair<const char*, const char*> rows[] = {
      {"192.0.2.7 PTR mail.example.com\n192.0.2.7 PTR a.mail.example.com\nmail.example.com A 192.0.2.7\n"
       "a.mail.example.com A 192.0.2.7",
       "mail.example.com.x"},
      {"192.0.2.7 PTR mail.example.com\n192.0.2.7 PTR a.mail.example.com\nmail.example.com A 192.0.2.8\n"
       "a.mail.example.com A 192.0.2.7",
       "a.mail.example.com.x"},
      {"192.0.2.7 PTR z.example.net\nz.example.net A 192.0.2.7", "z.example.net.x"},
      {"192.0.2.7 PTR z.example.net\nz.example.net A 192.0.2.8", "unknown.x"},
      {"", "unknown.x"},
      {"192.0.2.7 PTR TIMEOUT", "unknown.x"},
      {"192.0.2.7 PTR _under.example.net\n_under.example.net A 192.0.2.7", "_under.example.net.x"},
      {"192.0.2.7 PTR 8bit\xff.example.net\n8bit\xff.example.net A 192.0.2.7", "unknown.x"},
  };
  for (const auto& [zone, target] : rows) {
    const auto asked = SpfZone("mail.example.com TXT v=spf1 exists:%{p}.x.example -all\n" + std::string(zone))
                           .Evaluate(kClient, kHelo)
                           .asked;
    ASSERT_FALSE(asked.empty());
    EXPECT_EQ(asked.back(), A(std::string(target) + ".example")) << zone;
  }
  EXPECT_EQ(
      SpfZone("mail.example.com TXT v=spf1 exists:%{p}.x.example -all\n192.0.2.7 PTR TIMEOUT").Result(kClient, kHelo),
      "temperror");
}

// Appendix A. The zone with its hosts; amy and bob have the same records.
const char* const kAppendixA =
    "example.com MX 10 mail-a.example.com\nexample.com MX 20 mail-b.example.com\n"
    "example.com A 192.0.2.10\nexample.com A 192.0.2.11\n"
    "amy.example.com A 192.0.2.65\nbob.example.com A 192.0.2.66\n"
    "mail-a.example.com A 192.0.2.129\nmail-b.example.com A 192.0.2.130\n"
    "mail-c.example.org A 192.0.2.140\nexample.org MX 10 mail-c.example.org\n"
    "192.0.2.10 PTR example.com\n192.0.2.11 PTR example.com\n192.0.2.65 PTR amy.example.com\n"
    "192.0.2.66 PTR bob.example.com\n192.0.2.129 PTR mail-a.example.com\n192.0.2.130 PTR mail-b.example.com\n"
    "192.0.2.140 PTR mail-c.example.org\n10.0.0.4 PTR bob.example.com\n";

TEST(Spf, AppendixA1) {
  struct Example {
    const char* record;
    std::vector<std::string_view> pass;  // the rest of the hosts does not
  };
  const std::vector<std::string_view> hosts{"192.0.2.10",  "192.0.2.11",  "192.0.2.65",  "192.0.2.66",
                                            "192.0.2.129", "192.0.2.130", "192.0.2.140", "10.0.0.4"};
  const Example examples[] = {
      {"v=spf1 +all", hosts},
      {"v=spf1 a -all", {"192.0.2.10", "192.0.2.11"}},
      {"v=spf1 a:example.org -all", {}},
      {"v=spf1 mx -all", {"192.0.2.129", "192.0.2.130"}},
      {"v=spf1 mx:example.org -all", {"192.0.2.140"}},
      {"v=spf1 mx mx:example.org -all", {"192.0.2.129", "192.0.2.130", "192.0.2.140"}},
      {"v=spf1 mx/30 mx:example.org/30 -all", {"192.0.2.129", "192.0.2.130", "192.0.2.140"}},
      {"v=spf1 ptr -all", {"192.0.2.10", "192.0.2.11", "192.0.2.65", "192.0.2.66", "192.0.2.129", "192.0.2.130"}},
      {"v=spf1 ip4:192.0.2.128/28 -all", {"192.0.2.129", "192.0.2.130", "192.0.2.140"}},
  };
  for (const Example& example : examples) {
    const SpfZone zone(std::string(kAppendixA) + "example.com TXT " + example.record);
    for (const std::string_view host : hosts) {
      const bool pass = std::ranges::find(example.pass, host) != example.pass.end();
      EXPECT_EQ(zone.Result(host, "example.com"), pass ? "pass" : "fail") << example.record << " " << host;
    }
  }
  // The two of mx/30 that stand for no host.
  const SpfZone zone(std::string(kAppendixA) + "example.com TXT v=spf1 mx/30 mx:example.org/30 -all");
  EXPECT_EQ(zone.Result("192.0.2.131", "example.com"), "pass");
  EXPECT_EQ(zone.Result("192.0.2.143", "example.com"), "pass");
  EXPECT_EQ(zone.Result("192.0.2.144", "example.com"), "fail");
}

// A.2 and A.3 (several domains, a blocklist by name).
TEST(Spf, AppendixA2AndA3) {
  const SpfZone zone(
      "example.org TXT v=spf1 include:example.com include:example.net -all\n"
      "la.example.org TXT v=spf1 redirect=example.org\n"
      "example.com TXT v=spf1 ip4:192.0.2.0/28 -all\nexample.net TXT v=spf1 ip4:203.0.113.0/28 -all\n"
      "mary.mobile-users._spf.example.com A 127.0.0.2\n15.15.168.192.joel.remote-users._spf.example.com A 127.0.0.2\n"
      "mail.example.com TXT v=spf1 -exists:%{ir}.%{v}.bad.example ip4:192.0.2.0/24 -all\n"
      "7.2.0.192.in-addr.bad.example A 127.0.0.2\n");
  EXPECT_EQ(zone.Result("192.0.2.3", "example.org"), "pass");
  EXPECT_EQ(zone.Result("203.0.113.3", "la.example.org"), "pass");
  EXPECT_EQ(zone.Result("198.51.100.3", "la.example.org"), "fail");
  EXPECT_EQ(zone.Result("192.0.2.7", kHelo), "fail");
  EXPECT_EQ(zone.Result("192.0.2.8", kHelo), "pass");
}

TEST(Spf, SaysHowItCameAbout) {
  const std::pair<const char*, const char*> rows[] = {
      {"mail.example.com TXT v=spf1 a -all\nmail.example.com A 192.0.2.7", "mail.example.com: a"},
      {"mail.example.com TXT v=spf1 a -all\nmail.example.com A 192.0.2.8", "mail.example.com: -all"},
      {"", "mail.example.com: no SPF record"},
      {"mail.example.com TXT v=spf1", "mail.example.com: nothing matches"},
      {"mail.example.com TXT v=spf1 include:x.example -all\nx.example TXT v=spf1 ip4:192.0.2.0/24",
       "mail.example.com: include:x.example -> ip4:192.0.2.0/24"},
      {"mail.example.com TXT v=spf1 redirect=x.example\nx.example TXT v=spf1 ~all",
       "mail.example.com: redirect=x.example -> ~all"},
      {"mail.example.com TXT v=spf1 include:x.example -all", "mail.example.com: include:x.example -> no SPF record"},
      {"mail.example.com TXT v=spf1 a -all\nmail.example.com A SERVFAIL",
       "mail.example.com: a -> A of mail.example.com: servfail"},
      {"mail.example.com TXT v=spf1 -all \x7f", "mail.example.com: octet 13: \"\\x7f\" is no mechanism"},
      {"mail.example.com TXT v=spf1\nmail.example.com TXT v=spf1 a", "mail.example.com: more than one SPF record"},
      {"mail.example.com TXT v=spf1 ptr -all\n192.0.2.7 PTR TIMEOUT",
       "mail.example.com: -all, but the client's reverse DNS could not be looked up"},
  };
  for (const auto& [zone, why] : rows) EXPECT_EQ(SpfZone(zone).Evaluate(kClient, kHelo).evaluation.why, why) << zone;
  EXPECT_EQ(SpfZone("mail.example.com TXT v=spf1 include:x.example\nx.example TXT v=spf1 -all")
                .Evaluate(kClient, kHelo)
                .evaluation.record,
            "v=spf1 include:x.example");
}

}  // namespace
}  // namespace heloguard
