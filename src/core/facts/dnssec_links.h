// The DNSSEC state of a chain of lookups (RFC 4033 section 5): secure only if every link is.
#pragma once

#include "heloguard/dns/dns.h"

namespace heloguard {

// Thread rule: value.
class DnssecLinks {
 public:
  constexpr void Add(Dnssec state) { states_.Add(state); }
  // The weakest link: bogus, else insecure, else indeterminate, else secure. No link at all is indeterminate.
  [[nodiscard]] constexpr Dnssec Joined() const {
    for (Dnssec weak : {Dnssec::kBogus, Dnssec::kInsecure, Dnssec::kIndeterminate}) {
      if (states_.Has(weak)) return weak;
    }
    return states_.empty() ? Dnssec::kIndeterminate : Dnssec::kSecure;
  }

 private:
  EnumSet<Dnssec> states_;
};

}  // namespace heloguard
