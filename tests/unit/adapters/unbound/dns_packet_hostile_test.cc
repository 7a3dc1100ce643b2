// The packet reader on packets that lie about their lengths, point in circles or end too soon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "packet_text.h"

namespace heloguard {
namespace {

using namespace heloguard::testing;
using ::testing::ElementsAre;

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

// Nothing is left out of an answer that is too large: it is none.
TEST(DnsPacket, TextsBeyondTheBoundsAreRefusedWhole) {
  struct Case {
    std::size_t records;
    std::size_t octets;  // of text, each
    bool read;
  };
  const std::size_t in_full = kMaxAnswerTxtOctets / kMaxTxtOctets;
  for (const Case& c : {Case{1, kMaxTxtOctets, true}, Case{1, kMaxTxtOctets + 1, false}, Case{1, 65'000, false},
                        Case{in_full, kMaxTxtOctets, true}, Case{in_full + 1, kMaxTxtOctets, false},
                        Case{kMaxAnswerRecords, 1, true}, Case{kMaxAnswerRecords + 1, 1, false}}) {
    Packet packet(Txt("example.com"));
    for (std::size_t i = 0; i < c.records; ++i) packet.Answer(Record(Pointer(12), kTxt, 5, LongText(c.octets)));
    const auto answer = packet.Parsed();
    EXPECT_EQ(answer.has_value(), c.read) << c.records << " of " << c.octets;
    EXPECT_EQ(answer ? answer->data.size() : 0, c.read ? c.records : 0);
  }
}

// 65,535 strings without an octet of text between them.
TEST(DnsPacket, ATextOfEmptyStringsTakesNoMemory) {
  Packet packet(Txt("example.com"));
  packet.Answer(Record(Pointer(12), kTxt, 5, std::string(65'535, '\0')));
  const auto data = packet.Parsed().value().data;
  EXPECT_EQ(std::get<TxtRecord>(data.at(0)).text, "");
  EXPECT_LT(std::get<TxtRecord>(data.at(0)).text.capacity(), 16U);
}

// The bounds are the asked record's: what else lies in the packet is not read.
TEST(DnsPacket, OtherNamesLongTextsDoNoHarm) {
  Packet packet(Txt("example.com"));
  packet.Answer(Record(Wire("other.example"), kTxt, 5, LongText(kMaxTxtOctets + 1)))
      .Answer(Record(Pointer(12), kTxt, 5, CharacterString("v=spf1 -all")));
  EXPECT_THAT(Texts(packet.Parsed().value()), ElementsAre("\"v=spf1 -all\""));
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

}  // namespace
}  // namespace heloguard
