// What DNS says about a HELO name and the addresses that say it, and what policies make of it.
#pragma once

#include <memory>
#include <vector>

#include "audit/audit_report.h"
#include "heloguard/judge/judgement.h"

namespace heloguard {

// One address that says the name. Values only: it outlives every session.
struct AddressEvidence {
  IpAddress address;
  SessionInputs inputs;
  Facts facts;
  DnsAnswers answers;
  RdnsEvidence rdns;
  std::vector<Finding> findings;
  std::vector<Answered> answered;  // one a policy, in their order
};

struct AuditEvidence {
  Helo helo;
  DnsAnswers answers;        // about the name; no PTR
  std::vector<Charge> look;  // what the first policy's rules say of the name alone
  std::vector<AddressEvidence> addresses;
  std::size_t left_out = 0;   // addresses over the cap
  bool resolver_well = true;  // what does not validate is the sender's fault
};

// Of a name's own addresses, or of those given, no more are looked at.
inline constexpr std::size_t kMaxAuditedAddresses = 16;

// The addresses in `answers` to A and AAAA of `name`, each once.
[[nodiscard]] std::vector<IpAddress> AddressesOf(const DomainName& name, const DnsAnswers& answers);

}  // namespace heloguard
