// Trust anchors: which file they come from, which of its keys are in force.
//
// Thread rule: values and functions; what touches files says so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "heloguard/base/domain_name.h"
#include "heloguard/base/result.h"
#include "heloguard/settings.h"

namespace heloguard {

struct TrustAnchor {
  std::string file;   // "" if none
  bool kept = false;  // the library writes it as the keys change (RFC 5011)
};

// The file of dns.auto_trust_anchor, of dns.trust_anchor, or the system's, whichever comes first, read and checked; the
// first is made from the others if it is missing. Errors: kConfig with the setting's name.
[[nodiscard]] Result<TrustAnchor> FindTrustAnchor(const Settings::Dns& settings);

// The DS and DNSKEY records of a zone file, without comments. Of a file the library writes only the keys it trusts:
// those that are valid or missing, not the ones that wait, are revoked or were removed (RFC 5011 section 4).
[[nodiscard]] std::vector<std::string> KeysInForce(std::string_view zone_text);
// The owners of those records, sorted, without doubles.
[[nodiscard]] std::vector<DomainName> AnchorsOf(std::string_view zone_text);

}  // namespace heloguard
