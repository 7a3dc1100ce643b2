// A gather whose questions go to several sources: rows of another source beside those of the table, and a store that
// answers when it is told to.
#include "engine/dns_gather.h"

#include <gtest/gtest.h>

#include "dns_text.h"
#include "engine/drive/simulated_services.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;

constexpr std::string_view kClient = "192.0.2.7";
constexpr auto kRemembered = static_cast<LookupId>(EnumNames<LookupId>.size());
constexpr auto kRememberedName = static_cast<LookupId>(EnumNames<LookupId>.size() + 1);

std::size_t One(const LookupLimits& /*limits*/) { return 1; }

std::vector<DnsQuestion> AboutClient(const LookupContext& context) {
  return {{DomainName::Reverse(*context.inputs.client), RecordType::kPtr}};
}

// Needs what DNS says first: the name the client's PTR record has.
std::vector<DnsQuestion> AboutName(const LookupContext& context) {
  const DnsAnswer* ptr = context.book.Find(Ptr(kClient));
  if (ptr == nullptr || ptr->status != DnsStatus::kAnswer) return {};
  return {{*std::get_if<DomainName>(&ptr->data.front())}};
}

// The table with two rows that history answers.
std::vector<LookupSpec> TableWithHistory() {
  std::vector<LookupSpec> table(LookupTable().begin(), LookupTable().end());
  table.push_back({kRemembered, LookupKey::kClient, Source::kHistory, {}, One, AboutClient});
  table.push_back({kRememberedName, LookupKey::kClient, Source::kHistory, {}, One, AboutName});
  return table;
}

// Keeps what it is asked until it is told to answer.
class Store final : public AnswerSource {
 public:
  void Ask(const DnsQuestion& question, Callback done) override {
    asked.push_back(question);
    open.push_back(std::move(done));
  }
  // Answers the oldest question.
  void Answer(DnsAnswer answer) {
    const Callback done = std::move(open.front());
    open.erase(open.begin());
    done(std::move(answer));
  }
  std::vector<DnsQuestion> asked;
  std::vector<Callback> open;
};

DnsQuestion Remembered(DnsQuestion question) {
  question.source = Source::kHistory;
  return question;
}

class DnsGatherTest : public ::testing::Test {
 protected:
  std::shared_ptr<DnsGather> Begin(LookupSet wanted, const AnswerSources& sources) {
    dns.Script(Ptr(kClient), Names({"mail.example.org"}), milliseconds(10));
    const DnsGather::Plan plan{wanted, {Ip(kClient)}, {}, table};
    auto gather = DnsGather::Create(plan, sources, dns);
    gather->Begin([this] { ++finished; });
    return gather;
  }

  const std::vector<LookupSpec> table = TableWithHistory();
  SimulatedServices dns;
  Store store;
  int finished = 0;
};

// The same name and type: who is asked tells the two apart, in the book as well.
TEST_F(DnsGatherTest, AnotherSourceIsAskedInTheSameRoundAndAnswersIntoTheSameBook) {
  const auto gather = Begin({LookupId::kReversePtr, kRemembered}, {{&dns, &store}});
  EXPECT_EQ(dns.asked(), std::vector{Ptr(kClient)});
  EXPECT_EQ(store.asked, std::vector{Remembered(Ptr(kClient))}) << "before DNS has answered";
  dns.Advance(milliseconds(10));
  EXPECT_NE(gather->Answers(std::nullopt).Find(Ptr(kClient)), nullptr);
  EXPECT_EQ(gather->Answers(std::nullopt).Find(Remembered(Ptr(kClient))), nullptr);
  EXPECT_FALSE(gather->Finished()) << "DNS is done, the store is not";
  EXPECT_EQ(finished, 0);
  dns.Advance(milliseconds(30));
  store.Answer(End(DnsStatus::kNoData));
  EXPECT_TRUE(gather->Finished());
  EXPECT_EQ(finished, 1);
  const DnsAnswers book = gather->Answers(std::nullopt);
  EXPECT_EQ(book.Find(Ptr(kClient))->status, DnsStatus::kAnswer);
  ASSERT_NE(book.Find(Remembered(Ptr(kClient))), nullptr);
  EXPECT_EQ(book.Find(Remembered(Ptr(kClient)))->status, DnsStatus::kNoData);
  EXPECT_EQ(book.Find(Remembered(Ptr(kClient)))->elapsed, milliseconds(40));
}

TEST_F(DnsGatherTest, TheStoreMayAnswerFirst) {
  const auto gather = Begin({LookupId::kReversePtr, kRemembered}, {{&dns, &store}});
  store.Answer(End(DnsStatus::kNoData));
  EXPECT_FALSE(gather->Finished()) << "the store is done, DNS is not";
  dns.Advance(milliseconds(10));
  EXPECT_TRUE(gather->Finished());
  EXPECT_EQ(finished, 1);
}

TEST_F(DnsGatherTest, WhatOneSourceSaysLeadsToQuestionsForAnother) {
  const auto gather = Begin({LookupId::kReversePtr, kRemembered, kRememberedName}, {{&dns, &store}});
  EXPECT_EQ(store.asked.size(), 1U);
  dns.Advance(milliseconds(10));
  EXPECT_EQ(store.asked.back(), Remembered(A("mail.example.org"))) << "the store's first answer is not waited for";
  store.Answer(End(DnsStatus::kNoData));
  EXPECT_FALSE(gather->Finished());
  store.Answer(End(DnsStatus::kNoData));
  EXPECT_TRUE(gather->Finished());
  EXPECT_EQ(gather->Asked(), 3U);
}

TEST_F(DnsGatherTest, ASilentSourceCountsAsTimedOutAtTheDeadlineAndMayStillAnswer) {
  const auto gather = Begin({LookupId::kReversePtr, kRemembered}, {{&dns, &store}});
  dns.Advance(milliseconds(50));
  const DnsAnswers book = gather->Answers(milliseconds(50));
  EXPECT_EQ(book.Find(Ptr(kClient))->status, DnsStatus::kAnswer);
  EXPECT_EQ(book.Find(Remembered(Ptr(kClient)))->status, DnsStatus::kTimeout);
  store.Answer(End(DnsStatus::kNoData));
  EXPECT_EQ(gather->Answers(std::nullopt).Find(Remembered(Ptr(kClient)))->status, DnsStatus::kNoData);
}

TEST_F(DnsGatherTest, WithoutASourceItsQuestionsCountAsNotAsked) {
  const auto gather = Begin({LookupId::kReversePtr, kRemembered}, {{&dns}});
  EXPECT_FALSE(gather->Finished());
  dns.Advance(milliseconds(10));
  EXPECT_TRUE(gather->Finished());
  EXPECT_EQ(gather->Answers(std::nullopt).Find(Remembered(Ptr(kClient)))->status, DnsStatus::kNotAsked);
  EXPECT_EQ(gather->Answers(std::nullopt).Find(Ptr(kClient))->status, DnsStatus::kAnswer);
  EXPECT_TRUE(Begin({LookupId::kReversePtr, kRemembered}, {{}})->Finished());
}

}  // namespace
}  // namespace heloguard
