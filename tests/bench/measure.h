// What the topics share: clocks, medians, policies, and the parts of a world that say nothing.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "adapters/unbound/unbound_resolver.h"
#include "heloguard/policy/policy.h"
#include "heloguard/ports.h"

namespace heloguard::bench {

// Prints `what` and ends the program: a benchmark without its parts has nothing to say.
[[noreturn]] void Fail(const std::string& what);

// The value below which `share` of them lie; REQUIRES: not empty.
[[nodiscard]] double Quantile(std::vector<double> values, double share);
[[nodiscard]] double Median(std::vector<double> values);
// The median of the ratios pair by pair, which holds when the machine's speed drifts. REQUIRES: as many of each.
[[nodiscard]] double MedianRatio(const std::vector<double>& values, const std::vector<double>& baseline);

// Rounds of work done by several ways in turn, as one table shows them.
struct Rounds {
  std::vector<double> rate;          // a second on the wall
  std::vector<double> processor_us;  // of one piece of work

  void Add(double pieces, double wall_seconds, double processor_seconds);
};
// The rate of the best round, since whatever else the machine does only takes away; processor time of the median one;
// each with its ratio to the baseline's.
void PrintRoundsHead(const char* title, const char* pieces);
void PrintRounds(const char* what, const Rounds& rounds, const Rounds& baseline);

// Time since it was made: on the wall, and of the processors, all threads together.
class Stopwatch {
 public:
  Stopwatch();
  [[nodiscard]] double Seconds() const;
  [[nodiscard]] double ProcessorSeconds() const;

 private:
  std::chrono::steady_clock::time_point wall_;
  double processor_;
};

[[nodiscard]] std::shared_ptr<const Policy> LoadPolicy(const std::string& path);
[[nodiscard]] std::shared_ptr<const Policy> PolicyOf(const std::string& rules);
// Names every DNS fact, and none of them is settled before all answers are in.
[[nodiscard]] std::shared_ptr<const Policy> PolicyOnEverything();

class Silent final : public EventSink {
 public:
  void Judged(const SessionReport& /*report*/) override {}
};

// Forwards to `port` of loopback, without DNSSEC.
[[nodiscard]] std::unique_ptr<UnboundResolver> ForwardTo(std::uint16_t port);
// Asks and waits for the answer.
DnsAnswer AskAndWait(Resolver* resolver, const DnsQuestion& question);

}  // namespace heloguard::bench
