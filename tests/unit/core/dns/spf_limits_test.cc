// Processing limits (RFC 7208 section 4.6.4), and questions: which, in which order, and none too many.
#include <gtest/gtest.h>

#include "spf_world.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

constexpr std::string_view kClient = "192.0.2.7";
constexpr std::string_view kHelo = "mail.example.com";

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}
std::string WithRecord(const std::string& terms) { return "mail.example.com TXT v=spf1 " + terms + "\n"; }
const char* const kElsewhere = "mail.example.com A 203.0.113.1\n";

TEST(SpfLimits, TenTermsMayLookSomethingUp) {
  for (const std::string term : {"a ", "mx ", "ptr ", "exists:x.example ", "include:x.example "}) {
    const std::string zone = std::string(kElsewhere) +
                             "mail.example.com MX 10 mail.example.com\nx.example A NODATA\n"
                             "192.0.2.7 PTR q.example\nx.example TXT v=spf1\n";
    const std::string nine = term.starts_with("exists") ? Repeated("a ", 8) + term : Repeated(term, 9);
    EXPECT_EQ(SpfZone(zone + WithRecord(nine + "a -all")).Result(kClient, kHelo), "fail") << term;
    EXPECT_EQ(SpfZone(zone + WithRecord(nine + "a a -all")).Result(kClient, kHelo), "permerror") << term;
  }
  // all, ip4, ip6 and exp= are free, and so is what is not reached.
  const std::string free = Repeated("ip4:203.0.113.9 ip6:2001:db8::9 ", 50);
  EXPECT_EQ(SpfZone(kElsewhere + WithRecord(free + Repeated("a ", 10) + "-all exp=x.example")).Result(kClient, kHelo),
            "fail");
  EXPECT_EQ(SpfZone(kElsewhere + WithRecord("ip4:192.0.2.7 " + Repeated("a ", 30))).Result(kClient, kHelo), "pass");
}

TEST(SpfLimits, TermsOfIncludedRecordsCountToo) {
  const std::string zone = std::string(kElsewhere) + "x.example TXT v=spf1 a:mail.example.com a:mail.example.com\n";
  EXPECT_EQ(SpfZone(zone + WithRecord(Repeated("include:x.example ", 3) + "a -all")).Result(kClient, kHelo), "fail");
  EXPECT_EQ(SpfZone(zone + WithRecord(Repeated("include:x.example ", 3) + "a a -all")).Result(kClient, kHelo),
            "permerror");
}

TEST(SpfLimits, LoopsEnd) {
  EXPECT_EQ(SpfZone(WithRecord("include:mail.example.com -all")).Result(kClient, kHelo), "permerror");
  EXPECT_EQ(SpfZone(WithRecord("redirect=mail.example.com")).Result(kClient, kHelo), "permerror");
  EXPECT_EQ(SpfZone(WithRecord("redirect=x.example") + "x.example TXT v=spf1 include:mail.example.com")
                .Result(kClient, kHelo),
            "permerror");
  // Names without end.
  SpfZone endless(WithRecord("redirect=a.%{d}"));
  EXPECT_EQ(endless.Result(kClient, kHelo), "permerror");
}

TEST(SpfLimits, TwoVoidLookups) {
  EXPECT_EQ(SpfZone(WithRecord("a:u.example a:v.example -all")).Result(kClient, kHelo), "fail");
  EXPECT_EQ(SpfZone(WithRecord("a:u.example a:v.example a:w.example -all")).Result(kClient, kHelo), "permerror");
  EXPECT_EQ(SpfZone(WithRecord("a:u.example mx:v.example exists:w.example ip4:192.0.2.7")).Result(kClient, kHelo),
            "permerror");
  EXPECT_EQ(SpfZone(WithRecord("ptr a:v.example mx:w.example -all")).Result(kClient, kHelo), "permerror");
  const std::string nodata = "u.example TXT x\nv.example TXT x\nw.example TXT x\n";
  EXPECT_EQ(SpfZone(nodata + WithRecord("a:u.example a:v.example a:w.example -all")).Result(kClient, kHelo),
            "permerror");
  // Names of an MX that have no address of the client's family are no terms.
  const std::string mx = Repeated("mail.example.com MX 10 gone.example\n", 1) +
                         "mail.example.com MX 20 gone2.example\nmail.example.com MX 30 gone3.example\n";
  EXPECT_EQ(SpfZone(mx + WithRecord("mx mx mx -all")).Result(kClient, kHelo), "fail");
}

TEST(SpfLimits, TenNamesOfAnMx) {
  std::string zone = WithRecord("mx -all");
  for (char c = 'a'; c <= 'j'; ++c) {
    zone += std::string("mail.example.com MX 10 ") + c + ".example\n" + c + ".example A 192.0.2.7\n";
  }
  EXPECT_EQ(SpfZone(zone).Result(kClient, kHelo), "pass");
  EXPECT_EQ(SpfZone(zone + "mail.example.com MX 10 k.example\n").Result(kClient, kHelo), "permerror");
}

TEST(SpfLimits, OfManyPtrNamesTenAreLookedAt) {
  std::string zone = WithRecord("ptr -all");
  for (int i = 10; i < 30; ++i) zone += "192.0.2.7 PTR n" + std::to_string(i) + ".mail.example.com\n";
  EXPECT_EQ(SpfZone(zone).Result(kClient, kHelo), "fail");
  EXPECT_EQ(SpfZone(zone).Evaluate(kClient, kHelo).asked.size(), 2U + kMaxSpfNames);
  EXPECT_EQ(SpfZone(zone + "n19.mail.example.com A 192.0.2.7").Result(kClient, kHelo), "pass");
}

// Section 4.6.4: the PTR lookup of %{p} counts.
TEST(SpfLimits, TheLookupOfAValidatedNameCounts) {
  const std::string zone = std::string(kElsewhere) + "unknown.x.example A NODATA\n192.0.2.7 PTR q.example\n";
  EXPECT_EQ(SpfZone(zone + WithRecord(Repeated("a ", 8) + "exists:%{p}.x.example -all")).Result(kClient, kHelo),
            "fail");
  EXPECT_EQ(SpfZone(zone + WithRecord(Repeated("a ", 9) + "exists:%{p}.x.example -all")).Result(kClient, kHelo),
            "permerror");
}

// The worst a record may ask: ten terms, each with as many names as there may be.
TEST(SpfLimits, TheWorstRecordAsksABoundedNumberOfQuestions) {
  std::string zone;
  std::string terms;
  for (char d = 'a'; d <= 'j'; ++d) {
    terms += std::string("mx:") + d + ".example ";
    for (char c = 'a'; c <= 'j'; ++c) {
      zone +=
          std::string(1, d) + ".example MX 10 " + c + "." + d + ".example\n" + c + "." + d + ".example A 203.0.113.9\n";
    }
  }
  const auto outcome = SpfZone(zone + WithRecord(terms + "-all")).Evaluate(kClient, kHelo);
  EXPECT_EQ(outcome.evaluation.result, SpfResult::kFail);
  EXPECT_EQ(outcome.asked.size(), 1U + 10 * (1 + kMaxSpfNames));
  EXPECT_EQ(outcome.rounds, 1U + 10 * 2);  // an MX's names side by side
}

TEST(SpfLimits, OneTermAfterAnother) {
  const SpfZone zone(WithRecord("a mx include:x.example -all") +
                     "mail.example.com A 192.0.2.7\nx.example TXT v=spf1 -all\n");
  EXPECT_EQ(zone.Asked(kClient, kHelo), "TXT mail.example.com, A mail.example.com");
  EXPECT_EQ(zone.Asked("192.0.2.8", kHelo),
            "TXT mail.example.com, A mail.example.com, MX mail.example.com, TXT x.example");
}

// What stands as not asked is neither asked again nor taken for an answer.
TEST(SpfLimits, NoResultWithoutAnAnswer) {
  for (const DnsQuestion& hidden : {Txt(kHelo), A(kHelo)}) {
    SpfZone zone(WithRecord("a -all") + "mail.example.com A 192.0.2.7\n");
    zone.Hide(hidden, DnsStatus::kNotAsked);
    const SpfEvaluation evaluation = zone.Evaluate(kClient, kHelo).evaluation;
    EXPECT_FALSE(evaluation.result);
    EXPECT_TRUE(evaluation.questions.empty());
  }
}

}  // namespace
}  // namespace heloguard
