// What is asked of the MTA, as the very numbers of the protocol.
#include "adapters/milter/negotiation.h"

#include <gtest/gtest.h>

namespace heloguard {
namespace {

constexpr unsigned long kAllSteps = 0x1FFFFF;
constexpr unsigned long kAllActions = 0x1FF;
constexpr unsigned long kSetSymlist = 0x100;
constexpr unsigned long kNoBodyHeadersEohUnknownData = 0x370;
constexpr unsigned long kAddAndChangeHeaders = 0x11;
constexpr unsigned long kNoHeaders = 0x20;
constexpr unsigned long kNrHeader = 0x80;
constexpr unsigned long kNrConnect = 0x1000;
constexpr unsigned long kNrHelo = 0x2000;
constexpr unsigned long kNrMail = 0x4000;

struct Row {
  std::string_view what;
  Stage first_stage;
  bool lookups;
  MilterOffer offer;
  unsigned long actions;
  unsigned long steps;
  EnumSet<Stage> no_reply;
};

TEST(TermsFor, Table) {
  const MilterOffer all{kAllActions, kAllSteps};
  const Row rows[] = {
      {"strings, at RCPT",
       Stage::kRcpt,
       false,
       all,
       kSetSymlist,
       kNoBodyHeadersEohUnknownData | kNrConnect | kNrHelo | kNrMail,
       {Stage::kConnect, Stage::kHelo, Stage::kMail}},
      {"strings, at MAIL",
       Stage::kMail,
       false,
       all,
       kSetSymlist,
       kNoBodyHeadersEohUnknownData | kNrConnect | kNrHelo,
       {Stage::kConnect, Stage::kHelo}},
      {"strings, at HELO",
       Stage::kHelo,
       false,
       all,
       kSetSymlist,
       kNoBodyHeadersEohUnknownData | kNrConnect,
       {Stage::kConnect}},
      {"strings, at connect", Stage::kConnect, false, all, kSetSymlist, kNoBodyHeadersEohUnknownData, {}},
      {"lookups, at RCPT",
       Stage::kRcpt,
       true,
       all,
       kSetSymlist,
       kNoBodyHeadersEohUnknownData | kNrMail,
       {Stage::kMail}},
      {"lookups, at MAIL", Stage::kMail, true, all, kSetSymlist, kNoBodyHeadersEohUnknownData, {}},
      {"lookups, at HELO", Stage::kHelo, true, all, kSetSymlist, kNoBodyHeadersEohUnknownData, {}},
      {"an MTA of protocol 2", Stage::kRcpt, false, {0x3F, 0x7F}, 0, 0x70, {}},
      {"an MTA that offers nothing", Stage::kRcpt, false, {0, 0}, 0, 0, {}},
      {"no no-reply at HELO offered",
       Stage::kRcpt,
       false,
       {kAllActions, kAllSteps & ~kNrHelo},
       kSetSymlist,
       kNoBodyHeadersEohUnknownData | kNrConnect | kNrMail,
       {Stage::kConnect, Stage::kMail}},
  };
  for (const Row& row : rows) {
    Policy policy;
    policy.first_stage = row.first_stage;
    const MilterTerms terms = TermsFor(policy, {.lookups = row.lookups}, row.offer);
    EXPECT_EQ(terms.actions, row.actions) << row.what;
    EXPECT_EQ(terms.steps, row.steps) << row.what;
    EXPECT_EQ(terms.no_reply, row.no_reply) << row.what;
  }
}

// Header fields are asked for with the right to change them; nothing else is added, and no reply to a field is given.
TEST(TermsFor, Headers) {
  Policy policy;
  policy.first_stage = Stage::kRcpt;
  const MilterTerms terms = TermsFor(policy, {.lookups = true, .headers = true}, {kAllActions, kAllSteps});
  EXPECT_EQ(terms.actions, kSetSymlist | kAddAndChangeHeaders);
  EXPECT_EQ(terms.steps, (kNoBodyHeadersEohUnknownData & ~kNoHeaders) | kNrHeader | kNrMail);
  EXPECT_EQ(terms.no_reply, EnumSet<Stage>{Stage::kMail});
  EXPECT_TRUE(terms.no_header_reply);

  const MilterTerms old = TermsFor(policy, {.lookups = false, .headers = true}, {0x3F, 0x7F});
  EXPECT_EQ(old.actions, kAddAndChangeHeaders);
  EXPECT_EQ(old.steps, 0x50U);
  EXPECT_FALSE(old.no_header_reply);
}

TEST(OffersHeaders, BothActionsAreNeeded) {
  EXPECT_TRUE(OffersHeaders({kAllActions, 0}));
  for (const unsigned long actions : {0UL, 0x01UL, 0x10UL, kAllActions & ~0x01UL, kAllActions & ~0x10UL}) {
    EXPECT_FALSE(OffersHeaders({actions, kAllSteps})) << actions;
  }
}

TEST(TermsFor, WithoutPolicyEveryReplyIsKept) {
  const MilterTerms terms = TermsWithoutPolicy({kAllActions, kAllSteps});
  EXPECT_EQ(terms.actions, kSetSymlist);
  EXPECT_EQ(terms.steps, kNoBodyHeadersEohUnknownData);
  EXPECT_TRUE(terms.no_reply.empty());
}

}  // namespace
}  // namespace heloguard
