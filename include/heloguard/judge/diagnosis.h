// What is wrong in DNS with a client's names, and which record would put it right: sentences for whoever runs the
// sending server. The verdict knows nothing of them.
//
// A record is called wrong only where an answer proves it. Lookups that came to nothing (timeout, SERVFAIL, bogus) are
// told as such, with whose servers to look at, for the fault may be our own. Insecure is not a finding: most of DNS is.
//
// Thread rule: pure functions over values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "heloguard/facts/build_facts.h"

namespace heloguard {

struct Finding {
  // In the order of weight.
  enum class Kind : std::uint8_t {
    kWrong,    // an answer proves that a record is missing or leads elsewhere
    kUnclear,  // a lookup came to nothing; whether the record is right is not known
    kAdvice,   // nothing to refuse for, but another record or HELO name would be better
  };
  Kind kind = Kind::kWrong;
  DnsQuestion record;  // the one to look at
  std::string text;    // one sentence of printable ASCII; names of any bytes are escaped and cut
  bool our_own = false;  // it speaks of our own resolver, and is nothing for the sender to read
};

// No more than this many are handed out.
inline constexpr std::size_t kMaxFindings = 6;

// The findings by weight, those on reverse DNS before those on the HELO name. Empty where everything that was looked up
// is right, where nothing was, and for a client without an address.
[[nodiscard]] std::vector<Finding> Diagnose(const FactContext& context);

// "14.2.0.192.in-addr.arpa. PTR".
[[nodiscard]] std::string RecordText(const DnsQuestion& record);

}  // namespace heloguard
