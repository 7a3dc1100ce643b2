// The sentences of a diagnosis. Every name and reason in them is escaped and cut; what is to be published stands there
// whole.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "heloguard/dns/dns.h"

namespace heloguard {

// "\"14.2.0.192.in-addr.arpa. PTR NAME.\""; without a name the reader has to put it in.
[[nodiscard]] std::string PtrRecordText(const DnsQuestion& ptr, const DomainName* name);

// --- lookups that came to nothing ---

// What was looked up, and who could mend it.
struct UnsettledWords {
  std::string what;       // "the reverse DNS of 192.0.2.66"; empty: the names of the questions, after `names`
  std::string owner;      // "whoever runs the address block"; empty: whoever runs the domains of the questions
  std::string names;      // "the PTR name"
  std::size_t types = 1;  // how many lookups one name has; where fewer came to nothing their types are told
};
[[nodiscard]] UnsettledWords ReverseWords(const IpAddress& client);
[[nodiscard]] UnsettledWords PtrNameWords();
[[nodiscard]] UnsettledWords HeloWords();

// `why` is the resolver's own reason, escaped.
[[nodiscard]] std::string BogusText(const std::vector<DnsQuestion>& questions, std::string_view why,
                                    const UnsettledWords& words);
// `status` is timeout or servfail.
[[nodiscard]] std::string UnansweredText(const std::vector<DnsQuestion>& questions, DnsStatus status,
                                         const UnsettledWords& words);
[[nodiscard]] std::string OwnFaultText(bool all_bogus);

// --- reverse DNS ---

[[nodiscard]] std::string NoPtrText(const IpAddress& client, std::string_view record);

struct PtrFailure {
  IpAddress client;
  const DomainName& name;             // of the PTR names the one that is told
  std::size_t names = 1;              // how many there are
  const DnsAnswer* answer = nullptr;  // of its forward lookup
  bool said_in_helo = false;          // the client says it in HELO as well
  bool unusable = false;              // nobody can publish an address for it
};
// The first half of a sentence, up to its colon; one of the two others is the second.
[[nodiscard]] std::string WrongPtrText(const PtrFailure& failure);
[[nodiscard]] std::string MendForwardText(const DnsQuestion& forward, const IpAddress& client);
[[nodiscard]] std::string MendPtrText(std::string_view record);

struct PtrCount {
  IpAddress client;
  std::size_t names = 0;
  std::size_t looked_at = 0;
  std::string record;  // the one that suffices
};
[[nodiscard]] std::string ManyPtrText(const PtrCount& count);

// --- the HELO name ---

struct HeloFailure {
  IpAddress client;
  const DomainName& helo;
  const DnsAnswer* answer = nullptr;     // of its lookup in the client's family; null: not made
  const DomainName* verified = nullptr;  // what it could say instead; null: nothing known
};
[[nodiscard]] std::string PrivateHeloText(const HeloFailure& failure);
[[nodiscard]] std::string NoAddressText(const HeloFailure& failure, bool nxdomain);
[[nodiscard]] std::string OtherAddressText(const HeloFailure& failure);
[[nodiscard]] std::string OtherDomainText(const DomainName& helo, const DomainName& verified, std::string_view record);

}  // namespace heloguard
