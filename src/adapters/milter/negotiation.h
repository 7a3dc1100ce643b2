// What to ask of an MTA before its session starts.
#pragma once

#include "heloguard/policy/policy.h"

namespace heloguard {

// Bits of the milter protocol: SMFIF_* (actions) and SMFIP_* (steps).
struct MilterOffer {
  unsigned long actions = 0;
  unsigned long steps = 0;
};

struct MilterTerms {
  unsigned long actions = 0;
  unsigned long steps = 0;
  EnumSet<Stage> no_reply;       // stages at which the MTA will not wait for an answer
  bool no_header_reply = false;  // nor does it after a header field
};

// What is wanted beside the policy's answers.
struct MilterNeeds {
  bool lookups = false;  // sessions ask DNS
  bool headers = false;  // header fields are read, removed and written; REQUIRES: OffersHeaders
};
[[nodiscard]] bool OffersHeaders(const MilterOffer& offer);

// The smallest terms that serve `policy`: no event behind RCPT unless there are headers to see to, and no reply where
// nothing can be refused; none to a header. With `lookups` the replies at connect and HELO are kept all the same: an
// MTA may hold a no-reply event back until the next one that wants a reply (Postfix does), and the lookups would start
// no sooner than the verdict is due. Pure.
//
// The price: what an MTA sends without wanting an answer and then closes upon may be lost (libmilter does not read on
// from a unix socket whose peer has closed). A session that ends before RCPT may then be told of with less than
// happened.
[[nodiscard]] MilterTerms TermsFor(const Policy& policy, const MilterNeeds& needs, const MilterOffer& offer);
// The terms of a connection that has no policy, since getting one failed: a reply everywhere.
[[nodiscard]] MilterTerms TermsWithoutPolicy(const MilterOffer& offer);

}  // namespace heloguard
