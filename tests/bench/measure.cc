// Clocks, medians, and the making of policies and resolvers for the topics.
#include "measure.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <future>

#include "adapters/toml/policy_reader.h"
#include "dns_text.h"

namespace heloguard::bench {
namespace {

PolicyReadOptions ReadToday() {
  PolicyReadOptions options;
  options.today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  return options;
}

std::shared_ptr<const Policy> Require(const LoadedPolicy& loaded) {
  if (loaded.policy) return loaded.policy;
  Fail(loaded.diagnostics.empty() ? "a policy does not load" : loaded.diagnostics.front().error.ToString());
}

double ProcessorClock() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

void Fail(const std::string& what) {
  std::fprintf(stderr, "heloguard_bench: %s\n", what.c_str());
  std::exit(70);
}

double Quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  const auto index = static_cast<std::size_t>(static_cast<double>(values.size()) * share);
  return values[std::min(index, values.size() - 1)];
}

double Median(std::vector<double> values) { return Quantile(std::move(values), 0.5); }

double MedianRatio(const std::vector<double>& values, const std::vector<double>& baseline) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < values.size(); ++i) ratios.push_back(values[i] / baseline[i]);
  return Median(std::move(ratios));
}

void Rounds::Add(double pieces, double wall_seconds, double processor_seconds) {
  rate.push_back(pieces / wall_seconds);
  processor_us.push_back(processor_seconds / pieces * 1e6);
}

void PrintRoundsHead(const char* title, const char* pieces) {
  std::printf("%-40s %12s %7s %15s %7s", title, pieces, "ratio", "processor time", "ratio");
}

void PrintRounds(const char* what, const Rounds& rounds, const Rounds& baseline) {
  const double best = Quantile(rounds.rate, 1);
  std::printf("%-40s %12.0f %7.2f %12.2f us %7.2f", what, best, best / Quantile(baseline.rate, 1),
              Median(rounds.processor_us), MedianRatio(rounds.processor_us, baseline.processor_us));
}

Stopwatch::Stopwatch() : wall_(std::chrono::steady_clock::now()), processor_(ProcessorClock()) {}

double Stopwatch::Seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
}

double Stopwatch::ProcessorSeconds() const { return ProcessorClock() - processor_; }

std::shared_ptr<const Policy> LoadPolicy(const std::string& path) { return Require(ReadPolicy(path, ReadToday())); }

std::shared_ptr<const Policy> PolicyOf(const std::string& rules) {
  return Require(ReadPolicyText("schema = 1\n" + rules, "bench.toml", ReadToday()));
}

std::shared_ptr<const Policy> PolicyOnEverything() {
  return PolicyOf(
      "[[rule]]\nname = 'rdns'\nwhen.rdns.status = ['fail', 'permerror']\nscore = 9.0\n"
      "[[rule]]\nname = 'address'\nwhen.helo.address = 'nxdomain'\nscore = 9.0\noverrides_rfc5321 = true\n"
      "[[rule]]\nname = 'mx'\nwhen.helo.mx = 'null'\nscore = 9.0\n");
}

std::unique_ptr<UnboundResolver> ForwardTo(std::uint16_t port) {
  Settings::Dns settings;
  settings.validate = false;
  settings.resolvers = {{testing::Ip("127.0.0.1"), port}};
  auto started = UnboundResolver::Start(settings, nullptr);
  if (!started.ok()) Fail(started.error().ToString());
  return std::move(started).value();
}

DnsAnswer AskAndWait(Resolver* resolver, const DnsQuestion& question) {
  const auto promise = std::make_shared<std::promise<DnsAnswer>>();
  auto future = promise->get_future();
  resolver->Ask(question, [promise](DnsAnswer answer) { promise->set_value(std::move(answer)); });
  return future.get();
}

}  // namespace heloguard::bench
