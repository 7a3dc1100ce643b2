// Counters and histograms (prometheus-cpp), served as text over HTTP by libevent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "adapters/metrics/metrics_server.h"
#include "heloguard/base/result.h"
#include "heloguard/session.h"

namespace heloguard {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };
template <>
inline constexpr std::array<std::string_view, 3> EnumNames<MetricType>{"counter", "gauge", "histogram"};

// One row of the metric table: registration and documentation at once.
struct MetricSpec {
  std::string_view name;
  MetricType type;
  std::span<const std::string_view> labels;
  std::string_view help;
};
[[nodiscard]] std::span<const MetricSpec> MetricTable();

// Asked whenever somebody wants the figures. Called from any thread.
struct MetricsProbes {
  std::function<bool()> serving = [] { return true; };                         // the milter socket is served
  std::function<std::size_t()> sessions = [] { return std::size_t{0}; };       // open now
  std::function<std::size_t()> dns_in_flight = [] { return std::size_t{0}; };  // DNS questions of sessions under way
  std::function<std::size_t()> log_dropped = [] { return std::size_t{0}; };    // log lines lost since the start
};

// Label values are words of tables and names of rules of loaded policies, never anything a client sends.
// Thread rule: any thread.
class Metrics final : public EventSink {
 public:
  explicit Metrics(std::string_view version, MetricsProbes probes = {});
  ~Metrics() override;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void SessionOpened() override;
  void Judged(const SessionReport& report) override;
  void Differed(const CandidateReport& report) override;
  void Waited(std::chrono::microseconds time) override;
  void LookedUp(const DnsQuestion& question, const DnsAnswer& answer) override;
  void DnsHeldBack(HeldBack why) override;
  void OverLimit(Limit limit) override;
  void EvidenceUsed(CacheUse use) override;
  void EvidenceHeld(std::size_t entries, std::size_t bytes, std::size_t evicted) override;
  void HealthChanged(bool healthy) override;
  // A reload was tried; a policy with errors is not ok.
  void Reloaded(bool ok);

  // The exposition in Prometheus' text format.
  [[nodiscard]] std::string Text() const;
  // Serves /metrics and /healthz (503 while the socket is not served) on "ADDRESS:PORT" from a thread of its own until
  // destruction. Errors: kConfig (malformed), kUnavailable (cannot bind).
  [[nodiscard]] Status Listen(const std::string& address, const MetricsServerLimits& limits = {});
  // Ends that thread: no probe is asked any more. No effect where nothing is served.
  void Close();
  // The port listened on, 0 if none is.
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace heloguard
