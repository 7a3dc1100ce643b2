// The packet reader on good and broken packets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "packet_text.h"

namespace heloguard {
namespace {

using namespace heloguard::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DnsPacket, AddressesAreSortedWithoutDoublesAndWithTheSmallestTtl) {
  Packet packet(A("mail.example.com"));
  packet.Answer(Record(Pointer(12), 1, 300, Ip4("192.0.2.9")))
      .Answer(Record(Pointer(12), 1, 60, Ip4("192.0.2.1")))
      .Answer(Record(Pointer(12), 1, 300, Ip4("192.0.2.9")));
  const auto answer = packet.Parsed();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, DnsStatus::kAnswer);
  EXPECT_THAT(Texts(*answer), ElementsAre("192.0.2.1", "192.0.2.9"));
  EXPECT_EQ(answer->ttl, 60U);
}

TEST(DnsPacket, EveryTypeIsRead) {
  Packet aaaa(Aaaa("mail.example.com"));
  aaaa.Answer(Record(Pointer(12), 28, 5, Ip4("2001:db8::1")));
  EXPECT_THAT(Texts(aaaa.Parsed().value()), ElementsAre("2001:db8::1"));

  Packet ptr(Ptr("192.0.2.1"));
  ptr.Answer(Record(Pointer(12), 12, 5, Wire("b.example.com")))
      .Answer(Record(Pointer(12), 12, 5, std::string(1, '\0')));
  EXPECT_THAT(Texts(ptr.Parsed().value()), ElementsAre(".", "b.example.com."));

  Packet mx(Mx("example.com"));
  mx.Answer(Record(Pointer(12), 15, 5,
                   U16(20) +
                       std::string("\x01"
                                   "a") +
                       Pointer(12)))
      .Answer(Record(Pointer(12), 15, 5,
                     U16(5) +
                         std::string("\x01"
                                     "z") +
                         Pointer(12)));
  EXPECT_THAT(Texts(mx.Parsed().value()), ElementsAre("5 z.example.com.", "20 a.example.com."));
}

TEST(DnsPacket, TheStringsOfATextAreRunTogether) {
  Packet packet(Txt("example.com"));
  packet
      .Answer(Record(Pointer(12), kTxt, 5, CharacterString("v=spf1 ") + CharacterString("") + CharacterString("-all")))
      .Answer(Record(Pointer(12), kTxt, 5, CharacterString("")))
      .Answer(Record(Pointer(12), kTxt, 5, CharacterString(std::string("\"\0\r\xff", 4))));
  EXPECT_THAT(Texts(packet.Parsed().value()), ElementsAre("\"\"", "\"\\x22\\x00\\x0d\\xff\"", "\"v=spf1 -all\""));
}

// Which of them is SPF, and how much of it is read, is SPF's business.
TEST(DnsPacket, TextsAreHandedOnWhole) {
  const std::string spf = LongText(kMaxTxtOctets);
  Packet packet(Txt("example.com"));
  packet.Answer(Record(Pointer(12), kTxt, 5, CharacterString("site-verification=") + CharacterString("abc")))
      .Answer(Record(Pointer(12), kTxt, 5, spf));
  const auto texts = packet.Parsed().value().data;
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(std::get<TxtRecord>(texts[0]).text, "site-verification=abc");
  EXPECT_EQ(std::get<TxtRecord>(texts[1]).text, std::string(kMaxTxtOctets, 'x'));
  EXPECT_EQ(std::get<TxtRecord>(texts[1]).text.capacity(), kMaxTxtOctets) << "no more memory than text";
}

// Two records that read alike may be cut into strings differently: they are two, and two SPF records are one too many.
TEST(DnsPacket, TextsThatReadAlikeStaySeveral) {
  Packet packet(Txt("example.com"));
  packet.Answer(Record(Pointer(12), kTxt, 5, CharacterString("v=spf1 -all")))
      .Answer(Record(Pointer(12), kTxt, 5, CharacterString("v=spf1 ") + CharacterString("-all")));
  EXPECT_THAT(Texts(packet.Parsed().value()), ElementsAre("\"v=spf1 -all\"", "\"v=spf1 -all\""));
}

TEST(DnsPacket, ATextWhoseStringsDoNotFillItIsMalformed) {
  for (const std::string& rdata : {std::string(), CharacterString("abc").substr(0, 3), std::string("\x05") + "ab",
                                   CharacterString("abc") + std::string("\xff")}) {
    Packet packet(Txt("example.com"));
    packet.Answer(Record(Pointer(12), kTxt, 5, rdata)).Answer(Record(Pointer(12), kTxt, 5, CharacterString("good")));
    EXPECT_FALSE(packet.Parsed()) << rdata.size();
  }
}

TEST(DnsPacket, SignaturesAndOtherClassesAreNoData) {
  Packet packet(A("mail.example.com"));
  packet.Answer(Record(Pointer(12), kRrsig, 300, "whatever"))
      .Answer(Record(Pointer(12), 1, 300, Ip4("192.0.2.3"), 3))
      .Answer(Record(Wire("other.example.com"), 1, 1, Ip4("192.0.2.2")))
      .Answer(Record(Pointer(12), 1, 300, Ip4("192.0.2.1")));
  const auto answer = packet.Parsed();
  ASSERT_TRUE(answer);
  EXPECT_THAT(Texts(*answer), ElementsAre("192.0.2.1"));
  EXPECT_EQ(answer->ttl, 300U);
}

// RFC 2317: the PTR record stands behind a CNAME whose target may have a slash.
TEST(DnsPacket, AliasesAreFollowedAndTheirTtlCounts) {
  Packet packet(Ptr("192.0.2.130"));
  packet.Answer(Record(Wire("130.128/25.2.0.192.in-addr.arpa"), 12, 300, Wire("mail.example.com")))
      .Answer(Record(Pointer(12), kCname, 20, Wire("130.128/25.2.0.192.IN-ADDR.arpa")));
  const auto answer = packet.Parsed();
  ASSERT_TRUE(answer);
  EXPECT_THAT(Texts(*answer), ElementsAre("mail.example.com."));
  EXPECT_EQ(answer->ttl, 20U);
}

// RFC 6672: with and without the CNAME made from it.
TEST(DnsPacket, DnameIsFollowed) {
  const std::string dname = Record(Wire("old.example.com"), kDname, 30, Wire("new.example.net"));
  const std::string made = Record(Pointer(12), kCname, 300, Wire("a.b.new.example.net"));
  const std::string data = Record(Wire("a.b.new.example.net"), 1, 300, Ip4("192.0.2.1"));
  for (const bool with_cname : {true, false}) {
    Packet packet(A("a.b.old.example.com"));
    packet.Answer(dname);
    if (with_cname) packet.Answer(made);
    const auto answer = packet.Answer(data).Parsed();
    ASSERT_TRUE(answer);
    EXPECT_THAT(Texts(*answer), ElementsAre("192.0.2.1"));
    EXPECT_EQ(answer->ttl, 30U);
  }
}

TEST(DnsPacket, ADnameThatMakesTheNameTooLongIsMalformed) {
  const std::string label(63, 'x');
  Packet packet(A(label + "." + label + ".old.com"));
  packet.Answer(Record(Wire("old.com"), kDname, 30, Wire(label + "." + label + ".com")));
  EXPECT_FALSE(packet.Parsed());
}

TEST(DnsPacket, ADnameDoesNotCoverItsOwnOwner) {
  Packet packet(A("old.example.com"));
  packet.Answer(Record(Pointer(12), kDname, 30, Wire("new.example.net")));
  packet.Authority(Soa("example.com", 300, 60));
  EXPECT_EQ(packet.Parsed().value().status, DnsStatus::kNoData);
}

TEST(DnsPacket, LoopsEnd) {
  Packet self(A("a.example.com"));
  self.Answer(Record(Pointer(12), kCname, 30, Pointer(12)));
  EXPECT_FALSE(self.Parsed());

  Packet pair(A("a.example.com"));
  pair.Answer(Record(Pointer(12), kCname, 30, Wire("b.example.com")))
      .Answer(Record(Wire("b.example.com"), kCname, 30, Pointer(12)));
  EXPECT_FALSE(pair.Parsed());

  Packet growing(A("a.example.com"));
  growing.Answer(Record(Wire("example.com"), kDname, 30, Wire("x.example.com")));
  EXPECT_FALSE(growing.Parsed());
}

// Lame servers answer so, and it must not count as "has no such record".
TEST(DnsPacket, AnEmptyAnswerWithoutSoaSaysNothing) {
  EXPECT_EQ(Packet(A("mail.example.com")).Parsed().value().status, DnsStatus::kServFail);
  Packet referral(A("mail.example.com"));
  referral.Authority(Record(Wire("com"), kNs, 300, Wire("ns.example.com")));
  EXPECT_EQ(referral.Parsed().value().status, DnsStatus::kServFail);
}

// RFC 2308 section 5.
TEST(DnsPacket, DenialsTakeTheirTtlFromTheSoa) {
  struct Case {
    unsigned rcode;
    std::string soa;
    DnsStatus status;
    std::uint32_t ttl;
  };
  const std::vector<Case> cases{
      {0, Soa("example.com", 300, 60), DnsStatus::kNoData, 60},
      {0, Soa("example.com", 30, 60), DnsStatus::kNoData, 30},
      {3, Soa("example.com", 300, 60), DnsStatus::kNxDomain, 60},
      {3, Soa("example.com", 300, 0xFFFFFFFFU), DnsStatus::kNxDomain, 0},
      {3, Record(Wire("example.com"), kNs, 300, Wire("ns.example.com")), DnsStatus::kNxDomain, 0},
  };
  for (const Case& c : cases) {
    Packet packet(A("gone.example.com"), c.rcode);
    const auto answer = packet.Authority(c.soa).Parsed();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, c.status);
    EXPECT_EQ(answer->ttl, c.ttl);
    EXPECT_THAT(answer->data, IsEmpty());
  }
}

TEST(DnsPacket, AnAliasToNowhereIsTheTargetsDenial) {
  Packet packet(A("www.example.com"), 3);
  packet.Answer(Record(Pointer(12), kCname, 10, Wire("gone.example.com"))).Authority(Soa("example.com", 300, 60));
  const auto answer = packet.Parsed();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, DnsStatus::kNxDomain);
  EXPECT_EQ(answer->ttl, 10U);
}

TEST(DnsPacket, OtherRcodesSayNothingAboutTheName) {
  for (const unsigned rcode : {1U, 2U, 4U, 5U, 6U, 9U, 15U}) {
    Packet packet(A("a.example.com"), rcode);
    packet.Answer(Record(Pointer(12), 1, 300, Ip4("192.0.2.1")));
    const auto answer = packet.Parsed();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, DnsStatus::kServFail);
    EXPECT_THAT(answer->data, IsEmpty());
  }
}

TEST(DnsPacket, DataAndANameErrorContradictEachOther) {
  Packet packet(A("a.example.com"), 3);
  packet.Answer(Record(Pointer(12), 1, 300, Ip4("192.0.2.1")));
  EXPECT_FALSE(packet.Parsed());
}

TEST(DnsPacket, NotTheAnswerToThisQuestion) {
  const Packet packet(A("a.example.com"));
  EXPECT_TRUE(ParsePacket(packet.Bytes(), A("A.EXAMPLE.com")));
  EXPECT_FALSE(ParsePacket(packet.Bytes(), A("b.example.com")));
  EXPECT_FALSE(ParsePacket(packet.Bytes(), Aaaa("a.example.com")));
  for (const unsigned flags : {0x0180U /* a query */, 0x8380U /* truncated */, 0xA180U /* opcode 4 */}) {
    Packet odd(A("a.example.com"));
    odd.flags = flags;
    EXPECT_FALSE(odd.Parsed()) << std::hex << flags;
  }
  const std::string question = Wire("a.example.com") + U16(1) + U16(1);
  EXPECT_FALSE(ParsePacket(Header(0x8180, 0, 0, 0), A("a.example.com")));
  EXPECT_FALSE(ParsePacket(Header(0x8180, 2, 0, 0) + question + question, A("a.example.com")));
  EXPECT_FALSE(ParsePacket(Header(0x8180, 1, 0, 0) + Wire("a.example.com") + U16(1) + U16(3), A("a.example.com")));
}

TEST(PresentationText, AsksForExactlyTheseLabels) {
  EXPECT_EQ(PresentationText(DomainName()), ".");
  EXPECT_EQ(PresentationText(Name("mail-1.example_x.com")), "mail-1.example_x.com.");
  const auto odd =
      DomainName::FromWire(std::string("\x0A"
                                       "a.b\\ \0\r\xFF*/\x03"
                                       "com\0",
                                       16));
  EXPECT_EQ(PresentationText(odd.value()), "a\\046b\\092\\032\\000\\013\\255\\042\\047.com.");
}

}  // namespace
}  // namespace heloguard
