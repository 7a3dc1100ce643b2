// DNS messages as bytes, read with nothing taken on trust.
//
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/dns/dns.h"

namespace heloguard {

// An answer beyond one of these bounds is refused whole: to leave out some of it could turn a match into a mismatch, or
// two SPF records into one. The packet's own size bounds addresses.
// Compression lets a small packet hold names that take megabytes; no host needs more than this. PTR, MX and TXT
// records.
inline constexpr std::size_t kMaxAnswerRecords = 256;
// Text of one TXT record, twice the longest that SPF reads (spf.h), and of all in one answer.
inline constexpr std::size_t kMaxTxtOctets = 8'192;
inline constexpr std::size_t kMaxAnswerTxtOctets = 32'768;

// What a response says about one question.
struct PacketAnswer {
  DnsStatus status = DnsStatus::kServFail;  // kAnswer, kNoData, kNxDomain, or kServFail for every other rcode
  std::vector<DnsRecord> data;              // sorted; empty unless kAnswer. Without doubles, but for TXT:
                                            // two records may read alike and yet be cut into strings differently
  std::uint32_t ttl = 0;                    // the smallest used, CNAMEs on the way included; a denial's from its SOA
};

// Reads a response to `question`, following CNAME and DNAME inside the answer section. TXT records are handed on whole.
// nullopt for a packet that is malformed, truncated, no response, an answer to another question, at odds with itself,
// or beyond the bounds above.
[[nodiscard]] std::optional<PacketAnswer> ParsePacket(std::string_view packet, const DnsQuestion& question);

// What a response to any question holds, at a glance.
struct PacketGlance {
  unsigned rcode = 0;
  bool has_records = false;    // of the name and type asked for
  bool has_signature = false;  // an RRSIG, among answer or authority
};

// nullopt as for ParsePacket, as far as headers of records go: their data is not looked at.
[[nodiscard]] std::optional<PacketGlance> GlanceAtPacket(std::string_view packet, const DomainName& name,
                                                         std::uint16_t type);

// `name` as presentation text (RFC 1035 section 5.1) that asks for exactly its labels: everything but letters, digits,
// hyphen and underscore as \DDD, with a final dot.
[[nodiscard]] std::string PresentationText(const DomainName& name);

}  // namespace heloguard
