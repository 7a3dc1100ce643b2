// What is counted under which name and labels. Names and labels are an interface.
#include "adapters/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "sample_report.h"

namespace heloguard {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MetricTable, EveryRowIsExposedWithHelpAndType) {
  Metrics metrics("1.2.3");
  SampleReport sample;
  sample.RefusedByFirstRule();
  const SessionReport report = sample.Report();
  metrics.Judged(report);
  metrics.Differed({report, report.judgement});
  metrics.LookedUp({}, {});
  const std::string text = metrics.Text();
  std::set<std::string_view> names;
  for (const MetricSpec& spec : MetricTable()) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_TRUE(spec.name.starts_with("heloguard_"));
    EXPECT_EQ(spec.type == MetricType::kCounter, spec.name.ends_with("_total")) << spec.name;
    EXPECT_TRUE(spec.help.ends_with(".")) << spec.name;
    EXPECT_THAT(text, HasSubstr("# HELP " + std::string(spec.name) + " "));
    EXPECT_THAT(text, HasSubstr("# TYPE " + std::string(spec.name) + " " + std::string(NameOf(spec.type)) + "\n"));
    for (const std::string_view label : spec.labels) EXPECT_THAT(text, HasSubstr(std::string(label) + "=\""));
  }
}

TEST(Metrics, StartAtZero) {
  const std::string text = Metrics("1.2.3").Text();
  EXPECT_THAT(text, HasSubstr("\nheloguard_sessions_total 0\n"));
  EXPECT_THAT(text, HasSubstr("\nheloguard_reloads_total{result=\"ok\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\nheloguard_reloads_total{result=\"error\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\nheloguard_wait_seconds_count 0\n"));
  EXPECT_THAT(text, HasSubstr("\nheloguard_build_info{version=\"1.2.3\"} 1\n"));
}

TEST(Metrics, EvidenceAndHealth) {
  Metrics metrics("1.2.3");
  EXPECT_THAT(metrics.Text(), HasSubstr("\nheloguard_resolver_healthy 1\n"));
  EXPECT_THAT(metrics.Text(), HasSubstr("\nheloguard_cache_requests_total{result=\"join\"} 0\n"));
  metrics.EvidenceUsed(CacheUse::kHit);
  metrics.EvidenceHeld(3, 4'096, 2);
  metrics.EvidenceHeld(2, 2'048, 1);
  metrics.HealthChanged(false);
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("\nheloguard_cache_requests_total{result=\"hit\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nheloguard_cache_entries 2\n"));
  EXPECT_THAT(text, HasSubstr("\nheloguard_cache_bytes 2048\n"));
  EXPECT_THAT(text, HasSubstr("\nheloguard_cache_evictions_total 3\n"));
  EXPECT_THAT(text, HasSubstr("\nheloguard_resolver_healthy 0\n"));
}

TEST(Metrics, DifferencesOfACandidate) {
  Metrics metrics("1.2.3");
  SampleReport active;
  SampleReport candidate;
  candidate.RefusedByFirstRule();
  const SessionReport report = active.Report();
  const SessionReport other = candidate.Report();
  metrics.Differed({report, other.judgement});
  EXPECT_THAT(
      metrics.Text(),
      HasSubstr("\nheloguard_candidate_differences_total{candidate=\"reject\",rule=\"bare-ip\",verdict=\"accept\"} "
                "1\n"));
}

struct Row {
  std::string_view what;
  void (*change)(SampleReport&);
  std::vector<std::string> lines;
};

const Row kRows[] = {
    {"accepted by no rule",
     [](SampleReport&) {},
     {R"(heloguard_verdicts_total{mode="enforce",rule="",verdict="accept"} 1)"}},
    {"refused by a rule",
     [](SampleReport& s) { s.RefusedByFirstRule(); },
     {R"(heloguard_verdicts_total{mode="enforce",rule="bare-ip",verdict="reject"} 1)",
      R"(heloguard_rule_matches_total{action="reject",mode="enforce",rule="bare-ip"} 1)"}},
    {"an observe policy",
     [](SampleReport& s) {
       s.RefusedByFirstRule();
       s.policy.mode = Mode::kObserve;
     },
     {R"(heloguard_verdicts_total{mode="observe",rule="bare-ip",verdict="reject"} 1)",
      R"(heloguard_rule_matches_total{action="reject",mode="observe",rule="bare-ip"} 1)"}},
    {"an observed rule",
     [](SampleReport& s) { s.AddRule("trial", ActionKind::kTempfail, Truth::kTrue, Mode::kObserve); },
     {R"(heloguard_verdicts_total{mode="enforce",rule="",verdict="accept"} 1)",
      R"(heloguard_rule_matches_total{action="tempfail",mode="observe",rule="trial"} 1)"}},
    {"the score",
     [](SampleReport& s) {
       s.verdict.by_score = true;
       s.verdict.outcome = Outcome::kTempfail;
       s.AddRule("generic", ActionKind::kScore, Truth::kTrue);
     },
     {R"(heloguard_verdicts_total{mode="enforce",rule="score",verdict="tempfail"} 1)",
      R"(heloguard_rule_matches_total{action="score",mode="enforce",rule="generic"} 1)"}},
    {"an exempt session is accepted, whatever the rules say",
     [](SampleReport& s) {
       s.RefusedByFirstRule();
       s.exempt = "authenticated";
     },
     {R"(heloguard_verdicts_total{mode="enforce",rule="exempt",verdict="accept"} 1)"}},
};

TEST(Metrics, CountsVerdictsAndRules) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.what);
    SampleReport sample;
    row.change(sample);
    Metrics metrics("1");
    metrics.Judged(sample.Report());
    for (const std::string& line : row.lines) EXPECT_THAT(metrics.Text(), HasSubstr("\n" + line + "\n"));
  }
}

TEST(Metrics, NothingAClientSaysBecomesALabel) {
  SampleReport sample;
  sample.inputs.helo = ParseHelo("evil-helo.example");
  sample.from = "<evil-from@example>";
  sample.to = "<evil-to@example>";
  sample.rdns.verified = {*DomainName::FromText("evil-rdns.example")};
  Metrics metrics("1");
  metrics.Judged(sample.Report());
  metrics.LookedUp({*DomainName::FromText("evil-question.example"), RecordType::kA}, {});
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("evil")));
}

TEST(Metrics, RuleNamesAreEscapedInTheText) {
  SampleReport sample;
  sample.policy.rules[0].name = "a\"b\\c\nd";
  sample.RefusedByFirstRule();
  Metrics metrics("1");
  metrics.Judged(sample.Report());
  EXPECT_THAT(metrics.Text(), HasSubstr(R"(rule="a\"b\\c\nd")"));
}

TEST(Metrics, CountsSessionsLookupsWaitsAndReloads) {
  Metrics metrics("1");
  metrics.SessionOpened();
  metrics.SessionOpened();
  DnsAnswer answer;
  answer.status = DnsStatus::kNxDomain;
  answer.elapsed = std::chrono::milliseconds(30);
  metrics.LookedUp({*DomainName::FromText("a.example"), RecordType::kPtr}, answer);
  metrics.LookedUp({*DomainName::FromText("a.example"), RecordType::kAaaa}, {});  // not asked: it took no time
  metrics.Waited(std::chrono::microseconds(1'500'000));
  metrics.Waited(std::chrono::microseconds(20));
  metrics.Reloaded(true);
  metrics.Reloaded(false);
  metrics.Reloaded(false);
  const std::string text = metrics.Text();
  for (const std::string line :
       {R"(heloguard_sessions_total 2)", R"(heloguard_dns_lookups_total{status="nxdomain",type="PTR"} 1)",
        R"(heloguard_dns_lookups_total{status="not-asked",type="AAAA"} 1)", R"(heloguard_dns_seconds_count 1)",
        R"(heloguard_dns_seconds_bucket{le="0.025"} 0)", R"(heloguard_dns_seconds_bucket{le="0.05"} 1)",
        R"(heloguard_wait_seconds_count 2)", R"(heloguard_wait_seconds_sum 1.50002)",
        R"(heloguard_wait_seconds_bucket{le="1"} 1)", R"(heloguard_wait_seconds_bucket{le="2"} 2)",
        R"(heloguard_reloads_total{result="ok"} 1)", R"(heloguard_reloads_total{result="error"} 2)"}) {
    EXPECT_THAT(text, HasSubstr("\n" + line + "\n"));
  }
}

TEST(Metrics, ManyThreadsLoseNothing) {
  Metrics metrics("1");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const SampleReport sample;
      for (int i = 0; i < 250; ++i) {
        metrics.SessionOpened();
        metrics.Judged(sample.Report());
        metrics.Waited(std::chrono::microseconds(i));
        metrics.LookedUp({}, {});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("\nheloguard_sessions_total 1000\n"));
  EXPECT_THAT(text, HasSubstr("verdict=\"accept\"} 1000\n"));
  EXPECT_THAT(text, HasSubstr("\nheloguard_wait_seconds_count 1000\n"));
}

}  // namespace
}  // namespace heloguard
