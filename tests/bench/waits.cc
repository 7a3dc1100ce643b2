// A session whose client talks without a pause, on the real resolver library in front of a nameserver some way off,
// against asking the same questions one after another through the same resolver. Every client is new, so nothing is
// cached; the session's time is all that passes between connect and the answer to RCPT, its own work included.
#include <array>
#include <cstdio>

#include "bench.h"
#include "clients.h"
#include "measure.h"
#include "os/clock.h"
#include "slow_nameserver.h"

namespace heloguard::bench {
namespace {

using std::chrono::milliseconds;

struct Distance {
  milliseconds round_trip;
  int repeats;
};
constexpr std::array<Distance, 3> kDistances{{{milliseconds(0), 101}, {milliseconds(20), 11}, {milliseconds(200), 3}}};

struct Row {
  ClientKindRow client;
  const char* policy_name;
  std::shared_ptr<const Policy> policy;
};

class Waits {
 public:
  Waits() : server_(TrueAnswer), resolver_(ForwardTo(server_.port())) {
    around_.resolver = resolver_.get();
    around_.clock = &clock_;
    around_.sink = &sink_;
  }

  void Print(const Row& row, const Distance& distance) {
    server_.SetRoundTrip(distance.round_trip);
    std::vector<double> together;
    std::vector<double> in_turn;
    std::size_t questions = 0;
    for (int i = 0; i < distance.repeats; ++i) {
      together.push_back(SessionSeconds(row));
      const auto asked = QuestionsOf(row.policy, MakeClient(row.client.kind, next_));
      in_turn.push_back(InTurnSeconds(asked));
      questions = asked.size();
    }
    std::printf("%-14s %-13s %5zu %7lld ms %12.2f ms %12.2f ms %7.2f\n", row.client.name, row.policy_name, questions,
                static_cast<long long>(distance.round_trip.count()), Median(together) * 1e3, Median(in_turn) * 1e3,
                MedianRatio(together, in_turn));
    std::fflush(stdout);
  }

 private:
  double SessionSeconds(const Row& row) {
    const Client client = MakeClient(row.client.kind, next_++);
    DrivenSession session("0123456789abcdef", row.policy, around_, {}, &clock_);
    const Stopwatch watch;
    SendOneMessage(client, &session);
    const double seconds = watch.Seconds();
    session.OnClose();
    return seconds;
  }

  double InTurnSeconds(const std::vector<DnsQuestion>& questions) {
    ++next_;
    const Stopwatch watch;
    for (const DnsQuestion& question : questions) {
      if (IsTransient(AskAndWait(resolver_.get(), question).status)) Fail("the nameserver does not answer");
    }
    return watch.Seconds();
  }

  SlowNameserver server_;
  SystemClock clock_;
  Silent sink_;
  std::unique_ptr<UnboundResolver> resolver_;
  Services around_;
  unsigned next_ = 0;
};

}  // namespace

void RunWaits(const std::string& policies) {
  const auto normal = LoadPolicy(policies + "/default.toml");
  std::vector<Row> rows;
  for (const ClientKindRow& client : kClientKinds) rows.push_back({client, "default.toml", normal});
  rows.push_back({kClientKinds.front(), "every fact", PolicyOnEverything()});
  std::printf("%-14s %-13s %5s %10s %15s %15s %7s\n", "client", "policy", "asks", "round trip", "session", "one by one",
              "ratio");
  Waits waits;
  for (const Row& row : rows) {
    for (const Distance& distance : kDistances) waits.Print(row, distance);
  }
}

}  // namespace heloguard::bench
