// The planner: the literal list of questions, round by round.
#include "heloguard/dns/lookup.h"

#include <gtest/gtest.h>

#include "dns_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using Questions = std::vector<DnsQuestion>;

const LookupInputs kBoth{Ip("192.0.2.7"), Name("mail.example.org")};

TEST(Lookup, NothingWantedAsksNothing) { EXPECT_EQ(NextQuestions({}, kBoth, {}, {}), Questions{}); }

TEST(Lookup, ReverseTakesTwoRounds) {
  DnsAnswers book;
  const LookupSet forward{LookupId::kReverseForward};
  EXPECT_EQ(NextQuestions(forward, kBoth, book, {}), Questions{Ptr("192.0.2.7")});
  book.Set(Ptr("192.0.2.7"), Names({"a.example", "b.example"}));
  EXPECT_EQ(NextQuestions(forward, kBoth, book, {}), (Questions{A("a.example"), A("b.example")}));
  book.Set(A("a.example"), End(DnsStatus::kNoData));
  book.Set(A("b.example"), End(DnsStatus::kTimeout));
  EXPECT_EQ(NextQuestions(forward, kBoth, book, {}), Questions{});
}

TEST(Lookup, PtrAloneAsksNoForward) {
  DnsAnswers book;
  book.Set(Ptr("192.0.2.7"), Names({"a.example"}));
  EXPECT_EQ(NextQuestions({LookupId::kReversePtr}, kBoth, book, {}), Questions{});
}

TEST(Lookup, ReverseAndHeloGoSideBySide) {
  const LookupSet all = kClientLookups | kHeloLookups;
  EXPECT_EQ(NextQuestions(all, kBoth, {}, {}),
            (Questions{Ptr("192.0.2.7"), A("mail.example.org"), Aaaa("mail.example.org"), Mx("mail.example.org")}));
}

TEST(Lookup, FailedPtrEndsIt) {
  for (DnsStatus status : {DnsStatus::kNxDomain, DnsStatus::kNoData, DnsStatus::kTimeout, DnsStatus::kServFail,
                           DnsStatus::kBogus, DnsStatus::kNotAsked}) {
    DnsAnswers book;
    book.Set(Ptr("192.0.2.7"), End(status));
    EXPECT_EQ(NextQuestions(kClientLookups, kBoth, book, {}), Questions{}) << NameOf(status);
  }
}

TEST(Lookup, CapsOnNamesAndOnLookups) {
  std::vector<DnsRecord> names;
  for (char c = 'a'; c <= 'z'; ++c) names.emplace_back(Name(std::string(1, c) + ".example"));
  DnsAnswers book;
  book.Set(Ptr("192.0.2.7"), Data(names));
  EXPECT_EQ(NextQuestions(kClientLookups, kBoth, book, {}).size(), 10U);
  EXPECT_EQ(NextQuestions(kClientLookups, kBoth, book, {20, 12}).size(), 11U);  // the PTR is in the book already
}

TEST(Lookup, MissingInputsAskNothing) {
  EXPECT_EQ(NextQuestions(kClientLookups | kHeloLookups, {}, {}, {}), Questions{});
}

}  // namespace
}  // namespace heloguard
