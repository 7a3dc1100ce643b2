// DNS questions and answers as the judging code sees them.
//
// Thread rule: values.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <string_view>
#include <vector>

#include "heloguard/base/domain_name.h"
#include "heloguard/base/enum_set.h"
#include "heloguard/base/ip_address.h"

namespace heloguard {

enum class RecordType : std::uint16_t { kA = 1, kPtr = 12, kMx = 15, kTxt = 16, kAaaa = 28 };
[[nodiscard]] std::string_view NameOf(RecordType type);

// How a lookup ended. kBogus is told apart from kServFail: the records exist but do not validate, which may be an
// attack, the owner's slip, or our own clock or anchor. kNotAsked: offline, over a cap, or resolver ill.
enum class DnsStatus : std::uint8_t { kAnswer, kNoData, kNxDomain, kTimeout, kServFail, kBogus, kNotAsked };
template <>
inline constexpr std::array<std::string_view, 7> EnumNames<DnsStatus>{
    "answer", "nodata", "nxdomain", "timeout", "servfail", "bogus", "not-asked"};

// RFC 4033 section 5. Indeterminate: no trust anchor covers the name, or validation is off.
enum class Dnssec : std::uint8_t { kSecure, kInsecure, kBogus, kIndeterminate };
template <>
inline constexpr std::array<std::string_view, 4> EnumNames<Dnssec>{"secure", "insecure", "bogus", "indeterminate"};

// Who answers a question. kHistory, what is remembered of a client or a name from earlier sessions, has no lookup yet.
enum class Source : std::uint8_t { kDns, kHistory };
template <>
inline constexpr std::array<std::string_view, 2> EnumNames<Source>{"dns", "history"};

// `source` comes from the lookup table: who makes a question by hand means DNS. Other sources go by the name alone.
struct DnsQuestion {
  DomainName name;
  RecordType type = RecordType::kA;
  Source source = Source::kDns;
  friend auto operator<=>(const DnsQuestion&, const DnsQuestion&) = default;
  friend bool operator==(const DnsQuestion&, const DnsQuestion&) = default;
};

struct MxRecord {
  std::uint16_t preference = 0;
  DomainName exchange;  // the root for a null MX (RFC 7505)
  friend bool operator==(const MxRecord&, const MxRecord&) = default;
};
// Its character-strings run together without a blank between, as SPF reads them (RFC 7208 section 3.3).
struct TxtRecord {
  std::string text;  // whole; hostile bytes, 65,535 at most (from packets less: dns_packet.h)
  friend bool operator==(const TxtRecord&, const TxtRecord&) = default;
};
// A and AAAA give an address, PTR a name, MX an MxRecord, TXT a TxtRecord.
using DnsRecord = std::variant<IpAddress, DomainName, MxRecord, TxtRecord>;
// As in a zone file, TXT in quotes and cut to 1,024 octets. Safe to show.
[[nodiscard]] std::string ToText(const DnsRecord& record);

struct DnsAnswer {
  DnsStatus status = DnsStatus::kNotAsked;
  Dnssec dnssec = Dnssec::kIndeterminate;  // of the answer or the denial, all CNAMEs on the way included
  std::vector<DnsRecord> data;             // of the type asked for, sorted; empty unless kAnswer. Bogus data is dropped
  std::uint32_t ttl = 0;                   // seconds; the smallest used; a denial's from its SOA
  std::chrono::microseconds elapsed{0};
  std::string why;                         // libunbound's reason for bogus, "" otherwise; escaped
  friend bool operator==(const DnsAnswer&, const DnsAnswer&) = default;
};

// True for the ends that say nothing about the name: timeout, servfail, bogus.
[[nodiscard]] bool IsTransient(DnsStatus status);

// The questions of one session and what came back, in the order asked. At most a few dozen, so search is linear.
class DnsAnswers {
 public:
  struct Entry {
    DnsQuestion question;
    DnsAnswer answer;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  // Adds or replaces.
  void Set(DnsQuestion question, DnsAnswer answer);
  // nullptr if never asked or not yet answered.
  [[nodiscard]] const DnsAnswer* Find(const DnsQuestion& question) const;
  // The same, and nullptr as well for a question that stands as not asked.
  [[nodiscard]] const DnsAnswer* FindAsked(const DnsQuestion& question) const;
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  friend bool operator==(const DnsAnswers&, const DnsAnswers&) = default;

 private:
  std::vector<Entry> entries_;
};

}  // namespace heloguard
