// Clients that were here before: sessions of one message each, with evidence from our own cache, with records from the
// resolver library's alone, and, to tell what the rest costs, with no DNS at all. Last, clients that are new, on one
// thread, with a nameserver that answers at once; its own work counts as well. Nothing is logged.
#include <atomic>
#include <cstdio>
#include <thread>

#include "bench.h"
#include "clients.h"
#include "engine/evidence_cache.h"
#include "measure.h"
#include "os/clock.h"
#include "slow_nameserver.h"

namespace heloguard::bench {
namespace {

constexpr unsigned kClients = 256;  // that come again and again
constexpr unsigned kRounds = 15;
constexpr double kRoundSeconds = 0.15;
constexpr unsigned kNewClients = (kClientsOfAKind - kClients) / kRounds;  // in a round, at most

// Hears how much the cache holds.
class Held final : public EventSink {
 public:
  void Judged(const SessionReport& /*report*/) override {}
  void EvidenceHeld(std::size_t entries, std::size_t bytes, std::size_t /*evicted*/) override {
    entries_ = entries;
    bytes_ = bytes;
  }
  void Print() const {
    const auto entries = static_cast<double>(entries_.load());
    std::printf("the cache: %.0f pieces of evidence, two a client, %.0f bytes each\n", entries,
                static_cast<double>(bytes_.load()) / entries);
  }

 private:
  std::atomic<std::size_t> entries_{0};
  std::atomic<std::size_t> bytes_{0};
};

enum class Who : std::uint8_t { kKnown, kNew };

struct Row {
  const char* what;
  Services around;
  unsigned threads;
  Who who;
  Rounds rounds;
  std::vector<double> median_us, slow_us;  // of a session; one element a round
};

double OneSession(const Services& around, const std::shared_ptr<const Policy>& policy, unsigned client) {
  const Client sender = MakeClient(ClientKind::kClean, client);
  SystemClock clock;
  const Stopwatch watch;
  DrivenSession session("0123456789abcdef", policy, around, {}, &clock);
  SendOneMessage(sender, &session);
  session.OnClose();
  return watch.Seconds();
}

// The seconds each session took. No client of a round was there in a round before if new ones are wanted.
std::vector<double> SessionsForAWhile(const Row& row, const std::shared_ptr<const Policy>& policy) {
  const auto rounds_before = static_cast<unsigned>(row.median_us.size());
  std::vector<double> seconds;
  const Stopwatch watch;
  for (unsigned i = 0; watch.Seconds() < kRoundSeconds; ++i) {
    if (row.who == Who::kNew && i == kNewClients) break;
    const unsigned client = row.who == Who::kNew ? kClients + rounds_before * kNewClients + i : i % kClients;
    seconds.push_back(OneSession(row.around, policy, client));
  }
  return seconds;
}

void RunRound(const std::shared_ptr<const Policy>& policy, Row* row) {
  std::vector<std::vector<double>> parts(row->threads);
  const Stopwatch watch;
  std::vector<std::thread> threads;
  for (std::vector<double>& part : parts) {
    threads.emplace_back([&] { part = SessionsForAWhile(*row, policy); });
  }
  for (std::thread& thread : threads) thread.join();
  const double wall = watch.Seconds();
  const double processor = watch.ProcessorSeconds();
  std::vector<double> all;
  for (const std::vector<double>& part : parts) all.insert(all.end(), part.begin(), part.end());
  row->rounds.Add(static_cast<double>(all.size()), wall, processor);
  row->median_us.push_back(Median(all) * 1e6);
  row->slow_us.push_back(Quantile(std::move(all), 0.99) * 1e6);
}

void PrintRows(const std::vector<Row>& rows) {
  PrintRoundsHead("one message a session", "sessions/s");
  std::printf(" %11s %11s\n", "median", "99 %");
  for (const Row& row : rows) {
    PrintRounds(row.what, row.rounds, rows.front().rounds);
    std::printf(" %8.1f us %8.1f us\n", Median(row.median_us), Median(row.slow_us));
  }
}

}  // namespace

void RunWarm(const std::string& policies) {
  const auto policy = LoadPolicy(policies + "/default.toml");
  SlowNameserver server(TrueAnswer);
  SystemClock clock;
  Held sink;
  std::unique_ptr<EvidenceCache> cache;  // hears of the resolver's last answers, so it goes later
  const std::unique_ptr<UnboundResolver> resolver = ForwardTo(server.port());
  cache = std::make_unique<EvidenceCache>(16U << 20U, AnswerSources{{resolver.get()}}, &clock, &sink);
  Services offline;
  offline.clock = &clock;
  offline.sink = &sink;
  Services plain = offline;
  plain.resolver = resolver.get();
  Services cached = plain;
  cached.evidence = cache.get();
  std::vector<Row> rows{
      {"without the cache, 1 thread", plain, 1, Who::kKnown, {}, {}, {}},
      {"without the cache, 2 threads", plain, 2, Who::kKnown, {}, {}, {}},
      {"with the cache, 1 thread", cached, 1, Who::kKnown, {}, {}, {}},
      {"with the cache, 2 threads", cached, 2, Who::kKnown, {}, {}, {}},
      {"no DNS at all, 1 thread", offline, 1, Who::kKnown, {}, {}, {}},
      {"new clients, cache and nameserver", cached, 1, Who::kNew, {}, {}, {}},
  };
  for (unsigned i = 0; i < kClients; ++i) OneSession(cached, policy, i);  // warms the library's cache as well
  sink.Print();
  for (unsigned round = 0; round < kRounds; ++round) {
    for (Row& row : rows) RunRound(policy, &row);
  }
  PrintRows(rows);
}

}  // namespace heloguard::bench
