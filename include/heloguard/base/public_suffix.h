// The public suffix list: top-level domains, public suffixes and organisational domains (publicsuffix.org).
//
// Only the ICANN section counts, so a cloud host under a private suffix ("github.io") is no suffix. All names are in
// A-label form; a U-label is unknown to the list. Labels may hold any octets: none of them can change where a name
// splits.
//
// Thread rule: safe for concurrent use; the list is read once.
#pragma once

#include <optional>
#include <string>

#include "heloguard/base/domain_name.h"

namespace heloguard {

// True if the last label is a top-level domain of the list, or "example", which stands for one in documentation and
// tests (RFC 6761 section 6.5). False for the root.
[[nodiscard]] bool HasKnownTld(const DomainName& name);

// True if the name itself is a public suffix ("co.uk"). An unknown TLD is none.
[[nodiscard]] bool IsPublicSuffix(const DomainName& name);

// The organisational domain: the public suffix and one label more. An unknown TLD counts as a suffix here. nullopt for
// a suffix itself, a single label and the root.
[[nodiscard]] std::optional<DomainName> OrganizationalDomain(const DomainName& name);

// The labels in front of the organisational domain as text; "" if there are none (a name that is its own organisation).
[[nodiscard]] std::string HostPart(const DomainName& name);

}  // namespace heloguard
