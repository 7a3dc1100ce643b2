// Any bytes as a DNS response: no crash, no endless chain, and an answer that keeps its promises.
// The question is taken from the packet where it has one, so that the reader gets past comparing it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/unbound/dns_packet.h"

namespace {

using namespace heloguard;

void Require(bool holds) {
  if (!holds) std::abort();
}

DnsQuestion QuestionOf(std::string_view packet) {
  DnsQuestion question;
  std::size_t end = 12;
  while (end < packet.size() && packet[end] != 0) end += static_cast<std::uint8_t>(packet[end]) + 1U;
  if (end + 5 > packet.size()) return question;
  if (const auto name = DomainName::FromWire(packet.substr(12, end + 1 - 12))) question.name = *name;
  for (const RecordType type :
       {RecordType::kA, RecordType::kPtr, RecordType::kMx, RecordType::kTxt, RecordType::kAaaa}) {
    if (packet[end + 1] == 0 && packet[end + 2] == static_cast<char>(type)) question.type = type;
  }
  return question;
}

std::size_t KindOf(RecordType type) {
  switch (type) {
    case RecordType::kA:
    case RecordType::kAaaa:
      return 0;
    case RecordType::kPtr:
      return 1;
    case RecordType::kMx:
      return 2;
    case RecordType::kTxt:
      return 3;
  }
  return 4;
}

void CheckAnswer(const PacketAnswer& answer, RecordType type) {
  Require((answer.status == DnsStatus::kAnswer) != answer.data.empty());
  Require(answer.ttl <= 0x7FFFFFFFU);
  std::size_t txt_octets = 0;
  const bool addresses = type == RecordType::kA || type == RecordType::kAaaa;
  Require(addresses || answer.data.size() <= kMaxAnswerRecords);
  for (const DnsRecord& record : answer.data) {
    Require(record.index() == KindOf(type));
    if (const auto* txt = std::get_if<TxtRecord>(&record)) {
      Require(txt->text.size() <= kMaxTxtOctets);
      txt_octets += txt->text.size();
    }
    for (const char c : ToText(record)) Require(c >= ' ' && c <= '~');
  }
  Require(txt_octets <= kMaxAnswerTxtOctets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view packet(reinterpret_cast<const char*>(data), size);
  const DnsQuestion question = QuestionOf(packet);
  for (const char c : PresentationText(question.name)) Require(c > ' ' && c <= '~');
  if (const auto answer = ParsePacket(packet, question)) CheckAnswer(*answer, question.type);
  constexpr std::uint16_t kTypeDnskey = 48;
  if (const auto glance = GlanceAtPacket(packet, question.name, kTypeDnskey)) Require(glance->rcode < 16);
  return 0;
}
