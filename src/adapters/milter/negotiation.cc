// Decides which events and replies a connection's policy needs. Nothing is asked that the MTA did not offer: libmilter
// breaks such a connection off. Knows libmilter's constants, not its calls. Tests:
// tests/unit/adapters/milter/negotiation_test.cc.
#include "adapters/milter/negotiation.h"

#include <array>

#include "libmilter/mfapi.h"
#include "libmilter/mfdef.h"

namespace heloguard {
namespace {

// Steps no policy needs.
constexpr unsigned long kUnneeded = SMFIP_NOBODY | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOUNKNOWN | SMFIP_NODATA;

constexpr unsigned long kHeaderActions = SMFIF_ADDHDRS | SMFIF_CHGHDRS;

// One stage whose reply can be given up. An observer that may look at lookups needs connect and HELO in time.
struct NoReplyRow {
  Stage stage;
  unsigned long bit;
  bool starts_lookups;
};
constexpr std::array<NoReplyRow, 3> kNoReplyRows{{
    {Stage::kConnect, SMFIP_NR_CONN, true},
    {Stage::kHelo, SMFIP_NR_HELO, true},
    {Stage::kMail, SMFIP_NR_MAIL, false},
}};

}  // namespace

MilterTerms TermsWithoutPolicy(const MilterOffer& offer) {
  MilterTerms terms;
  terms.actions = offer.actions & SMFIF_SETSYMLIST;
  terms.steps = offer.steps & kUnneeded;
  return terms;
}

bool OffersHeaders(const MilterOffer& offer) { return (offer.actions & kHeaderActions) == kHeaderActions; }

MilterTerms TermsFor(const Policy& policy, const MilterNeeds& needs, const MilterOffer& offer) {
  MilterTerms terms = TermsWithoutPolicy(offer);
  if (needs.headers) {
    terms.actions |= kHeaderActions;
    terms.steps &= ~static_cast<unsigned long>(SMFIP_NOHDRS);
    terms.steps |= offer.steps & SMFIP_NR_HDR;
    terms.no_header_reply = (offer.steps & SMFIP_NR_HDR) != 0;
  }
  for (const NoReplyRow& row : kNoReplyRows) {
    const bool reply_needed = policy.first_stage <= row.stage || (needs.lookups && row.starts_lookups);
    if (reply_needed || (offer.steps & row.bit) == 0) continue;
    terms.steps |= row.bit;
    terms.no_reply.Add(row.stage);
  }
  return terms;
}

}  // namespace heloguard
