// What is counted, as one table, and the events that count it. Knows prometheus-cpp; the HTTP side is
// metrics_server.cc's. Tests: tests/unit/adapters/metrics/metrics_test.cc.
#include "adapters/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <sstream>
#include <utility>
#include <vector>

#include "os/process_use.h"

namespace heloguard {
namespace {

using std::string_view;

// The row of each metric in the table.
enum class MetricId : std::uint8_t {
  kSessions,
  kVerdicts,
  kRuleMatches,
  kDifferences,
  kWait,
  kLookups,
  kLookupTime,
  kInFlight,
  kOpenSessions,
  kThreads,
  kDescriptors,
  kHeldBack,
  kOverLimit,
  kCacheRequests,
  kCacheEntries,
  kCacheBytes,
  kCacheEvictions,
  kHealthy,
  kReloads,
  kServing,
  kLogDropped,
  kRejected,
  kBuild,
};
constexpr std::size_t kMetricCount = 23;

constexpr std::array<string_view, 3> kVerdictLabels{"verdict", "rule", "mode"};
constexpr std::array<string_view, 3> kRuleLabels{"rule", "action", "mode"};
constexpr std::array<string_view, 3> kDifferenceLabels{"verdict", "candidate", "rule"};
constexpr std::array<string_view, 2> kLookupLabels{"type", "status"};
constexpr std::array<string_view, 1> kResultLabels{"result"};
constexpr std::array<string_view, 1> kReasonLabels{"reason"};
constexpr std::array<string_view, 1> kLimitLabels{"limit"};
constexpr std::array<string_view, 1> kBuildLabels{"version"};

constexpr MetricSpec kTable[] = {
    {"heloguard_sessions_total", MetricType::kCounter, {}, "SMTP connections."},
    {"heloguard_verdicts_total", MetricType::kCounter, kVerdictLabels,
     "Judgements by what was answered (mode observe: would have been) and the rule that decided; rule is \"score\" for "
     "the "
     "thresholds, \"exempt\" where nothing is refused whatever the rules say, and empty where none decided."},
    {"heloguard_rule_matches_total", MetricType::kCounter, kRuleLabels,
     "Judgements in which a rule held, whether or not it decided; notes, scores and observed rules too."},
    {"heloguard_candidate_differences_total", MetricType::kCounter, kDifferenceLabels,
     "Messages the candidate policy judges otherwise: verdict is the active policy's, candidate the other, rule what "
     "refused, of the one that refuses more."},
    {"heloguard_wait_seconds", MetricType::kHistogram, {}, "What the MTA waited for us at one step of a session."},
    {"heloguard_dns_lookups_total", MetricType::kCounter, kLookupLabels, "DNS questions by record type and outcome."},
    {"heloguard_dns_seconds", MetricType::kHistogram, {}, "How long a DNS question took."},
    {"heloguard_dns_in_flight",
     MetricType::kGauge,
     {},
     "DNS questions of sessions that the resolver has not answered yet."},
    {"heloguard_sessions_open", MetricType::kGauge, {}, "Sessions that are open."},
    {"heloguard_threads", MetricType::kGauge, {}, "Threads of the process."},
    {"heloguard_descriptors", MetricType::kGauge, {}, "Descriptors the process has open."},
    {"heloguard_dns_refused_total", MetricType::kCounter, kReasonLabels,
     "DNS questions that were not asked, by the share they were over: zone (it does not answer), network (of the client), "
     "share, full. What they would have told is unknown, and refuses nobody."},
    {"heloguard_over_limit_total", MetricType::kCounter, kLimitLabels,
     "Sessions, messages and HELOs beyond a limit of [limits]: unjudged, or deferred by limits.overload."},
    {"heloguard_cache_requests_total", MetricType::kCounter, kResultLabels,
     "Evidence about a client or a HELO name that a session needed: hit (known), join (another session's lookups were "
     "under way) or miss (asked for)."},
    {"heloguard_cache_entries", MetricType::kGauge, {}, "Clients and HELO names in the evidence cache."},
    {"heloguard_cache_bytes", MetricType::kGauge, {}, "About what the evidence cache takes in memory."},
    {"heloguard_cache_evictions_total", MetricType::kCounter, {}, "Evidence given up for want of room."},
    {"heloguard_resolver_healthy",
     MetricType::kGauge,
     {},
     "0 while our own DNS is not to be trusted and rules that rest on it refuse nothing, else 1."},
    {"heloguard_reloads_total", MetricType::kCounter, kResultLabels, "Reloads of the policy by result, ok or error."},
    {"heloguard_serving",
     MetricType::kGauge,
     {},
     "1 if the milter socket answers, as /healthz, else 0; tried for every scrape."},
    {"heloguard_log_dropped_total",
     MetricType::kCounter,
     {},
     "Log lines dropped because log.target failed or did not keep up with log.queue."},
    {"heloguard_metrics_rejected_total",
     MetricType::kCounter,
     {},
     "Connections to metrics.listen closed because there were metrics.max_connections of them."},
    {"heloguard_build_info", MetricType::kGauge, kBuildLabels, "Always 1; the label is the version that runs."},
};
static_assert(std::size(kTable) == kMetricCount);

const MetricSpec& SpecOf(MetricId id) { return kTable[static_cast<std::size_t>(id)]; }

double Seconds(std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); }

// From an answer out of a cache to beyond the longest deadline there is.
const prometheus::Histogram::BucketBoundaries& TimeBuckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets{0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                                0.25,   0.5,   1,     2,    4,     10};
  return kBuckets;
}

prometheus::Labels LabelsOf(const MetricSpec& spec, std::initializer_list<string_view> values) {
  prometheus::Labels labels;
  auto value = values.begin();
  for (const string_view label : spec.labels) labels.emplace(label, *value++);
  return labels;
}

// Name and help of a row, in the words of the library's builders.
template <class Builder>
auto& Register(Builder builder, const MetricSpec& spec, prometheus::Registry& registry) {
  return builder.Name(std::string(spec.name)).Help(std::string(spec.help)).Register(registry);
}

string_view VerdictRule(const SessionReport& report) {
  return report.judgement.exempt.empty() ? DecidingRule(report.judgement) : "exempt";
}

}  // namespace

std::span<const MetricSpec> MetricTable() { return kTable; }

struct Metrics::Impl {
  prometheus::Registry registry;
  // By MetricId; null where the row is of another type.
  std::array<prometheus::Family<prometheus::Counter>*, kMetricCount> counters{};
  std::array<prometheus::Histogram*, kMetricCount> histograms{};
  std::array<prometheus::Family<prometheus::Gauge>*, kMetricCount> gauges{};
  MetricsProbes probes;
  std::unique_ptr<MetricsServer> server;  // last: its thread, which reads the registry, ends first

  Impl() {
    for (std::size_t i = 0; i < kMetricCount; ++i) {
      switch (kTable[i].type) {
        case MetricType::kCounter:
          counters[i] = &Register(prometheus::BuildCounter(), kTable[i], registry);
          break;
        case MetricType::kHistogram:
          histograms[i] = &Register(prometheus::BuildHistogram(), kTable[i], registry).Add({}, TimeBuckets());
          break;
        case MetricType::kGauge:
          gauges[i] = &Register(prometheus::BuildGauge(), kTable[i], registry);
          break;
      }
    }
  }

  // REQUIRES: `values` are as many as the row has labels.
  prometheus::Counter& Counter(MetricId id, std::initializer_list<string_view> values) {
    return counters[static_cast<std::size_t>(id)]->Add(LabelsOf(SpecOf(id), values));
  }
  prometheus::Gauge& Gauge(MetricId id, std::initializer_list<string_view> values) {
    return gauges[static_cast<std::size_t>(id)]->Add(LabelsOf(SpecOf(id), values));
  }
  [[nodiscard]] std::string Text() {
    Gauge(MetricId::kServing, {}).Set(probes.serving() ? 1 : 0);
    Gauge(MetricId::kInFlight, {}).Set(static_cast<double>(probes.dns_in_flight()));
    Gauge(MetricId::kOpenSessions, {}).Set(static_cast<double>(probes.sessions()));
    Gauge(MetricId::kThreads, {}).Set(static_cast<double>(RunningThreads()));
    Gauge(MetricId::kDescriptors, {}).Set(static_cast<double>(OpenDescriptors()));
    prometheus::Counter& dropped = Counter(MetricId::kLogDropped, {});
    dropped.Increment(std::max(static_cast<double>(probes.log_dropped()) - dropped.Value(), 0.0));
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, registry.Collect());
    return out.str();
  }
  void Observe(MetricId id, std::chrono::microseconds time) {
    histograms[static_cast<std::size_t>(id)]->Observe(Seconds(time));
  }
};

Metrics::Metrics(string_view version, MetricsProbes probes) : impl_(std::make_unique<Impl>()) {
  impl_->probes = std::move(probes);
  impl_->Gauge(MetricId::kBuild, {version}).Set(1);
  // Counters that start at 0 rather than appear: the first increase is one that a rate can see.
  for (const MetricId id : {MetricId::kSessions, MetricId::kRejected}) impl_->Counter(id, {});
  for (const string_view result : {"ok", "error"}) impl_->Counter(MetricId::kReloads, {result});
  for (const string_view why : EnumNames<HeldBack>) impl_->Counter(MetricId::kHeldBack, {why});
  for (const string_view limit : EnumNames<Limit>) impl_->Counter(MetricId::kOverLimit, {limit});
  for (const string_view use : EnumNames<CacheUse>) impl_->Counter(MetricId::kCacheRequests, {use});
  EvidenceHeld(0, 0, 0);
  HealthChanged(true);
}

Metrics::~Metrics() = default;

void Metrics::SessionOpened() { impl_->Counter(MetricId::kSessions, {}).Increment(); }

void Metrics::Judged(const SessionReport& report) {
  const Mode policy_mode = report.judgement.mode;
  impl_->Counter(MetricId::kVerdicts, {NameOf(report.judgement.outcome()), VerdictRule(report), NameOf(policy_mode)})
      .Increment();
  for (std::size_t i = 0; i < report.judgement.verdict.rules.size(); ++i) {
    const RuleTrace& trace = report.judgement.verdict.rules[i];
    if (trace.state != RuleTrace::State::kEvaluated || trace.truth != Truth::kTrue) continue;
    const Rule& rule = report.judgement.policy->rules[i];
    const Mode mode = policy_mode == Mode::kObserve ? policy_mode : trace.mode;
    impl_->Counter(MetricId::kRuleMatches, {rule.name, NameOf(rule.action), NameOf(mode)}).Increment();
  }
}

void Metrics::Differed(const CandidateReport& report) {
  const Judgement& active = report.active.judgement;
  const Judgement& candidate = report.candidate;
  const Judgement& harder = candidate.outcome() > active.outcome() ? candidate : active;
  const string_view rule = DecidingRule(harder);
  impl_->Counter(MetricId::kDifferences, {NameOf(active.outcome()), NameOf(candidate.outcome()), rule}).Increment();
}

void Metrics::Waited(std::chrono::microseconds time) { impl_->Observe(MetricId::kWait, time); }

void Metrics::LookedUp(const DnsQuestion& question, const DnsAnswer& answer) {
  impl_->Counter(MetricId::kLookups, {NameOf(question.type), NameOf(answer.status)}).Increment();
  if (answer.status != DnsStatus::kNotAsked) impl_->Observe(MetricId::kLookupTime, answer.elapsed);
}

void Metrics::DnsHeldBack(HeldBack why) { impl_->Counter(MetricId::kHeldBack, {NameOf(why)}).Increment(); }

void Metrics::OverLimit(Limit limit) { impl_->Counter(MetricId::kOverLimit, {NameOf(limit)}).Increment(); }

void Metrics::EvidenceUsed(CacheUse use) { impl_->Counter(MetricId::kCacheRequests, {NameOf(use)}).Increment(); }

void Metrics::EvidenceHeld(std::size_t entries, std::size_t bytes, std::size_t evicted) {
  impl_->Gauge(MetricId::kCacheEntries, {}).Set(static_cast<double>(entries));
  impl_->Gauge(MetricId::kCacheBytes, {}).Set(static_cast<double>(bytes));
  impl_->Counter(MetricId::kCacheEvictions, {}).Increment(static_cast<double>(evicted));
}

void Metrics::HealthChanged(bool healthy) { impl_->Gauge(MetricId::kHealthy, {}).Set(healthy ? 1 : 0); }

void Metrics::Reloaded(bool ok) { impl_->Counter(MetricId::kReloads, {ok ? "ok" : "error"}).Increment(); }

std::string Metrics::Text() const { return impl_->Text(); }

Status Metrics::Listen(const std::string& address, const MetricsServerLimits& limits) {
  const auto parsed = ParseListenAddress(address);
  if (!parsed) return Error{ErrorKind::kConfig, "metrics.listen: not an address with a port", {}};
  Impl* const impl = impl_.get();
  auto server = MetricsServer::Start(*parsed, limits,
                                     {.text = [impl] { return impl->Text(); },
                                      .healthy = [impl] { return impl->probes.serving(); },
                                      .rejected = [impl] { impl->Counter(MetricId::kRejected, {}).Increment(); }});
  if (!server.ok()) return Error{server.error().kind, "metrics.listen: " + server.error().message, {}};
  impl_->server = std::move(server).value();
  return Done{};
}

void Metrics::Close() { impl_->server.reset(); }

std::uint16_t Metrics::port() const { return impl_->server ? impl_->server->port() : std::uint16_t{0}; }

}  // namespace heloguard
