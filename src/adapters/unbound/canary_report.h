// What answers about canaries say of our own resolver.
//
// Thread rule: values and pure functions.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "heloguard/base/domain_name.h"
#include "heloguard/ports.h"

namespace heloguard {

// How the settings in force are told to the postmaster; all escaped.
struct CanaryWords {
  std::string servers;        // "127.0.0.1@53 (dns.resolvers)"
  std::string anchor;         // "/usr/share/dns/root.key (dns.trust_anchor)"
  std::string remedy;         // "set dns.resolvers to others"
  std::string dnssec_remedy;  // "set dns.resolvers to ones that pass them on"
};

enum class CanaryEnd : std::uint8_t {
  kNone,      // timeout, SERVFAIL, REFUSED, garbage
  kDenied,    // said not to exist, or to be empty, without proof: canaries exist
  kAnswered,  // the records; not validated, or proven insecure
  kSecure,    // the records, or a denial, secure
  kBogus,
};

// One question: the SOA of a canary, or the DNSKEY of a trust anchor.
struct CanaryFinding {
  DomainName name;
  bool is_key = false;
  bool validated = false;  // asked in the context that validates
  CanaryEnd end = CanaryEnd::kNone;
  bool has_records = false;    // of the type asked for
  bool has_signature = false;  // at least one RRSIG
  std::string why_bogus;       // escaped
};

// True as soon as what is in proves that all is well, whatever is still out: a validated answer does.
[[nodiscard]] bool IsProvenWell(const std::vector<CanaryFinding>& findings);
// `now` is this host's clock, for the sentence about it.
[[nodiscard]] CanaryReport ReportOn(const std::vector<CanaryFinding>& findings, const CanaryWords& words,
                                    std::chrono::system_clock::time_point now);

}  // namespace heloguard
