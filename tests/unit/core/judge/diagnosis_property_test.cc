// Every mix of answers to every question of a session with two PTR names: no lookup that came to nothing makes a
// sentence that calls a record wrong.
#include <gtest/gtest.h>

#include <functional>

#include "diagnosis_situations.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only

// SERVFAIL and timeout differ in words only.
std::vector<DnsAnswer> EveryAnswer(const DnsQuestion& question) {
  std::vector<DnsAnswer> all;
  for (const DnsStatus status :
       {DnsStatus::kNxDomain, DnsStatus::kNoData, DnsStatus::kTimeout, DnsStatus::kBogus, DnsStatus::kNotAsked}) {
    all.push_back(End(status));
  }
  if (question.type == RecordType::kPtr) all.push_back(Names({"a.corp.com", "b.corp.com"}));
  if (question.type == RecordType::kA) all.insert(all.end(), {Addresses({kV4}), Addresses({"192.0.2.10"})});
  if (question.type == RecordType::kAaaa) all.push_back(Addresses({kV6}));
  return all;
}

bool Usable(const DnsAnswers& answers, const DnsQuestion& question) {
  const DnsAnswer* answer = answers.Find(question);
  return answer != nullptr && answer->status != DnsStatus::kNotAsked && !IsTransient(answer->status);
}

// Calls `judge` with every combination.
void Vary(const std::vector<DnsQuestion>& questions, DnsAnswers* answers,
          const std::function<void(const DnsAnswers&)>& judge) {
  const std::size_t at = answers->entries().size();
  if (at == questions.size()) return judge(*answers);
  for (const DnsAnswer& answer : EveryAnswer(questions[at])) {
    DnsAnswers more = *answers;
    more.Set(questions[at], answer);
    Vary(questions, &more, judge);
  }
}

// A record is called wrong only if its own lookup was answered and no name is left that could still lead back.
void ExpectProven(const Finding& finding, const DnsAnswers& answers) {
  if (finding.kind != Finding::Kind::kWrong) {
    EXPECT_EQ(finding.text.find(" has to publish "), std::string::npos) << finding.text;
    return;
  }
  EXPECT_TRUE(Usable(answers, finding.record)) << finding.text;
  if (finding.text.starts_with("The HELO name ")) {
    EXPECT_TRUE(Usable(answers, A("out.corp.com")) && Usable(answers, Aaaa("out.corp.com"))) << finding.text;
  } else if (answers.Find(Ptr(kV4))->status == DnsStatus::kAnswer) {
    EXPECT_TRUE(Usable(answers, A("a.corp.com")) && Usable(answers, A("b.corp.com"))) << finding.text;
  }
}

TEST(Diagnosis, NothingIsCalledWrongThatWasNotSeen) {
  const SessionInputs inputs = Inputs(kV4, "out.corp.com");
  std::size_t wrong = 0;
  DnsAnswers none;
  Vary({Ptr(kV4), A("a.corp.com"), A("b.corp.com"), A("out.corp.com"), Aaaa("out.corp.com")}, &none,
       [&](const DnsAnswers& answers) {
         const RdnsEvidence rdns = AssessRdns(inputs, answers);
         const auto findings = Diagnose({inputs, answers, rdns});
         EXPECT_LE(findings.size(), kMaxFindings);
         for (const Finding& finding : findings) {
           ExpectProven(finding, answers);
           wrong += finding.kind == Finding::Kind::kWrong ? 1 : 0;
         }
       });
  EXPECT_GT(wrong, 0U);
}

}  // namespace
}  // namespace heloguard
