// What is said of a client's reverse DNS in which situation, word by word. RFC 8601 section 3.
#include <gtest/gtest.h>

#include <algorithm>

#include "diagnosis_situations.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

std::vector<Situation> NothingToSay() {
  const Book clean{{Ptr(kV4), Names({"mail.corp.com"})}, {A("mail.corp.com"), Addresses({kV4})}};
  return {
      {"nothing looked up", kV4, "mail.corp.com", {}, {}},
      {"not asked", kV4, "mail.corp.com", {{Ptr(kV4), End(DnsStatus::kNotAsked)}}, {}},
      {"all right, nothing signed", kV4, "mail.corp.com", clean + Said("mail.corp.com", Addresses({kV4}), kNone), {}},
      {"no HELO yet", kV4, "", clean, {}},
      {"a literal", kV4, "[192.0.2.7]", clean, {}},
      {"HELO of the same organisation", kV4, "out.corp.com", clean + Said("out.corp.com", Addresses({kV4}), kNone), {}},
      {"one PTR name of two leads back",
       kV4,
       "mail.corp.com",
       Book{{Ptr(kV4), Names({"mail.corp.com", "old.corp.com"})}, {A("old.corp.com"), kGone}} +
           Said("mail.corp.com", Addresses({kV4}), kNone),
       {}},
      {"the other PTR name cannot be looked up: one is enough",
       kV4,
       "mail.corp.com",
       Book{{Ptr(kV4), Names({"mail.corp.com", "old.corp.com"})}, {A("old.corp.com"), kServFail}} +
           Said("mail.corp.com", Addresses({kV4}), kNone),
       {}},
      {"null MX",
       kV4,
       "mail.corp.com",
       clean + Said("mail.corp.com", Addresses({kV4}), kNone, Data({MxRecord{0, DomainName()}})),
       {}},
      {"HELO addresses not all looked up", kV4, "out.corp.com", clean + Book{{A("out.corp.com"), kGone}}, {}},
  };
}

std::vector<Situation> Reverse() {
  const std::string no_ptr =
      "! 7.2.0.192.in-addr.arpa. PTR: 192.0.2.7 has no reverse DNS: whoever runs the address block has to publish "
      "\"7.2.0.192.in-addr.arpa. PTR <name of the server>\".";
  return {
      {"no such name", kV4, "", {{Ptr(kV4), kGone}}, {no_ptr}},
      {"no such record", kV4, "", {{Ptr(kV4), kNone}}, {no_ptr}},
      {"no PTR over IPv6",
       kV6,
       "",
       {{Ptr(kV6), kGone}},
       {"! " + kV6Owner + " PTR: 2001:db8::7 has no reverse DNS: whoever runs the address block has to publish \"" +
        kV6Owner + " PTR <name of the server>\"."}},
      {"no PTR, and the HELO name shows which",
       kV4,
       "mail.corp.com",
       Book{{Ptr(kV4), kGone}} + Said("mail.corp.com", Addresses({kV4}), kNone),
       {"! 7.2.0.192.in-addr.arpa. PTR: 192.0.2.7 has no reverse DNS: whoever runs the address block has to publish "
        "\"7.2.0.192.in-addr.arpa. PTR mail.corp.com.\"."}},
      {"timeout",
       kV4,
       "",
       {{Ptr(kV4), kTimeout}},
       {"? 7.2.0.192.in-addr.arpa. PTR: No answer about the reverse DNS of 192.0.2.7 came in time: whoever runs the "
        "address block has to see to its name servers, unless our own resolver is slow."}},
      {"SERVFAIL",
       kV4,
       "",
       {{Ptr(kV4), kServFail}},
       {"? 7.2.0.192.in-addr.arpa. PTR: There is no usable answer about the reverse DNS of 192.0.2.7 (SERVFAIL): "
        "whoever runs "
        "the address block has to see to its name servers and CNAME records, unless our own resolver is at fault."}},
      {"bogus",
       kV4,
       "",
       {{Ptr(kV4),
         Bogus("validation failure <7.2.0.192.in-addr.arpa. PTR IN>: signature expired for key isp.net. while")}},
       {"? 7.2.0.192.in-addr.arpa. PTR: DNSSEC validation of the reverse DNS of 192.0.2.7 fails (signature expired for "
        "key isp.net. while): whoever runs isp.net has to sign the zone anew or put right its DS record at the parent, "
        "unless our own clock or trust anchor is wrong."}},
  };
}

std::vector<Situation> Forward() {
  const Book ptr{{Ptr(kV4), Names({"mail.corp.com"})}};
  const std::string mend =
      "whoever runs corp.com has to publish \"mail.corp.com. A 192.0.2.7\", or whoever runs the address block has to "
      "make the PTR record name the host that has 192.0.2.7.";
  const std::string a = "! mail.corp.com. A: The PTR name mail.corp.com ";
  return {
      {"does not exist", kV4, "", ptr + Book{{A("mail.corp.com"), kGone}}, {a + "does not exist in DNS: " + mend}},
      {"other family only", kV4, "", ptr + Book{{A("mail.corp.com"), kNone}}, {a + "has no IPv4 address: " + mend}},
      {"another address",
       kV4,
       "",
       ptr + Book{{A("mail.corp.com"), Addresses({"192.0.2.10"})}},
       {a + "has the address 192.0.2.10, not 192.0.2.7: " + mend}},
      {"many other addresses",
       kV4,
       "",
       ptr + Book{{A("mail.corp.com"),
                   Addresses({"192.0.2.10", "192.0.2.11", "192.0.2.12", "192.0.2.13", "192.0.2.14"})}},
       {a + "has the addresses 192.0.2.10, 192.0.2.11, 192.0.2.12 and 2 more, not 192.0.2.7: " + mend}},
      {"another address over IPv6",
       kV6,
       "",
       {{Ptr(kV6), Names({"mail.corp.com"})}, {Aaaa("mail.corp.com"), kNone}},
       {"! mail.corp.com. AAAA: The PTR name mail.corp.com has no IPv6 address: whoever runs corp.com has to publish "
        "\"mail.corp.com. AAAA 2001:db8::7\", or whoever runs the address block has to make the PTR record name the "
        "host that has 2001:db8::7."}},
      {"the HELO name is the PTR name: told once",
       kV4,
       "mail.corp.com",
       ptr + Said("mail.corp.com", Addresses({"192.0.2.10"}), kNone),
       {"! mail.corp.com. A: The PTR and HELO name mail.corp.com has the address 192.0.2.10, not 192.0.2.7: " + mend}},
      {"the HELO name leads back: the PTR record is the one that is off",
       kV4,
       "out.corp.com",
       ptr + Book{{A("mail.corp.com"), kGone}} + Said("out.corp.com", Addresses({kV4}), kNone),
       {"! 7.2.0.192.in-addr.arpa. PTR: The PTR name mail.corp.com does not exist in DNS: whoever runs the address "
        "block has to publish \"7.2.0.192.in-addr.arpa. PTR out.corp.com.\"."}},
      {"several, none leads back, the first usable one is mended",
       kV4,
       "",
       {{Ptr(kV4), Names({"localhost", "mail.corp.com", "old.corp.com"})},
        {A("localhost"), Addresses({"127.0.0.1"})},
        {A("mail.corp.com"), kGone},
        {A("old.corp.com"), kGone}},
       {"! mail.corp.com. A: None of the 3 PTR names of 192.0.2.7 has this address: " + mend}},
  };
}

std::vector<Situation> UnusablePtrNames() {
  const std::string replace =
      "whoever runs the address block has to publish \"7.2.0.192.in-addr.arpa. PTR <name of the server>\".";
  const std::string not_full = "\", which is not a full host name of the public DNS: ";
  return {
      {"localhost",
       kV4,
       "",
       {{Ptr(kV4), Names({"localhost"})}, {A("localhost"), Addresses({"127.0.0.1"})}},
       {"! 7.2.0.192.in-addr.arpa. PTR: The PTR record of 192.0.2.7 gives \"localhost" + not_full + replace}},
      {"a name of the house",
       kV4,
       "",
       {{Ptr(kV4), Names({"mail.office.lan"})}, {A("mail.office.lan"), kGone}},
       {"! 7.2.0.192.in-addr.arpa. PTR: The PTR record of 192.0.2.7 gives \"mail.office.lan" + not_full + replace}},
      {"a single label",
       kV4,
       "",
       {{Ptr(kV4), Names({"server"})}, {A("server"), kGone}},
       {"! 7.2.0.192.in-addr.arpa. PTR: The PTR record of 192.0.2.7 gives \"server" + not_full + replace}},
      {"the root",
       kV4,
       "",
       {{Ptr(kV4), Names({"."})}, {A("."), kNone}},
       {"! 7.2.0.192.in-addr.arpa. PTR: The PTR record of 192.0.2.7 gives \"." + not_full + replace}},
      {"no top-level domain",
       kV4,
       "",
       {{Ptr(kV4), Names({"mail.corp.invalidtld"})}, {A("mail.corp.invalidtld"), kGone}},
       {"! 7.2.0.192.in-addr.arpa. PTR: The PTR record of 192.0.2.7 gives \"mail.corp.invalidtld" + not_full +
        replace}},
      {"no host name",
       kV4,
       "",
       {{Ptr(kV4), Names({"a b\r\n\"%s\x80.corp.com"})}, {A("a b\r\n\"%s\x80.corp.com"), kGone}},
       {"! 7.2.0.192.in-addr.arpa. PTR: The PTR record of 192.0.2.7 gives \"a\\x20b\\x0d\\x0a\"%s\\x80.corp.com" +
        not_full + replace}},
      {"several, none usable",
       kV4,
       "",
       {{Ptr(kV4), Names({"localhost", "server"})}, {A("localhost"), Addresses({"127.0.0.1"})}, {A("server"), kGone}},
       {"! 7.2.0.192.in-addr.arpa. PTR: None of the 2 PTR names of 192.0.2.7 is a full host name of the public DNS: " +
        replace}},
  };
}

std::vector<Situation> ForwardUnsettled() {
  const Book ptr{{Ptr(kV4), Names({"mail.corp.com"})}};
  return {
      {"SERVFAIL",
       kV4,
       "",
       ptr + Book{{A("mail.corp.com"), kServFail}},
       {"? mail.corp.com. A: There is no usable answer about the PTR name mail.corp.com (SERVFAIL): whoever runs "
        "corp.com has to "
        "see to its name servers and CNAME records, unless our own resolver is at fault."}},
      {"the HELO name is the same: told once",
       kV4,
       "mail.corp.com",
       ptr + Said("mail.corp.com", kServFail, kServFail, kServFail),
       {"? mail.corp.com. A: There is no usable answer about the PTR name mail.corp.com (SERVFAIL): whoever runs "
        "corp.com has to "
        "see to its name servers and CNAME records, unless our own resolver is at fault."}},
      {"bogus",
       kV4,
       "",
       ptr + Book{{A("mail.corp.com"), Bogus("")}},
       {"? mail.corp.com. A: DNSSEC validation of the PTR name mail.corp.com fails: whoever runs corp.com has to sign "
        "the zone anew or put right its DS record at the parent, unless our own clock or trust anchor is wrong."}},
      {"one leads elsewhere, two are silent: nothing is wrong yet",
       kV4,
       "",
       {{Ptr(kV4), Names({"a.corp.com", "b.corp.com", "c.host.net"})},
        {A("a.corp.com"), Addresses({"192.0.2.10"})},
        {A("b.corp.com"), kTimeout},
        {A("c.host.net"), kTimeout}},
       {"? b.corp.com. A: No answer about the PTR names b.corp.com and c.host.net came in time: whoever runs corp.com "
        "and host.net has to see to its name servers, unless our own resolver is slow."}},
      {"more names than are looked at",
       kV4,
       "",
       {{Ptr(kV4), Names({"a.corp.com", "b.corp.com", "c.corp.com"})},
        {A("a.corp.com"), kGone},
        {A("b.corp.com"), kGone}},
       {"? 7.2.0.192.in-addr.arpa. PTR: 192.0.2.7 has 3 PTR records, and only 2 of their names were looked up: one is "
        "enough, and whoever runs the address block should leave only \"7.2.0.192.in-addr.arpa. PTR <name of the "
        "server>\"."}},
      {"more names than are looked at, one of them leads back",
       kV4,
       "",
       {{Ptr(kV4), Names({"a.corp.com", "b.corp.com"})}, {A("a.corp.com"), Addresses({kV4})}},
       {"- 7.2.0.192.in-addr.arpa. PTR: 192.0.2.7 has 2 PTR records, and only 1 of their names were looked up: one is "
        "enough, and whoever runs the address block should leave only \"7.2.0.192.in-addr.arpa. PTR a.corp.com.\"."}},
  };
}

TEST(Diagnosis, NothingIsSaidWhereNothingIsWrong) { ExpectLines(NothingToSay()); }
TEST(Diagnosis, ReverseRecord) { ExpectLines(Reverse()); }
TEST(Diagnosis, PtrNames) { ExpectLines(Forward()); }
TEST(Diagnosis, PtrNamesNobodyCanGiveAnAddress) { ExpectLines(UnusablePtrNames()); }
TEST(Diagnosis, PtrNamesThatAreNotSettled) { ExpectLines(ForwardUnsettled()); }

// Long names of any octets, many of them, long reasons: sentences stay short, printable and few.
TEST(Diagnosis, HostileNamesAndReasonsAreEscapedAndCut) {
  std::string wire;
  for (unsigned label = 0; label < 4; ++label) wire += '\x3c' + std::string(60, static_cast<char>(0xff - label));
  const DomainName hostile = DomainName::FromWire(wire + '\0').value();
  Book book{{Ptr(kV4), Data({hostile})}, {{hostile, RecordType::kA}, Bogus(std::string(5000, 'x'))}};
  for (const DnsAnswer& forward : {Bogus(std::string(5000, 'x')), kServFail, kGone, Addresses({"192.0.2.10"})}) {
    book.back().second = forward;
    const auto findings = Found(Inputs(kV4, ""), book);
    const std::string text = findings.size() == 1 ? findings[0].text : "";
    EXPECT_LT(text.size(), 700U);
    EXPECT_EQ(std::ranges::find_if(text, [](char c) { return c < ' ' || c > '~'; }), text.end());
    EXPECT_NE(text.find("\\xff..."), std::string::npos) << text;  // never cut inside an escape
  }
}

}  // namespace
}  // namespace heloguard
