// Many lookups at once, servers that are slow, silent or hostile, and askers on many threads: nobody is held back,
// nobody is left without an answer, and everybody gets the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "dns_world.h"

namespace heloguard {
namespace {

using namespace std::chrono_literals;
using namespace heloguard::testing;

struct CountingSink final : EventSink {
  void Judged(const SessionReport&) override {}
  void LookedUp(const DnsQuestion&, const DnsAnswer& answer) override {
    const std::lock_guard<std::mutex> lock(mutex);
    ++by_status[answer.status];
  }
  std::mutex mutex;
  std::map<DnsStatus, int> by_status;
};

TEST(Load, SilentServersHoldNobodyElseBack) {
  CountingSink sink;
  std::vector<std::future<DnsAnswer>> silent;
  {
    auto resolver = StartResolver(WorldSettings(), &sink);
    for (int i = 0; i < 500; ++i) {
      silent.push_back(Asked(*resolver, A("host" + std::to_string(i) + ".silentdns.net")));
    }
    const auto start = std::chrono::steady_clock::now();
    const DnsAnswer answer = Answer(*resolver, A("mail.goodcorp.com"));
    EXPECT_EQ(answer.dnssec, Dnssec::kSecure);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  }
  int not_asked = 0;
  for (auto& future : silent) {
    ASSERT_EQ(future.wait_for(0s), std::future_status::ready);
    const DnsAnswer answer = future.get();
    EXPECT_THAT(answer.status, ::testing::AnyOf(DnsStatus::kNotAsked, DnsStatus::kServFail));
    not_asked += answer.status == DnsStatus::kNotAsked ? 1 : 0;
  }
  EXPECT_GT(not_asked, 0) << "destroyed with lookups pending";
  EXPECT_EQ(sink.by_status[DnsStatus::kNotAsked] + sink.by_status[DnsStatus::kServFail], 500);
  EXPECT_EQ(sink.by_status[DnsStatus::kAnswer], 1);
}

TEST(Load, ASilentServerIsGivenUpOnSoon) {
  auto resolver = StartResolver(WorldSettings());
  const DnsAnswer answer = Answer(*resolver, A("mail.silentdns.net"));
  EXPECT_EQ(answer.status, DnsStatus::kServFail);
  EXPECT_EQ(answer.dnssec, Dnssec::kIndeterminate);
  EXPECT_LT(answer.elapsed, 10s);
}

TEST(Load, OverTheCapNothingIsAsked) {
  Settings::Dns settings = WorldSettings();
  settings.max_in_flight = 3;
  auto resolver = StartResolver(settings);
  std::vector<std::future<DnsAnswer>> first;
  for (int i = 0; i < 3; ++i) first.push_back(Asked(*resolver, A("cap" + std::to_string(i) + ".silentdns.net")));
  auto over = Asked(*resolver, A("mail.goodcorp.com"));
  ASSERT_EQ(over.wait_for(0s), std::future_status::ready);
  EXPECT_EQ(over.get().status, DnsStatus::kNotAsked);
  for (auto& future : first) EXPECT_EQ(future.get().status, DnsStatus::kServFail);
  EXPECT_EQ(Answer(*resolver, A("mail.goodcorp.com")).status, DnsStatus::kAnswer);  // there is room again
}

// A cached answer comes inside the library's call, where a callback that asks more must not get in the way.
TEST(Load, CallbacksMayAskMore) {
  auto resolver = StartResolver(WorldSettings());
  ASSERT_EQ(Answer(*resolver, A("mail.goodcorp.com")).status, DnsStatus::kAnswer);
  std::promise<DnsAnswer> last;
  std::atomic<int> left{50};
  std::function<void(DnsAnswer)> next = [&](DnsAnswer answer) {
    if (--left == 0) {
      last.set_value(std::move(answer));
      return;
    }
    resolver->Ask(A("mail.goodcorp.com"), next);
  };
  resolver->Ask(A("mail.goodcorp.com"), next);
  EXPECT_EQ(last.get_future().get().status, DnsStatus::kAnswer);
}

// --- servers at fault ---

TEST(Faults, ASlowServerIsWaitedFor) {
  auto resolver = StartResolver(WorldSettings());
  const DnsAnswer answer = Answer(*resolver, A("mail.slow-server.net"));
  EXPECT_THAT(Texts(answer), ::testing::Contains("192.0.2.42"));
  EXPECT_EQ(answer.dnssec, Dnssec::kSecure);
  EXPECT_GE(answer.elapsed, 300ms);
  EXPECT_LT(answer.elapsed, WorldSettings().deadline);
}

// A message over the setting is no answer, whatever it holds, and so are more names than any host needs; one below it
// is, also over TCP.
TEST(Faults, AnAnswerIsBoundedInSize) {
  Settings::Dns settings = WorldSettings();
  settings.max_answer_bytes = 4'096;
  {
    auto resolver = StartResolver(settings);
    EXPECT_EQ(Answer(*resolver, Ptr("192.0.2.83")).status, DnsStatus::kServFail);
    EXPECT_EQ(Answer(*resolver, Ptr("192.0.2.20")).status, DnsStatus::kAnswer);
  }
  settings.max_answer_bytes = 64U << 10U;
  auto resolver = StartResolver(settings);
  EXPECT_EQ(Answer(*resolver, Ptr("192.0.2.83")).data.size(), 200U);
  EXPECT_EQ(Answer(*resolver, Ptr("192.0.2.85")).status, DnsStatus::kServFail);  // 768 names
  EXPECT_EQ(Answer(*resolver, A("m86.big.net")).data.size(), 2'002U);
}

// Whoever runs such servers may have names without number. Some of these lookups end while others still wait; the rest
// are pending when the resolver goes.
TEST(Faults, HostileServersHoldNobodyElseBack) {
  CountingSink sink;
  std::vector<std::future<DnsAnswer>> hostile;
  {
    auto resolver = StartResolver(WorldSettings(), &sink);
    const auto flood = [&](const std::string& zone, int names) {
      for (int i = 0; i < names; ++i) hostile.push_back(Asked(*resolver, A("host" + std::to_string(i) + "." + zone)));
    };
    flood("silentdns.net", 40);
    flood("tcp-silent-server.net", 200);
    for (const char* fault : {"late", "tcp-broken", "wrong-id", "other-question", "garbage", "pointer-loop", "cut"}) {
      flood(std::string(fault) + "-server.net", 40);
    }
    // The slow server's answer comes when the others have long been asked, over TCP too.
    EXPECT_EQ(Answer(*resolver, A("mail.slow-server.net")).dnssec, Dnssec::kSecure);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(Answer(*resolver, A("mail.goodcorp.com")).dnssec, Dnssec::kSecure);
    EXPECT_EQ(Answer(*resolver, A("mail.tcp-only-server.net")).dnssec, Dnssec::kSecure);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  }
  for (auto& future : hostile) {
    ASSERT_EQ(future.wait_for(0s), std::future_status::ready);
    EXPECT_THAT(future.get().status, ::testing::AnyOf(DnsStatus::kNotAsked, DnsStatus::kServFail));
  }
  EXPECT_EQ(sink.by_status[DnsStatus::kAnswer], 3);
}

// --- askers on many threads ---

// All that a client's lookups found, apart from times.
std::string Found(UnboundResolver& resolver, const std::string& client) {
  Subject subject = SubjectOf(client);
  ResolveAll(resolver, LookupsKeyedBy(LookupKey::kClient), {&subject});
  std::string found;
  for (const auto& [question, answer] : subject.book.entries()) {
    found += question.name.ToText() + " " + Ended(subject.book, question);
    for (const std::string& record : Texts(answer)) found += " " + record;
    found += "\n";
  }
  return found;
}

// Fifty clients of the grid: every DNSSEC state, and no server that keeps anybody waiting.
std::vector<std::string> FiftyClients() {
  std::vector<std::string> clients;
  for (int reverse = 1; reverse <= 6; ++reverse) {
    for (int forward = 1; forward <= 6; ++forward) {
      const std::string r = std::to_string(reverse);
      const std::string f = std::to_string(forward);
      clients.push_back("198.18." + r + "." + f);
      clients.push_back("2001:db8:100" + r + "::" + f);
    }
  }
  clients.resize(50);
  return clients;
}

TEST(ManyAskers, GetTheAnswersOfOne) {
  constexpr std::size_t kThreads = 16;
  const std::vector<std::string> clients = FiftyClients();
  std::vector<std::string> alone;
  {
    auto resolver = StartResolver(WorldSettings());
    for (const std::string& client : clients) alone.push_back(Found(*resolver, client));
  }
  auto resolver = StartResolver(WorldSettings());
  std::vector<std::vector<std::string>> together(kThreads, std::vector<std::string>(clients.size()));
  std::vector<std::thread> askers;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    askers.emplace_back([&, thread] {
      for (std::size_t i = 0; i < clients.size(); ++i) {
        const std::size_t client = (i + 3 * thread) % clients.size();  // in step, they would all ask for the same
        together[thread][client] = Found(*resolver, clients[client]);
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  for (std::size_t client = 0; client < clients.size(); ++client) {
    EXPECT_NE(alone[client], "");
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      EXPECT_EQ(together[thread][client], alone[client]) << clients[client] << ", thread " << thread;
    }
  }
}

}  // namespace
}  // namespace heloguard
