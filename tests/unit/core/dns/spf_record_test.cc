// SPF records as text: which there are (RFC 7208 section 4.5), and what is well formed (sections 4.6.1, 5, 6 and 12).
#include <gtest/gtest.h>

#include "dns_text.h"
#include "heloguard/dns/spf.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

// The terms of a record, in short; or "COLUMN: message".
std::string Read(std::string_view text) {
  const auto record = ParseSpfRecord(text);
  if (!record.ok()) return std::to_string(record.error().where.column) + ": " + record.error().message;
  std::string shown;
  for (const SpfTerm& term : record.value().terms) {
    shown += (shown.empty() ? "" : " ") + std::string(NameOf(term.result)) + "=" + std::string(NameOf(term.mechanism));
    if (!term.domain.empty()) shown += ":" + term.domain;
    if (term.mechanism == SpfMechanism::kIp4 || term.mechanism == SpfMechanism::kIp6) {
      shown += ":" + term.address.ToString();
    }
    if (term.prefix_v4 != 32) shown += "/" + std::to_string(term.prefix_v4);
    if (term.prefix_v6 != 128) shown += "//" + std::to_string(term.prefix_v6);
  }
  if (record.value().redirect) shown += " redirect:" + *record.value().redirect;
  if (record.value().explained) shown += " exp:" + *record.value().explained;
  return shown;
}

struct Row {
  std::string_view text;
  std::string_view shown;
};

TEST(SpfRecord, WellFormed) {
  const Row rows[] = {
      {"v=spf1", ""},
      {"v=spf1 ", ""},
      {"v=spf1   -all  ", "fail=all"},
      {"V=SPF1 +ALL", "pass=all"},
      {"v=spf1 ?all ~all -all all", "neutral=all softfail=all fail=all pass=all"},
      {"v=spf1 a", "pass=a"},
      {"v=spf1 a/24", "pass=a/24"},
      {"v=spf1 a//64", "pass=a//64"},
      {"v=spf1 a/24//64", "pass=a/24//64"},
      {"v=spf1 a/0//0", "pass=a/0//0"},
      {"v=spf1 a/32//128", "pass=a"},
      {"v=spf1 a:example.com", "pass=a:example.com"},
      {"v=spf1 a:example.com/24//64", "pass=a:example.com/24//64"},
      {"v=spf1 -mx:%{d}/24", "fail=mx:%{d}/24"},
      {"v=spf1 a:foo:bar/baz.example.com", "pass=a:foo:bar/baz.example.com"},
      {"v=spf1 a:%{d/}.example.com", "pass=a:%{d/}.example.com"},
      {"v=spf1 a:example.com.", "pass=a:example.com."},
      {"v=spf1 a:1-2.3-4", "pass=a:1-2.3-4"},
      {"v=spf1 ptr", "pass=ptr"},
      {"v=spf1 ptr:example.com", "pass=ptr:example.com"},
      {"v=spf1 ip4:192.0.2.0/24", "pass=ip4:192.0.2.0/24"},
      {"v=spf1 ip4:192.0.2.1/8", "pass=ip4:192.0.2.1/8"},
      {"v=spf1 ip6:2001:db8::/32", "pass=ip6:2001:db8:://32"},
      {"v=spf1 IP6:::1", "pass=ip6:::1"},
      {"v=spf1 exists:%{ir}.%{v}._spf.%{d2}", "pass=exists:%{ir}.%{v}._spf.%{d2}"},
      {"v=spf1 exists:%{i}%%%_%-", "pass=exists:%{i}%%%_%-"},
      {"v=spf1 include:_spf.example.com", "pass=include:_spf.example.com"},
      {"v=spf1 redirect=example.com", " redirect:example.com"},
      {"v=spf1 a ReDirect=%{d2}", "pass=a redirect:%{d2}"},
      {"v=spf1 exp=why.example.com", " exp:why.example.com"},
      {"v=spf1 moo.cow-far_out=man:dog/cat", ""},
      {"v=spf1 a=b", ""},  // a modifier, whatever it is called
      {"v=spf1 moo=", ""},
      {"v=spf1 moo=%{c}", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(Read(row.text), row.shown) << row.text;
}

// Section 4.6: a syntax error anywhere is a permerror, whether the term would be reached or not.
TEST(SpfRecord, MalformedWithTheColumn) {
  const Row rows[] = {
      {"", "1: a record begins with v=spf1 and a blank"},
      {"v=spf10", "1: a record begins with v=spf1 and a blank"},
      {"v=spf1\t-all", "1: a record begins with v=spf1 and a blank"},
      {"v=spf1 -all a:", "15: a domain is missing"},
      {"v=spf1 -all foo", "13: \"foo\" is no mechanism"},
      {"v=spf1 +redirect=example.com", "9: \"redirect=example.com\" is no mechanism"},
      {"v=spf1 --all", "9: \"-all\" is no mechanism"},
      {"v=spf1 all:example.com", "11: all takes nothing behind it"},
      {"v=spf1 all/8", "11: all takes nothing behind it"},
      {"v=spf1 all.", "8: \"all.\" is no mechanism"},
      {"v=spf1 -", "9: \"\" is no mechanism"},
      {"v=spf1 a/33", "9: a prefix length from 0 to 32 is wanted"},
      {"v=spf1 a/024", "9: a prefix length from 0 to 32 is wanted"},
      {"v=spf1 a//129", "10: a prefix length from 0 to 128 is wanted"},
      {"v=spf1 a/24//", "9: a colon is wanted behind a"},
      {"v=spf1 a:/24", "10: a domain is missing"},
      {"v=spf1 a:example.com/24x", "10: a domain ends in a dot and a top-level label, or in a macro"},
      {"v=spf1 a:example.com:8080", "10: a domain ends in a dot and a top-level label, or in a macro"},
      {"v=spf1 a:com", "10: a domain ends in a dot and a top-level label, or in a macro"},
      {"v=spf1 a:example.-com", "10: a domain ends in a dot and a top-level label, or in a macro"},
      {"v=spf1 a:192.0.2.1", "10: a domain ends in a dot and a top-level label, or in a macro"},
      {"v=spf1 a:%{d}com", "14: a domain ends in a dot and a top-level label, or in a macro"},
      {"v=spf1 a:example..", "10: a domain ends in a dot and a top-level label, or in a macro"},
      {"v=spf1 ptr:example.com/24", "12: a domain ends in a dot and a top-level label, or in a macro"},
      {"v=spf1 ptr/0", "11: a colon is wanted behind ptr"},
      {"v=spf1 include", "15: include wants a colon and what it is about"},
      {"v=spf1 include:", "16: a domain is missing"},
      {"v=spf1 include/24", "15: a colon is wanted behind include"},
      {"v=spf1 exists:", "15: a domain is missing"},
      {"v=spf1 ip4", "11: ip4 wants a colon and what it is about"},
      {"v=spf1 ip4:", "12: \"\" is no IPv4 address"},
      {"v=spf1 ip4:192.0.2", "12: \"192.0.2\" is no IPv4 address"},
      {"v=spf1 ip4:192.0.2.256", "12: \"192.0.2.256\" is no IPv4 address"},
      {"v=spf1 ip4:192.0.2.1:25", "12: \"192.0.2.1:25\" is no IPv4 address"},
      {"v=spf1 ip4:2001:db8::1", "12: \"2001:db8::1\" is no IPv4 address"},
      {"v=spf1 ip4:192.0.2.0/33", "21: a prefix length from 0 to 32 is wanted"},
      {"v=spf1 ip4:192.0.2.0/", "21: a prefix length from 0 to 32 is wanted"},
      {"v=spf1 ip4:192.0.2.0//24", "21: a prefix length from 0 to 32 is wanted"},
      {"v=spf1 ip6:192.0.2.1", "12: \"192.0.2.1\" is no IPv6 address"},
      {"v=spf1 ip6:fe80::1%eth0", "12: \"fe80::1%eth0\" is no IPv6 address"},
      {"v=spf1 ip6:2001:db8::/129", "22: a prefix length from 0 to 128 is wanted"},
      {"v=spf1 redirect=", "17: a domain is missing"},
      {"v=spf1 redirect=a.example redirect=b.example", "27: redirect= stands there twice"},
      {"v=spf1 exp=a.example EXP=b.example", "22: exp= stands there twice"},
      {"v=spf1 exp=", "12: a domain is missing"},
      {"v=spf1 exp=%{c}", "12: the macro c is for explanations only"},
      {"v=spf1 exists:%{r}", "15: the macro r is for explanations only"},
      {"v=spf1 exists:%{T}.example.com", "15: the macro t is for explanations only"},
      {"v=spf1 a:%abc.example.com", "11: % is followed by {, %, _ or -"},
      {"v=spf1 a:example.com%", "22: % is followed by {, %, _ or -"},
      {"v=spf1 a:%{a}", "12: no macro letter: those are s, l, o, d, i, p, v and h"},
      {"v=spf1 a:%{", "12: no macro letter: those are s, l, o, d, i, p, v and h"},
      {"v=spf1 a:%{d0}", "14: a macro keeps one part at least"},
      {"v=spf1 a:%{dr2}", "14: the macro is not closed by }, or has more than digits, r and delimiters"},
      {"v=spf1 a:%{d", "13: the macro is not closed by }, or has more than digits, r and delimiters"},
      {"v=spf1 a:%{d:}", "13: the macro is not closed by }, or has more than digits, r and delimiters"},
      {"v=spf1 moo=%abc", "13: % is followed by {, %, _ or -"},
      {"v=spf1 a:caf\xC3\xA9.example.com", "13: an octet that no domain-spec may have: \\xc3"},
      {"v=spf1 a\t-all", "8: \"a\\x09-all\" is no mechanism"},
      {"v=spf1 -all\r\n", "9: \"all\\x0d\\x0a\" is no mechanism"},
      {"v=spf1 moo=\x01", "12: an octet that no domain-spec may have: \\x01"},
      {"v=spf1 \xE2\x80\x8B-all", "8: \"\\xe2\\x80\\x8b-all\" is no mechanism"},
  };
  for (const Row& row : rows) EXPECT_EQ(Read(row.text), row.shown) << row.text;
}

TEST(SpfRecord, ALongOneIsReadAndATooLongOneIsNot) {
  std::string text = "v=spf1";
  while (text.size() + 20 < kMaxSpfRecord) text += " ip4:192.0.2.1";
  EXPECT_TRUE(ParseSpfRecord(text).ok());
  text.append(kMaxSpfRecord - text.size() + 1, ' ');
  const auto record = ParseSpfRecord(text);
  ASSERT_FALSE(record.ok());
  EXPECT_EQ(record.error().where.column, kMaxSpfRecord + 1);
}

TEST(SpfRecord, OnlyTextsWithTheVersionCount) {
  const DnsAnswer txt = Texts({"v=spf1 -all", "v=spf10 -all", "v=spf1", "V=sPf1 a", " v=spf1 a", "spf2.0/pra -all",
                               "google-site-verification=x", "v=spf1\xC2\xA0-all", "v=spf1-all", ""});
  EXPECT_EQ(SpfRecordsOf(txt), (std::vector<std::string_view>{"v=spf1 -all", "v=spf1", "V=sPf1 a"}));
  EXPECT_TRUE(SpfRecordsOf(End(DnsStatus::kNxDomain)).empty());
}

}  // namespace
}  // namespace heloguard
