// Reads DNS responses: RFC 1035 section 4 (messages, compression), RFC 2308 (denials), RFC 6672 (DNAME).
// The bytes come from strangers: every length is checked, names are bounded, pointers only lead backwards.
// Knows nothing of libunbound, sockets or DNSSEC. Tests: tests/unit/adapters/unbound/dns_packet_test.cc,
// tests/fuzz/fuzz_dns_packet.cc.
#include "adapters/unbound/dns_packet.h"

#include <algorithm>
#include <span>
#include <tuple>

namespace heloguard {
namespace {

constexpr std::size_t kMaxWireName = 255;
constexpr int kMaxChain = 16;  // libunbound itself follows eleven
constexpr std::uint16_t kClassIn = 1;
constexpr std::uint16_t kTypeCname = 5;
constexpr std::uint16_t kTypeSoa = 6;
constexpr std::uint16_t kTypeDname = 39;
constexpr std::uint16_t kTypeRrsig = 46;

// A place in the packet that only moves forward. After a failed read `ok()` is false and stays so.
class Reader {
 public:
  Reader(std::string_view packet, std::size_t at, std::size_t end) : packet_(packet), at_(at), end_(end) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool AtEnd() const { return at_ == end_; }
  [[nodiscard]] std::size_t at() const { return at_; }

  std::uint8_t U8() {
    if (!Need(1)) return 0;
    return static_cast<std::uint8_t>(packet_[at_++]);
  }
  std::uint16_t U16() {
    const unsigned high = U8();
    return static_cast<std::uint16_t>(high << 8U | U8());
  }
  std::uint32_t U32() {
    const std::uint32_t high = U16();
    return high << 16U | U16();
  }
  std::string_view Bytes(std::size_t count) {
    if (!Need(count)) return {};
    const std::string_view bytes = packet_.substr(at_, count);
    at_ += count;
    return bytes;
  }

  // One or more character-strings (RFC 1035 section 3.3.14) to the end, run together. Measured first: what is too long
  // takes no memory, and the rest no more than it needs.
  std::string Strings() {
    std::size_t octets = 0;
    for (Reader ahead = *this; ahead.ok() && !ahead.AtEnd();) octets += ahead.Bytes(ahead.U8()).size();
    std::string all;
    if (octets > kMaxTxtOctets) {
      ok_ = false;
      return all;
    }
    all.reserve(octets);
    do {
      all += Bytes(U8());
    } while (ok_ && !AtEnd());
    return all;
  }

  // A name, possibly compressed: the part in front of a pointer lies inside [at, end), what it points to anywhere
  // before. Each pointer leads in front of the piece it stands in, so that every walk ends.
  DomainName Name() {
    std::string wire;
    Reader piece = *this;
    std::size_t piece_start = at_;
    bool jumped = false;
    while (true) {
      const std::uint8_t length = piece.U8();
      if (length >= 0xC0) {
        const std::size_t target = (static_cast<std::size_t>(length & 0x3FU) << 8U) | piece.U8();
        if (!jumped) *this = piece;
        if (!piece.ok() || target >= piece_start) return Fail();
        piece = Reader(packet_, target, packet_.size());
        piece_start = target;
        jumped = true;
        continue;
      }
      if (length > 63) return Fail();  // the reserved label types
      wire += static_cast<char>(length);
      wire += piece.Bytes(length);
      if (!piece.ok() || wire.size() > kMaxWireName) return Fail();
      if (length == 0) break;
    }
    if (!jumped) *this = piece;
    const auto name = DomainName::FromWire(wire);
    return name ? *name : Fail();
  }

 private:
  bool Need(std::size_t count) {
    if (!ok_ || end_ - at_ < count) ok_ = false;
    return ok_;
  }
  DomainName Fail() {
    ok_ = false;
    return {};
  }

  std::string_view packet_;
  std::size_t at_;
  std::size_t end_;
  bool ok_ = true;
};

struct Record {
  DomainName owner;
  std::uint16_t type = 0;
  std::uint32_t ttl = 0;
  std::size_t rdata_start = 0;
  std::size_t rdata_end = 0;
};

struct Message {
  std::string_view packet;
  unsigned rcode = 0;
  std::vector<Record> answer;     // class IN only
  std::vector<Record> authority;  // likewise
};

// RFC 2181 section 8: a TTL with its highest bit set counts as zero.
std::uint32_t SaneTtl(std::uint32_t ttl) { return ttl > 0x7FFFFFFFU ? 0 : ttl; }

bool ReadSection(Reader& reader, unsigned count, std::vector<Record>* records) {
  for (unsigned i = 0; i < count; ++i) {
    Record record;
    record.owner = reader.Name();
    record.type = reader.U16();
    const std::uint16_t klass = reader.U16();
    record.ttl = SaneTtl(reader.U32());
    const std::uint16_t length = reader.U16();
    record.rdata_start = reader.at();
    reader.Bytes(length);
    record.rdata_end = reader.at();
    if (!reader.ok()) return false;
    if (klass == kClassIn) records->push_back(std::move(record));
  }
  return true;
}

// Header, question and the two sections that matter. What follows the authority section is not looked at.
std::optional<Message> ReadMessage(std::string_view packet, const DomainName& asked, std::uint16_t asked_type) {
  Reader reader(packet, 0, packet.size());
  reader.U16();  // id
  const std::uint16_t flags = reader.U16();
  const unsigned questions = reader.U16();
  const unsigned answers = reader.U16();
  const unsigned authorities = reader.U16();
  reader.U16();  // additional
  const bool response = (flags & 0x8000U) != 0;
  const bool standard_query = (flags & 0x7800U) == 0;
  const bool truncated = (flags & 0x0200U) != 0;
  if (!reader.ok() || !response || !standard_query || truncated || questions != 1) return std::nullopt;
  const DomainName name = reader.Name();
  const std::uint16_t type = reader.U16();
  const std::uint16_t klass = reader.U16();
  if (!reader.ok() || name != asked || type != asked_type || klass != kClassIn) return std::nullopt;
  Message message;
  message.packet = packet;
  message.rcode = flags & 0x0FU;
  if (!ReadSection(reader, answers, &message.answer)) return std::nullopt;
  if (!ReadSection(reader, authorities, &message.authority)) return std::nullopt;
  return message;
}

Reader RdataOf(const Message& message, const Record& record) {
  return {message.packet, record.rdata_start, record.rdata_end};
}

template <std::size_t N>
std::array<std::uint8_t, N> Octets(std::string_view bytes) {
  std::array<std::uint8_t, N> octets{};
  std::ranges::transform(bytes, octets.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return octets;
}

// The rdata of a record of one of our types; nullopt if it does not fill its length exactly.
std::optional<DnsRecord> ReadRdata(const Message& message, const Record& record, RecordType type) {
  Reader reader = RdataOf(message, record);
  DnsRecord data;
  switch (type) {
    case RecordType::kA: {
      const std::string_view bytes = reader.Bytes(4);
      if (reader.ok()) data = IpAddress::V4(Octets<4>(bytes));
      break;
    }
    case RecordType::kAaaa: {
      const std::string_view bytes = reader.Bytes(16);
      if (reader.ok()) data = IpAddress::V6(Octets<16>(bytes));
      break;
    }
    case RecordType::kPtr:
      data = reader.Name();
      break;
    case RecordType::kMx: {
      MxRecord mx;
      mx.preference = reader.U16();
      mx.exchange = reader.Name();
      data = std::move(mx);
      break;
    }
    case RecordType::kTxt:
      data = TxtRecord{reader.Strings()};
      break;
  }
  if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
  return data;
}

std::optional<DomainName> ReadTarget(const Message& message, const Record& record) {
  Reader reader = RdataOf(message, record);
  DomainName name = reader.Name();
  if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
  return name;
}

bool Less(const DnsRecord& a, const DnsRecord& b) {
  const auto* mx_a = std::get_if<MxRecord>(&a);
  const auto* mx_b = std::get_if<MxRecord>(&b);
  if (mx_a != nullptr && mx_b != nullptr) {
    return std::tie(mx_a->preference, mx_a->exchange) < std::tie(mx_b->preference, mx_b->exchange);
  }
  if (const auto* name_a = std::get_if<DomainName>(&a)) {
    const auto* name_b = std::get_if<DomainName>(&b);
    return name_b != nullptr && *name_a < *name_b;
  }
  if (const auto* txt_a = std::get_if<TxtRecord>(&a)) {
    const auto* txt_b = std::get_if<TxtRecord>(&b);
    return txt_b != nullptr && txt_a->text < txt_b->text;
  }
  const auto* address_a = std::get_if<IpAddress>(&a);
  const auto* address_b = std::get_if<IpAddress>(&b);
  return address_a != nullptr && address_b != nullptr && *address_a < *address_b;
}

// `name` with the ending `from` replaced by `to`, RFC 6672 section 2.2; nullopt if that is too long.
std::optional<DomainName> Substitute(const DomainName& name, const DomainName& from, const DomainName& to) {
  std::string wire;
  for (std::size_t i = 0; i < name.labels().size() - from.labels().size(); ++i) {
    wire += static_cast<char>(name.labels()[i].size());
    wire += name.labels()[i];
  }
  wire += to.ToWire();
  if (wire.size() > kMaxWireName) return std::nullopt;
  return DomainName::FromWire(wire);
}

enum class Step : std::uint8_t { kMoved, kEnd, kMalformed };

// One alias further: a CNAME of `name`, else a DNAME above it. The TTLs of both count, a DNAME's even if the packet
// has the CNAME made of it.
Step FollowAlias(const Message& message, DomainName* name, std::uint32_t* ttl) {
  const Record* cname = nullptr;
  const Record* dname = nullptr;
  for (const Record& record : message.answer) {
    if (record.type == kTypeCname && record.owner == *name && cname == nullptr) cname = &record;
    if (record.type == kTypeDname && record.owner != *name && name->IsAtOrUnder(record.owner)) dname = &record;
  }
  if (dname != nullptr) *ttl = std::min(*ttl, dname->ttl);
  if (cname != nullptr) *ttl = std::min(*ttl, cname->ttl);
  const Record* alias = cname != nullptr ? cname : dname;
  if (alias == nullptr) return Step::kEnd;
  const auto target = ReadTarget(message, *alias);
  if (!target) return Step::kMalformed;
  const auto next = cname != nullptr ? target : Substitute(*name, dname->owner, *target);
  if (!next) return Step::kMalformed;
  *name = *next;
  return Step::kMoved;
}

// RFC 2308 section 5: the smaller of the SOA's own TTL and its MINIMUM field. Without a SOA a denial is not kept.
std::optional<std::uint32_t> DenialTtl(const Message& message) {
  for (const Record& record : message.authority) {
    if (record.type != kTypeSoa) continue;
    Reader reader = RdataOf(message, record);
    reader.Name();     // mname
    reader.Name();     // rname
    reader.Bytes(16);  // serial, refresh, retry, expire
    const std::uint32_t minimum = SaneTtl(reader.U32());
    if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
    return std::min(record.ttl, minimum);
  }
  return 0;
}

bool HasSoa(const Message& message) {
  return std::ranges::any_of(message.authority, [](const Record& record) { return record.type == kTypeSoa; });
}

// An empty answer without SOA may be a denial (RFC 2308 section 2.2, type 3), but lame servers and those that know no
// better answer so too: it says nothing.
std::optional<PacketAnswer> Denial(const Message& message, DnsStatus status, std::uint32_t chain_ttl) {
  const auto ttl = DenialTtl(message);
  if (!ttl) return std::nullopt;
  if (status == DnsStatus::kNoData && !HasSoa(message)) return PacketAnswer{};
  return PacketAnswer{status, {}, std::min(*ttl, chain_ttl)};
}

// The records of `name` and of the type asked for. False if one of them is malformed, or they are too many.
bool Collect(const Message& message, const DnsQuestion& asked, PacketAnswer* answer) {
  std::size_t txt_octets = 0;
  for (const Record& record : message.answer) {
    if (record.type != static_cast<std::uint16_t>(asked.type) || record.owner != asked.name) continue;
    auto data = ReadRdata(message, record, asked.type);
    if (!data) return false;
    if (answer->data.size() == kMaxAnswerRecords && !std::holds_alternative<IpAddress>(*data)) return false;
    if (const auto* txt = std::get_if<TxtRecord>(&*data)) txt_octets += txt->text.size();
    if (txt_octets > kMaxAnswerTxtOctets) return false;
    answer->data.push_back(std::move(*data));
    answer->ttl = std::min(answer->ttl, record.ttl);
  }
  return true;
}

bool Plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::optional<PacketAnswer> ParsePacket(std::string_view packet, const DnsQuestion& question) {
  const auto message = ReadMessage(packet, question.name, static_cast<std::uint16_t>(question.type));
  if (!message) return std::nullopt;
  constexpr unsigned kNoError = 0;
  constexpr unsigned kNameError = 3;
  if (message->rcode != kNoError && message->rcode != kNameError) return PacketAnswer{};

  PacketAnswer answer;
  answer.ttl = 0x7FFFFFFFU;
  DnsQuestion asked = question;
  for (int hop = 0; hop < kMaxChain; ++hop) {
    if (!Collect(*message, asked, &answer)) return std::nullopt;
    if (!answer.data.empty()) {
      if (message->rcode == kNameError) return std::nullopt;  // it exists and does not exist
      std::ranges::sort(answer.data, Less);
      if (question.type != RecordType::kTxt) {
        answer.data.erase(std::unique(answer.data.begin(), answer.data.end()), answer.data.end());
      }
      answer.status = DnsStatus::kAnswer;
      return answer;
    }
    switch (FollowAlias(*message, &asked.name, &answer.ttl)) {
      case Step::kMalformed:
        return std::nullopt;
      case Step::kEnd: {
        const auto status = message->rcode == kNameError ? DnsStatus::kNxDomain : DnsStatus::kNoData;
        return Denial(*message, status, answer.ttl);
      }
      case Step::kMoved:
        break;
    }
  }
  return std::nullopt;  // a loop, or a chain nobody needs
}

std::optional<PacketGlance> GlanceAtPacket(std::string_view packet, const DomainName& name, std::uint16_t type) {
  const auto message = ReadMessage(packet, name, type);
  if (!message) return std::nullopt;
  const auto asked_for = [&](const Record& record) { return record.type == type && record.owner == name; };
  const auto signature = [](const Record& record) { return record.type == kTypeRrsig; };
  PacketGlance glance;
  glance.rcode = message->rcode;
  glance.has_records = std::ranges::any_of(message->answer, asked_for);
  glance.has_signature =
      std::ranges::any_of(message->answer, signature) || std::ranges::any_of(message->authority, signature);
  return glance;
}

std::string PresentationText(const DomainName& name) {
  if (name.empty()) return ".";
  std::string text;
  for (const std::string& label : name.labels()) {
    for (const char c : label) {
      if (Plain(c)) {
        text += c;
        continue;
      }
      const auto octet = static_cast<unsigned char>(c);
      text += '\\';
      text += static_cast<char>('0' + octet / 100);
      text += static_cast<char>('0' + octet / 10 % 10);
      text += static_cast<char>('0' + octet % 10);
    }
    text += '.';
  }
  return text;
}

}  // namespace heloguard
