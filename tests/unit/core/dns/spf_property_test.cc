// Over records made at random: evaluation ends, is the same every time, and what is not known never makes a fail.
#include <gtest/gtest.h>

#include <random>

#include "spf_world.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

constexpr std::string_view kClient = "192.0.2.7";
constexpr std::string_view kHelo = "d0.example";

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  // Five domains whose records lead to one another, with addresses, MX and PTR records here and there.
  std::string Zone() {
    std::string zone;
    for (int i = 0; i < kDomains; ++i) {
      const std::string name = Domain(i);
      if (i == 0 || !Chance(6)) zone += name + " TXT " + Record() + "\n";
      if (Chance(12)) zone += name + " TXT v=spf1 ~all\n";
      if (!Chance(3)) zone += name + " A " + Address() + "\n";
      for (int mx = 0; mx < 2; ++mx) {
        if (Chance(2)) zone += name + " MX 10 " + Any() + "\n";
      }
      if (Chance(3)) zone += "192.0.2.7 PTR " + name + "\n";
      if (Chance(4)) zone += "192.0.2.7 PTR h." + name + "\nh." + name + " A " + Address() + "\n";
      if (Chance(3)) zone += "7.2.0.192." + name + " A 127.0.0.2\n";
      if (Chance(3)) zone += "unknown." + name + " A 127.0.0.2\n";
    }
    return zone;
  }
  std::size_t Below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }

 private:
  static constexpr int kDomains = 5;
  static std::string Domain(int i) { return "d" + std::to_string(i) + ".example"; }
  bool Chance(std::size_t one_in) { return Below(one_in) == 0; }
  std::string Any() { return Domain(static_cast<int>(Below(kDomains))); }
  std::string Address() { return Chance(3) ? "192.0.2.7" : Chance(2) ? "192.0.2.9" : "203.0.113.9"; }

  std::string Term() {
    constexpr const char* kQualifiers[] = {"", "", "", "+", "-", "~", "?"};
    std::string term = kQualifiers[Below(std::size(kQualifiers))];
    switch (Below(8)) {
      case 0:
        return term + "a:" + Any();
      case 1:
        return term + "a:" + Any() + "/28";
      case 2:
        return term + "mx:" + Any();
      case 3:
        return term + "ptr:" + Any();
      case 4:
        return term + "include:" + Any();
      case 5:
        return term + "exists:%{ir}." + Any();
      case 6:
        return term + "exists:%{p}." + Any();
      default:
        return term + (Chance(4) ? "ip4:192.0.2.7" : "ip4:203.0.113.1");
    }
  }
  std::string Record() {
    std::string record = "v=spf1";
    const std::size_t terms = Below(5);
    for (std::size_t i = 0; i < terms; ++i) record += " " + Term();
    if (Chance(30)) record += " nonsense";
    if (Chance(4)) return record + " redirect=" + Any();
    constexpr const char* kEnds[] = {"", " -all", " -all", " -all", " ~all", " ?all", " all"};
    return record + kEnds[Below(std::size(kEnds))];
  }

  std::mt19937 random_;
};

TEST(SpfProperty, HidingAnyAnswerNeverMakesAFail) {
  std::array<unsigned, 7> seen{};
  unsigned softened = 0;
  for (unsigned seed = 0; seed < 800; ++seed) {
    Maker maker(seed);
    const std::string text = maker.Zone();
    const auto whole = SpfZone(text).Evaluate(kClient, kHelo);
    ASSERT_TRUE(whole.evaluation.result) << text;
    ASSERT_LE(whole.asked.size(), 1 + kMaxSpfLookupTerms * (1 + kMaxSpfNames)) << text;
    ++seen[static_cast<std::size_t>(*whole.evaluation.result)];
    for (const DnsStatus status :
         {DnsStatus::kTimeout, DnsStatus::kServFail, DnsStatus::kBogus, DnsStatus::kNotAsked}) {
      SpfZone fewer(text);
      // One of what was asked, or each with a chance of a half.
      const std::size_t only = maker.Below(whole.asked.size() * 2);
      for (std::size_t i = 0; i < whole.asked.size(); ++i) {
        const bool hide = only < whole.asked.size() ? i == only : maker.Below(2) == 0;
        if (hide) fewer.Hide(whole.asked[i], status);
      }
      const auto hidden = fewer.Evaluate(kClient, kHelo).evaluation;
      const SpfResult result = hidden.result.value_or(SpfResult::kTemperror);
      for (const SpfResult bad : {SpfResult::kFail, SpfResult::kSoftfail, SpfResult::kNeutral}) {
        ASSERT_TRUE(result != bad || whole.evaluation.result == bad) << NameOf(status) << "\n" << text;
      }
      softened += result != *whole.evaluation.result ? 1U : 0U;
    }
  }
  for (const SpfResult common :
       {SpfResult::kPass, SpfResult::kFail, SpfResult::kSoftfail, SpfResult::kNeutral, SpfResult::kPermerror}) {
    EXPECT_GT(seen[static_cast<std::size_t>(common)], 10U) << NameOf(common);  // the property is about something
  }
  EXPECT_GT(softened, 200U);
}

// The order in which answers come in plays no part, and neither does what else is in the book.
TEST(SpfProperty, TheResultHangsOnTheAnswersAlone) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Maker maker(seed);
    const SpfZone zone(maker.Zone());
    const auto whole = zone.Evaluate(kClient, kHelo);
    DnsAnswers book;
    for (const std::string_view name : {"d0.example", "d1.example", "d2.example", "h.d0.example"}) {
      for (const RecordType type : {RecordType::kTxt, RecordType::kMx, RecordType::kA, RecordType::kAaaa}) {
        const DnsQuestion question{Name(name), type};
        book.Set(question, zone.Look(question));
      }
    }
    SpfEvaluation evaluation;
    for (int round = 0; round < 1'000 && !evaluation.result; ++round) {
      evaluation = EvaluateSpf({Ip(kClient), Name(kHelo)}, book);
      if (!evaluation.questions.empty()) {  // one answer a round, any of them
        const DnsQuestion question = evaluation.questions[maker.Below(evaluation.questions.size())];
        book.Set(question, zone.Look(question));
      }
    }
    ASSERT_EQ(evaluation.result, whole.evaluation.result) << seed;
  }
}

// Any printable and unprintable bytes: a record, or a fault inside it.
TEST(SpfProperty, EveryTextIsARecordOrHasAColumn) {
  constexpr std::string_view kPieces[] = {"v=spf1", " ",   "a",   "mx",   "%{",  "}",    "/",   ":",
                                          "-",      "all", "ip4", "1.2",  "%",   "r",    "d",   "0",
                                          "=",      ".",   "com", "\xff", "exp", "ip6:", "::1", "redirect="};
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = "v=spf1 ";
    const auto pieces = random() % 12;
    for (unsigned piece = 0; piece < pieces; ++piece) text += kPieces[random() % std::size(kPieces)];
    const auto record = ParseSpfRecord(text);
    if (record.ok()) continue;
    EXPECT_GE(record.error().where.column, 1U) << text;
    EXPECT_LE(record.error().where.column, text.size() + 1) << text;
    EXPECT_FALSE(record.error().message.empty());
  }
}

}  // namespace
}  // namespace heloguard
