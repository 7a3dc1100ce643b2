// Packets octet by octet, for the tests of their reader. Offsets are spelled out where compression matters.
#pragma once

#include <algorithm>

#include "adapters/unbound/dns_packet.h"
#include "dns_text.h"

namespace heloguard::testing {

inline constexpr int kCname = 5, kNs = 2, kSoa = 6, kTxt = 16, kDname = 39, kRrsig = 46;

inline std::string U16(unsigned value) {
  return {static_cast<char>(value >> 8U & 0xFFU), static_cast<char>(value & 0xFFU)};
}
inline std::string U32(std::uint32_t value) { return U16(value >> 16U) + U16(value & 0xFFFFU); }
inline std::string Wire(std::string_view name) { return Name(name).ToWire(); }
inline std::string Pointer(unsigned offset) { return U16(0xC000U | offset); }

inline std::string Header(unsigned flags, unsigned questions, unsigned answers, unsigned authorities) {
  return U16(0x1234) + U16(flags) + U16(questions) + U16(answers) + U16(authorities) + U16(0);
}
inline std::string Record(const std::string& owner, int type, std::uint32_t ttl, const std::string& rdata,
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

inline std::string Soa(std::string_view zone, std::uint32_t ttl, std::uint32_t minimum) {
  return Record(Wire(zone), kSoa, ttl,
                Wire("ns.example.com") + Wire("host.example.com") + U32(1) + U32(2) + U32(3) + U32(4) + U32(minimum));
}
inline std::string Ip4(std::string_view ip) {
  const IpAddress address = Ip(ip);
  std::string bytes;
  for (const std::uint8_t octet : address.bytes()) bytes += static_cast<char>(octet);
  return bytes;
}

// The rdata of TXT: one string of at most 255 octets, and as many as it takes for `octets` of text.
inline std::string CharacterString(std::string_view text) { return static_cast<char>(text.size()) + std::string(text); }
inline std::string LongText(std::size_t octets) {
  std::string rdata;
  for (std::size_t left = octets; left > 0; left -= std::min<std::size_t>(left, 255)) {
    rdata += CharacterString(std::string(std::min<std::size_t>(left, 255), 'x'));
  }
  return rdata;
}

inline std::vector<std::string> Texts(const PacketAnswer& answer) {
  std::vector<std::string> texts;
  for (const DnsRecord& record : answer.data) texts.push_back(ToText(record));
  return texts;
}

}  // namespace heloguard::testing
