// DNS messages as bytes, read with nothing taken on trust.
//
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/dns.h"

namespace heloguard {

// What a response says about one question.
struct PacketAnswer {
  DnsStatus status = DnsStatus::kServFail;  // kAnswer, kNoData, kNxDomain, or kServFail for every other rcode
  std::vector<DnsRecord> data;              // sorted, without doubles; empty unless kAnswer
  std::uint32_t ttl = 0;                    // the smallest used, CNAMEs on the way included; a denial's from its SOA
};

// Reads a response to `question`, following CNAME and DNAME inside the answer section. nullopt for a packet that is
// malformed, truncated, no response, an answer to another question, or at odds with itself.
[[nodiscard]] std::optional<PacketAnswer> ParsePacket(std::string_view packet, const DnsQuestion& question);

// `name` as presentation text (RFC 1035 section 5.1) that asks for exactly its labels: everything but letters, digits,
// hyphen and underscore as \DDD, with a final dot.
[[nodiscard]] std::string PresentationText(const DomainName& name);

}  // namespace heloguard
