// The packet reader on good, broken and hostile packets. Offsets are spelled out where compression matters.
#include "dns_packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns_text.h"
#include "heloguard/spf.h"

namespace heloguard {
namespace {

using namespace heloguard::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kCname = 5, kNs = 2, kSoa = 6, kTxt = 16, kDname = 39, kRrsig = 46;

std::string U16(unsigned value) { return {static_cast<char>(value >> 8U & 0xFFU), static_cast<char>(value & 0xFFU)}; }
std::string U32(std::uint32_t value) { return U16(value >> 16U) + U16(value & 0xFFFFU); }
std::string Wire(std::string_view name) { return Name(name).ToWire(); }
std::string Pointer(unsigned offset) { return U16(0xC000U | offset); }

std::string Header(unsigned flags, unsigned questions, unsigned answers, unsigned authorities) {
  return U16(0x1234) + U16(flags) + U16(questions) + U16(answers) + U16(authorities) + U16(0);
}
std::string Record(const std::string& owner, int type, std::uint32_t ttl, const std::string& rdata,
                   unsigned klass = 1) {
  return owner + U16(static_cast<unsigned>(type)) + U16(klass) + U32(ttl) + U16(static_cast<unsigned>(rdata.size())) +
         rdata;
}

// A response under construction: records are added behind the question, whose name stands at offset 12.
struct Packet {
  explicit Packet(DnsQuestion asked, unsigned rcode = 0) : question(std::move(asked)), flags(0x8180U | rcode) {}
  Packet& Answer(const std::string& record) {
    body.insert(answer_end, record);
    answer_end += record.size();
    ++answers;
    return *this;
  }
  Packet& Authority(const std::string& record) {
    body += record;
    ++authorities;
    return *this;
  }
  [[nodiscard]] std::string Bytes() const {
    return Header(flags, 1, answers, authorities) + question.name.ToWire() + U16(static_cast<unsigned>(question.type)) +
           U16(1) + body;
  }
  [[nodiscard]] std::optional<PacketAnswer> Parsed() const { return ParsePacket(Bytes(), question); }

  DnsQuestion question;
  unsigned flags;
  unsigned answers = 0;
  unsigned authorities = 0;
  std::string body;
  std::size_t answer_end = 0;
};

std::string Soa(std::string_view zone, std::uint32_t ttl, std::uint32_t minimum) {
  return Record(Wire(zone), kSoa, ttl,
                Wire("ns.example.com") + Wire("host.example.com") + U32(1) + U32(2) + U32(3) + U32(4) + U32(minimum));
}
std::string Ip4(std::string_view ip) {
  const IpAddress address = Ip(ip);
  std::string bytes;
  for (const std::uint8_t octet : address.bytes()) bytes += static_cast<char>(octet);
  return bytes;
}

std::vector<std::string> Texts(const PacketAnswer& answer) {
  std::vector<std::string> texts;
  for (const DnsRecord& record : answer.data) texts.push_back(ToText(record));
  return texts;
}

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

std::string CharacterString(std::string_view text) { return static_cast<char>(text.size()) + std::string(text); }

TEST(DnsPacket, TheStringsOfATextAreRunTogether) {
  Packet packet(Txt("example.com"));
  packet
      .Answer(Record(Pointer(12), kTxt, 5, CharacterString("v=spf1 ") + CharacterString("") + CharacterString("-all")))
      .Answer(Record(Pointer(12), kTxt, 5, CharacterString("")))
      .Answer(Record(Pointer(12), kTxt, 5, CharacterString(std::string("\"\0\r\xff", 4))));
  EXPECT_THAT(Texts(packet.Parsed().value()), ElementsAre("\"\"", "\"\\x22\\x00\\x0d\\xff\"", "\"v=spf1 -all\""));
}

// Whoever publishes long texts takes little memory with them.
TEST(DnsPacket, OfTextsThatAreNoSpfTheBeginningIsKept) {
  std::string spf = CharacterString("V=SPF1 ");
  while (spf.size() < kMaxSpfRecord + 300) spf += CharacterString(std::string(255, 'x'));
  Packet packet(Txt("example.com"));
  packet.Answer(Record(Pointer(12), kTxt, 5, CharacterString("site-verification=") + CharacterString("abc")))
      .Answer(Record(Pointer(12), kTxt, 5, spf));
  const auto texts = packet.Parsed().value().data;
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(std::get<TxtRecord>(texts[0]).text.size(), kMaxSpfRecord + 1);
  EXPECT_EQ(std::get<TxtRecord>(texts[1]).text, "site-v");
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

TEST(DnsPacket, WrongRdataLengths) {
  struct Case {
    DnsQuestion question;
    int type;
    std::string rdata;
  };
  const std::string name = Wire("x.example.com");
  const std::vector<Case> cases{
      {A("a.example.com"), 1, "123"},
      {A("a.example.com"), 1, "12345"},
      {A("a.example.com"), 1, ""},
      {Aaaa("a.example.com"), 28, "1234"},
      {Aaaa("a.example.com"), 28, "12345678901234567"},
      {Ptr("192.0.2.1"), 12, ""},
      {Ptr("192.0.2.1"), 12, name + "x"},
      {Ptr("192.0.2.1"), 12, name.substr(0, name.size() - 1)},
      {Ptr("192.0.2.1"), 12, "\xC0"},
      {Mx("a.example.com"), 15, "1"},
      {Mx("a.example.com"), 15, U16(1)},
      {Mx("a.example.com"), 15, U16(1) + name + "x"},
      {A("a.example.com"), kCname, name + "x"},
      {A("a.example.com"), kCname, ""},
  };
  for (const Case& c : cases) {
    Packet packet(c.question);
    // A record behind the broken one, so that reading past its end finds bytes.
    packet.Answer(Record(Pointer(12), c.type, 300, c.rdata)).Answer(Record(Pointer(12), kTxt, 300, name));
    EXPECT_FALSE(packet.Parsed()) << c.type << " with " << c.rdata.size() << " octets";
  }
}

TEST(DnsPacket, CompressionPointers) {
  const unsigned at = 12 + 24 + 4 + 12;  // rdata stands behind the question 1.2.0.192.in-addr.arpa and a record's head
  ASSERT_EQ(Wire("1.2.0.192.in-addr.arpa").size(), 24U);
  struct Case {
    std::string rdata;
    std::optional<std::string> name;
    const char* what;
  };
  const std::vector<Case> cases{
      {Pointer(12), "1.2.0.192.in-addr.arpa.", "to the question"},
      {std::string("\x01"
                   "x") +
           Pointer(14),
       "x.2.0.192.in-addr.arpa.", "into the question"},
      {Pointer(at), std::nullopt, "to itself"},
      {std::string("\x01"
                   "x") +
           Pointer(at),
       std::nullopt, "to its own start"},
      {Pointer(at + 2) + std::string("\x01"
                                     "x\0",
                                     3),
       std::nullopt, "forward"},
      {Pointer(0x3FFF), std::nullopt, "behind the packet"},
      {Pointer(0), std::nullopt, "into the header, whose bytes are no name"},
      {std::string("\x40"
                   "x\0",
                   3),
       std::nullopt, "label type 01"},
      {std::string("\x80"
                   "x\0",
                   3),
       std::nullopt, "label type 10"},
  };
  for (const Case& c : cases) {
    Packet packet(Ptr("192.0.2.1"));
    const auto answer = packet.Answer(Record(Pointer(12), 12, 300, c.rdata)).Parsed();
    ASSERT_EQ(answer.has_value(), c.name.has_value()) << c.what;
    if (!answer) continue;
    EXPECT_THAT(Texts(*answer), ElementsAre(*c.name)) << c.what;
  }
}

// Two records whose names point at each other: neither pointer may be followed forward.
TEST(DnsPacket, PointersInACircle) {
  Packet packet(A("a.example.com"));
  const unsigned first = 12 + 15 + 4;
  packet.Answer(Record(Pointer(first + 2 + 10 + 4), kTxt, 1, "text")).Answer(Record(Pointer(first), kTxt, 1, "text"));
  EXPECT_FALSE(packet.Parsed());
}

TEST(DnsPacket, NamesOverTheLimitAreMalformed) {
  // Each label list is legal by itself; together they pass 255 octets.
  std::string rdata;
  for (int i = 0; i < 4; ++i) rdata += std::string(1, '\x3F') + std::string(63, 'x');
  Packet packet(Ptr("192.0.2.1"));
  EXPECT_FALSE(packet.Answer(Record(Pointer(12), 12, 300, rdata + Pointer(12))).Parsed());
}

TEST(DnsPacket, EveryCutIsNoticed) {
  Packet packet(Mx("example.com"));
  packet.Answer(Record(Pointer(12), 15, 5, U16(20) + Wire("mail.example.com"))).Authority(Soa("example.com", 5, 5));
  const std::string bytes = packet.Bytes();
  ASSERT_TRUE(ParsePacket(bytes, packet.question));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(ParsePacket(std::string_view(bytes).substr(0, length), packet.question)) << length;
  }
}

TEST(DnsPacket, CountsThatPromiseMore) {
  const Packet packet(A("a.example.com"));
  std::string bytes = packet.Bytes();
  for (const std::size_t at : {6U, 8U}) {
    std::string more = bytes;
    more[at] = more[at + 1] = '\xFF';
    EXPECT_FALSE(ParsePacket(more, packet.question));
  }
}

// RFC 2181 section 8.
TEST(DnsPacket, TtlWithItsHighestBitIsZero) {
  Packet packet(A("a.example.com"));
  EXPECT_EQ(packet.Answer(Record(Pointer(12), 1, 0x80000001U, Ip4("192.0.2.1"))).Parsed().value().ttl, 0U);
}

TEST(DnsPacket, AtAGlance) {
  const std::string soa = Soa("example.com", 60, 60);
  const std::string signature = Record(Wire("example.com"), kRrsig, 60, "whatever");
  const auto glance = [](const std::string& answer, const std::string& authority, unsigned rcode) {
    const unsigned answers = answer.empty() ? 0 : 1;
    const std::string bytes = Header(0x8180U | rcode, 1, answers, authority.empty() ? 0 : 1) + Wire("example.com") +
                              U16(kSoa) + U16(1) + answer + authority;
    return GlanceAtPacket(bytes, Name("example.com"), kSoa);
  };
  const auto data = glance(soa, "", 0);
  ASSERT_TRUE(data);
  EXPECT_TRUE(data->has_records);
  EXPECT_FALSE(data->has_signature);
  const auto denial = glance("", signature, 3);
  ASSERT_TRUE(denial);
  EXPECT_EQ(denial->rcode, 3U);
  EXPECT_FALSE(denial->has_records);
  EXPECT_TRUE(denial->has_signature);
  EXPECT_TRUE(glance(signature, "", 0)->has_signature);
  EXPECT_FALSE(glance(Soa("example.net", 60, 60), "", 0)->has_records);  // of another name
  EXPECT_FALSE(glance(soa.substr(0, soa.size() - 1), "", 0));
  EXPECT_FALSE(GlanceAtPacket("", DomainName(), kSoa));
  EXPECT_FALSE(GlanceAtPacket(Packet(A("example.com")).Bytes(), Name("example.com"), kSoa));  // another question
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
