// The planner: the literal list of questions, round by round.
#include "heloguard/dns/lookup.h"

#include <gtest/gtest.h>

#include <array>

#include "dns_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using Questions = std::vector<DnsQuestion>;

const LookupInputs kBoth{Ip("192.0.2.7"), Name("mail.example.org")};
const LookupSet kClientLookups = LookupsKeyedBy(LookupKey::kClient);
const LookupSet kHeloLookups = LookupsKeyedBy(LookupKey::kHelo);
const LookupSet kSpfLookups = LookupsKeyedBy(LookupKey::kClientAndHelo);
constexpr std::array kKeys{LookupKey::kClient, LookupKey::kHelo, LookupKey::kMailDomain, LookupKey::kClientAndHelo};

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

// --- the table ---

TEST(LookupTable, EveryRowHangsOnOneKey) {
  EXPECT_EQ(kClientLookups, (LookupSet{LookupId::kReversePtr, LookupId::kReverseForward}));
  EXPECT_EQ(kHeloLookups, (LookupSet{LookupId::kHeloAddress, LookupId::kHeloMx}));
  EXPECT_EQ(kSpfLookups, LookupSet{LookupId::kSpf});
  EXPECT_EQ(LookupsKeyedBy(LookupKey::kMailDomain), LookupSet{});
  LookupSet all;
  for (const LookupKey key : kKeys) {
    EXPECT_EQ(all & LookupsKeyedBy(key), LookupSet{});
    all = all | LookupsKeyedBy(key);
  }
  for (const LookupSpec& spec : LookupTable()) EXPECT_TRUE(all.Has(spec.id)) << NameOf(spec.id);
}

// What a zone answers to a row of a client that has ten names, and a HELO name with the worst SPF record there is.
DnsAnswer WorstAnswer(const DnsQuestion& question) {
  std::string record = "v=spf1";
  std::vector<DnsRecord> names;
  std::vector<DnsRecord> exchanges;
  for (char c = 'a'; c <= 'z'; ++c) {
    if (c <= 'j') record += std::string(" mx:") + c + ".example";
    names.emplace_back(Name(std::string(1, c) + ".example.net"));
    if (c <= 'j') exchanges.emplace_back(MxRecord{1, Name(std::string(1, c) + "." + question.name.ToText())});
  }
  switch (question.type) {
    case RecordType::kPtr:
      return Data(names);
    case RecordType::kTxt:
      return Data({TxtRecord{record + " -all"}});
    case RecordType::kMx:
      return Data(exchanges);
    case RecordType::kA:
    case RecordType::kAaaa:
      return Addresses({"203.0.113.1"});
  }
  return {};
}

// Asks and answers until nothing is left to ask.
DnsAnswers WorstBook(LookupSet wanted, const LookupInputs& inputs, const LookupLimits& limits) {
  DnsAnswers book;
  while (true) {
    const Questions next = NextQuestions(wanted, inputs, book, limits);
    if (next.empty()) return book;
    for (const DnsQuestion& question : next) book.Set(question, WorstAnswer(question));
  }
}

TEST(LookupTable, NoRowAsksMoreThanItSays) {
  const LookupLimits limits{10, 1'000};
  for (const LookupSpec& spec : LookupTable()) {
    const std::size_t most = MaxQuestions(WithPrerequisites({spec.id}), limits);
    EXPECT_EQ(WorstBook({spec.id}, kBoth, limits).entries().size(), most) << NameOf(spec.id);
  }
  EXPECT_EQ(MaxQuestions(kSpfLookups, limits), 111U);
  EXPECT_EQ(MaxQuestions(kClientLookups, {30, 40}), 31U);
  EXPECT_EQ(MaxQuestions({}, limits), 0U);
}

// Sessions that agree in a row's inputs share its answers, so it may not look at anything else.
TEST(LookupTable, RowsReadNoInputsButTheirKeys) {
  const LookupInputs full{Ip("192.0.2.7"), Name("mail.example.org"), Name("example.com")};
  const LookupLimits limits{10, 1'000};
  for (const LookupSpec& spec : LookupTable()) {
    const LookupInputs cut = InputsFor({spec.id}, full);
    const DnsAnswers book = WorstBook({spec.id}, full, limits);
    EXPECT_EQ(spec.questions({full, book, limits}), spec.questions({cut, book, limits})) << NameOf(spec.id);
    LookupInputs without = full;
    if (cut.client) without.client.reset();
    if (cut.helo && !cut.client) without.helo.reset();
    if (cut.mail_domain && !cut.client && !cut.helo) without.mail_domain.reset();
    EXPECT_EQ(NextQuestions({spec.id}, without, {}, limits), Questions{}) << NameOf(spec.id);
  }
}

TEST(LookupTable, InputsAreCutToWhatTheRowsHangOn) {
  const LookupInputs full{Ip("192.0.2.7"), Name("mail.example.org"), Name("example.com")};
  const auto parts = [&](LookupSet wanted) {
    const LookupInputs cut = InputsFor(wanted, full);
    return std::array{cut.client.has_value(), cut.helo.has_value(), cut.mail_domain.has_value()};
  };
  EXPECT_EQ(parts({}), (std::array{false, false, false}));
  EXPECT_EQ(parts(kClientLookups), (std::array{true, false, false}));
  EXPECT_EQ(parts({LookupId::kHeloMx}), (std::array{false, true, false}));
  EXPECT_EQ(parts(kSpfLookups), (std::array{true, true, false}));
  EXPECT_EQ(parts(kClientLookups | kHeloLookups), (std::array{true, true, false}));
}

TEST(LookupTable, KeysShareTheCap) {
  struct Row {
    LookupLimits session;
    std::array<std::size_t, 4> shares;  // in the order of LookupKey
  };
  for (const Row& row : {Row{{10, 40}, {11, 3, 0, 26}}, Row{{10, 200}, {11, 3, 0, 111}}, Row{{30, 40}, {31, 3, 0, 6}},
                         Row{{10, 12}, {9, 3, 0, 0}}, Row{{10, 4}, {1, 3, 0, 0}}, Row{{10, 1}, {1, 0, 0, 0}},
                         Row{{10, 0}, {0, 0, 0, 0}}}) {
    std::size_t sum = 0;
    for (const LookupKey key : kKeys) {
      const LookupLimits share = ShareOf(key, row.session);
      EXPECT_EQ(share.max_lookups, row.shares.at(static_cast<std::size_t>(key)))
          << row.session.max_lookups << " " << NameOf(key);
      EXPECT_EQ(share.max_ptr_names, row.session.max_ptr_names);
      sum += share.max_lookups;
    }
    EXPECT_LE(sum, row.session.max_lookups);
  }
}

}  // namespace
}  // namespace heloguard
