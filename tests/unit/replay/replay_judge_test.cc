// What a replay makes of a session: what the log does not tell refuses nobody, and memory has a bound.
#include "replay/replay_judge.h"

#include <gtest/gtest.h>

#include "policy_text.h"

namespace heloguard {
namespace {

using enum Outcome;
using testing::PolicyFrom;

constexpr std::string_view kBareIp = R"(
[[rule]]
name = "bare-ip"
when.helo.kind = "bare-ipv4"
action = "reject"
)";

std::shared_ptr<const Policy> PolicyOf(const std::string& head) {
  return PolicyFrom("[policy]\nname = \"p\"\n" + head + std::string(kBareIp));
}

ReplayJudge JudgeBy(const std::string& head, std::shared_ptr<const Policy> against = nullptr) {
  return {{PolicyOf(head), std::move(against)},
          std::make_shared<const OwnIdentity>(),
          std::chrono::year{2026} / std::chrono::November / 22};
}

LoggedSession SessionOf(const std::string& helo, std::optional<bool> authenticated = false) {
  LoggedSession session;
  session.client = IpAddress::V4({192, 0, 2, 1});
  session.helo_known = HeloKnowledge::kSaid;
  session.helo = helo;
  session.authenticated = authenticated;
  return session;
}

TEST(ReplayJudge, UnknownAuthenticationRefusesNobody) {
  ReplayJudge judge = JudgeBy("exempt = { authenticated = true }\n");
  EXPECT_EQ(judge.Judge(SessionOf("192.0.2.1", false), nullptr)->verdict.outcome, kReject);
  EXPECT_EQ(judge.Judge(SessionOf("192.0.2.1", true), nullptr)->verdict.worst, kAccept);
  const ReplayVerdict unknown = judge.Judge(SessionOf("192.0.2.1", std::nullopt), nullptr)->verdict;
  EXPECT_EQ(unknown.outcome, kAccept);
  EXPECT_EQ(unknown.worst, kReject);
  EXPECT_EQ(unknown.rule, std::nullopt);
  EXPECT_TRUE(unknown.withheld);
  EXPECT_FALSE(unknown.settled);
  EXPECT_TRUE(unknown.unknown.Has(FactId::kClientAuthenticated));
  EXPECT_FALSE(judge.Judge(SessionOf("mail.example.com", std::nullopt), nullptr)->verdict.withheld);
}

TEST(ReplayJudge, WithoutTheExemptionAuthenticationIsAllTheSame) {
  ReplayJudge judge = JudgeBy("exempt = { authenticated = false }\n");
  for (const auto& authenticated : {std::optional<bool>(), std::optional(false), std::optional(true)}) {
    EXPECT_EQ(judge.Judge(SessionOf("192.0.2.1", authenticated), nullptr)->verdict.outcome, kReject);
  }
}

TEST(ReplayJudge, OwnLinesNameTheExemptionWhereTheirPolicyGrantsIt) {
  LoggedSession session = SessionOf("192.0.2.1", std::nullopt);
  session.source = LogSource::kHeloguard;
  ReplayJudge judge = JudgeBy("");
  EXPECT_EQ(judge.Judge(session, nullptr)->verdict.outcome, kReject);
  ReplayJudge against = JudgeBy("", PolicyOf("exempt = { authenticated = false }\n"));
  const auto judgement = against.Judge(session, nullptr);
  EXPECT_EQ(judgement->verdict.outcome, kAccept) << "the lines would not show it";
  EXPECT_EQ(judgement->against->outcome, kReject);
}

TEST(ReplayJudge, APolicyThatObservesRefusesNothingToCompareWith) {
  ReplayJudge judge = JudgeBy("mode = \"observe\"\n", PolicyOf("mode = \"observe\"\n"));
  const auto judgement = judge.Judge(SessionOf("192.0.2.1"), nullptr);
  EXPECT_EQ(judgement->verdict.outcome, kReject) << "as if it were enforced";
  EXPECT_EQ(judgement->against->outcome, kAccept);
  EXPECT_EQ(judgement->against->worst, kAccept);
}

TEST(ReplayJudge, RemembersNoMoreThanItsOctets) {
  ReplayJudge judge({PolicyOf(""), nullptr}, std::make_shared<const OwnIdentity>(),
                    std::chrono::year{2026} / std::chrono::November / 22, 100'000);
  const auto numbered = [](int number) { return SessionOf(std::to_string(number) + "." + std::string(480, 'a')); };
  const auto remembered = [&] {
    int count = 0;
    for (int number = 0; number < 1000; ++number) count += judge.Find(numbered(number)) != nullptr ? 1 : 0;
    return count;
  };
  int most = 0;
  for (int number = 0; number < 1000; ++number) {
    const auto judged = judge.Judge(numbered(number), nullptr);
    ASSERT_EQ(judge.Find(numbered(number)), judged);
    if (number % 20 == 0) most = std::max(most, remembered());
  }
  EXPECT_LT(most, 200) << "at 480 octets of HELO each";
  EXPECT_GT(most, 50);
}

}  // namespace
}  // namespace heloguard
