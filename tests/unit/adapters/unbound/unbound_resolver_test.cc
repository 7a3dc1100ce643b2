// The resolver against a small nameserver of the test's own, without DNSSEC: queue, caps, hostile packets, destruction,
// errors at start. Its looks at itself: canary_look_test.cc. Answers with DNSSEC: tests/dnsworld.
#include "adapters/unbound/unbound_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "resolver_help.h"

namespace heloguard {
namespace {

using namespace std::chrono_literals;
using namespace heloguard::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string StartError(const Settings::Dns& settings, ErrorKind kind = ErrorKind::kConfig) {
  const auto started = UnboundResolver::Start(settings, nullptr);
  if (started.ok()) return "no error";
  EXPECT_EQ(started.error().kind, kind);
  return started.error().message;
}

TEST(UnboundResolver, AnswersThroughAForwarder) {
  FakeNameserver server;
  auto resolver = StartResolver(ForwardTo(server));
  const DnsAnswer good = Asked(*resolver, A("good.example.com")).get();
  EXPECT_EQ(good.status, DnsStatus::kAnswer);
  EXPECT_EQ(good.dnssec, Dnssec::kIndeterminate);
  EXPECT_THAT(good.data, ElementsAre(DnsRecord(Ip("192.0.2.1"))));
  EXPECT_EQ(good.ttl, 60U);
  EXPECT_GT(good.elapsed, 0us);
  const DnsAnswer gone = Asked(*resolver, A("gone.example.com")).get();
  EXPECT_EQ(gone.status, DnsStatus::kNxDomain);
  EXPECT_EQ(gone.dnssec, Dnssec::kIndeterminate);
  EXPECT_EQ(gone.ttl, 60U);
}

TEST(UnboundResolver, CachedAnswersAreNotAskedAgain) {
  FakeNameserver server;
  auto resolver = StartResolver(ForwardTo(server));
  for (int i = 0; i < 3; ++i) Asked(*resolver, A("good.example.com")).get();
  const int before = server.questions();
  EXPECT_EQ(Asked(*resolver, A("GOOD.example.com")).get().status, DnsStatus::kAnswer);
  EXPECT_EQ(server.questions(), before);
}

TEST(UnboundResolver, LargeAnswersComeWhole) {
  FakeNameserver server;
  auto resolver = StartResolver(ForwardTo(server));
  EXPECT_EQ(Asked(*resolver, A("many.example.com")).get().data.size(), 300U);
}

// Addresses no public zone exists for are asked for all the same; only what means this machine is answered inside.
TEST(UnboundResolver, PrivateAndDocumentationAddressesAreAsked) {
  FakeNameserver server;
  auto resolver = StartResolver(ForwardTo(server));
  for (const char* client : {"192.0.2.1", "10.1.2.3", "192.168.3.4", "172.16.5.6", "2001:db8::1", "fd00::1"}) {
    const int before = server.questions();
    Asked(*resolver, Ptr(client)).get();
    EXPECT_GT(server.questions(), before) << client;
  }
  const DnsAnswer local = Asked(*resolver, Ptr("127.0.0.1")).get();
  EXPECT_THAT(local.data, ElementsAre(DnsRecord(Name("localhost"))));
}

// Packets that lie or fall short come to the same as none, whatever way they are hostile.
TEST(UnboundResolver, HostileAnswersAreNoAnswer) {
  FakeNameserver server;
  auto resolver = StartResolver(ForwardTo(server));
  const char* names[] = {"garbage", "wrongid", "wrongname", "loop", "ring", "chain", "cut", "refused", "servfail"};
  std::vector<std::future<DnsAnswer>> futures;
  for (const char* name : names) futures.push_back(Asked(*resolver, A(std::string(name) + ".example.com")));
  for (std::size_t i = 0; i < std::size(names); ++i) {
    const DnsAnswer answer = futures[i].get();
    EXPECT_EQ(answer.status, DnsStatus::kServFail) << names[i];
    EXPECT_EQ(answer.dnssec, Dnssec::kIndeterminate) << names[i];
    EXPECT_THAT(answer.data, IsEmpty()) << names[i];
    EXPECT_EQ(answer.why, "") << names[i];
  }
  EXPECT_EQ(Asked(*resolver, A("good.example.com")).get().status, DnsStatus::kAnswer);
}

// The library drops records of other names. What is left is an empty answer without a SOA.
TEST(UnboundResolver, RecordsOfOtherNamesAreNoAnswer) {
  FakeNameserver server;
  auto resolver = StartResolver(ForwardTo(server));
  const DnsAnswer answer = Asked(*resolver, A("other.example.com")).get();
  EXPECT_EQ(answer.status, DnsStatus::kServFail);
  EXPECT_THAT(answer.data, IsEmpty());
}

TEST(UnboundResolver, AnswersOverTheLimitAreNoAnswer) {
  FakeNameserver server;
  Settings::Dns settings = ForwardTo(server);
  settings.max_answer_bytes = 64U << 10U;
  auto resolver = StartResolver(settings);
  EXPECT_EQ(Asked(*resolver, A("huge.example.com")).get().data.size(), 2'040U);
  for (const std::size_t limit : {16U << 10U, 4'000U}) {
    settings.max_answer_bytes = limit;
    resolver = StartResolver(settings);
    const DnsAnswer huge = Asked(*resolver, A("huge.example.com")).get();
    EXPECT_EQ(huge.status, DnsStatus::kServFail);
    EXPECT_THAT(huge.data, IsEmpty());
    const bool fits = limit > 300 * 16;
    EXPECT_EQ(Asked(*resolver, A("many.example.com")).get().status, fits ? DnsStatus::kAnswer : DnsStatus::kServFail);
  }
}

// The forwarder answers for every zone: its silence about some names must not make it count as down.
TEST(UnboundResolver, SilenceAboutOneNameDoesNotSilenceTheForwarder) {
  FakeNameserver server;
  auto resolver = StartResolver(ForwardTo(server));
  std::vector<std::future<DnsAnswer>> silent;
  for (int i = 0; i < 100; ++i) silent.push_back(Asked(*resolver, A("silent" + std::to_string(i) + ".example.com")));
  for (auto& future : silent) EXPECT_EQ(future.get().status, DnsStatus::kServFail);
  const DnsAnswer good = Asked(*resolver, A("good.example.com")).get();
  EXPECT_EQ(good.status, DnsStatus::kAnswer);
  EXPECT_LT(good.elapsed, 2s);
}

TEST(UnboundResolver, ManyThreadsAsk) {
  FakeNameserver server;
  auto resolver = StartResolver(ForwardTo(server));
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::vector<std::future<DnsAnswer>> futures;
      for (int i = 0; i < 100; ++i) {
        futures.push_back(Asked(*resolver, A("good" + std::to_string(t * 50 + i) + ".example.com")));
      }
      for (auto& future : futures) answered += future.get().status == DnsStatus::kAnswer ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 400);
}

struct CountingSink final : EventSink {
  void Judged(const SessionReport&) override {}
  void LookedUp(const DnsQuestion& question, const DnsAnswer& answer) override {
    ++(answer.status == DnsStatus::kNotAsked ? not_asked : finished);
    if (question.type != RecordType::kA) ++odd;
  }
  std::atomic<int> finished{0}, not_asked{0}, odd{0};
};

TEST(UnboundResolver, DestructionAnswersWhatIsPendingAndWhatItsCallbacksAsk) {
  FakeNameserver server;
  CountingSink sink;
  std::atomic<int> calls{0};
  std::atomic<int> not_asked{0};
  auto resolver = StartResolver(ForwardTo(server), &sink);
  UnboundResolver* alive = resolver.get();
  const auto count = [&](const DnsAnswer& answer) {
    ++calls;
    if (answer.status == DnsStatus::kNotAsked) ++not_asked;
  };
  for (int i = 0; i < 200; ++i) {
    alive->Ask(A("silent" + std::to_string(i) + ".example.com"), [&, alive](DnsAnswer answer) {
      count(answer);
      alive->Ask(A("good.example.com"), count);
    });
  }
  Asked(*alive, A("good.example.com")).get();  // the queue has been taken
  for (int i = 0; i < 50; ++i) alive->Ask(A("late" + std::to_string(i) + ".example.com"), count);
  resolver.reset();
  EXPECT_EQ(calls, 450);
  EXPECT_GE(not_asked, 400);
  EXPECT_EQ(sink.finished + sink.not_asked, 451);
  EXPECT_EQ(sink.odd, 0);
}

TEST(UnboundResolver, OverTheCapTheAnswerComesInsideTheCall) {
  FakeNameserver server;
  Settings::Dns settings = ForwardTo(server);
  settings.max_in_flight = 2;
  auto resolver = StartResolver(settings);
  auto one = Asked(*resolver, A("silent1.example.com"));
  auto two = Asked(*resolver, A("silent2.example.com"));
  auto over = Asked(*resolver, A("good.example.com"));
  ASSERT_EQ(over.wait_for(0s), std::future_status::ready);
  const DnsAnswer answer = over.get();
  EXPECT_EQ(answer.status, DnsStatus::kNotAsked);
  EXPECT_EQ(answer.dnssec, Dnssec::kIndeterminate);
}

TEST(UnboundResolver, NothingAskedNothingLeft) {
  FakeNameserver server;
  for (int i = 0; i < 10; ++i) EXPECT_NE(StartResolver(ForwardTo(server)), nullptr);
}

TEST(UnboundResolver, ContextsMayBeMadeSideBySide) {
  FakeNameserver server;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      auto resolver = StartResolver(ForwardTo(server));
      EXPECT_EQ(Asked(*resolver, A("good.example.com")).get().status, DnsStatus::kAnswer);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(UnboundResolver, AnUnreadableAnchorIsAnErrorThatNamesTheSetting) {
  FakeNameserver server;
  Settings::Dns settings = ForwardTo(server);
  settings.validate = true;
  settings.trust_anchor = "/nonexistent/root.key";
  EXPECT_THAT(StartError(settings), HasSubstr("dns.trust_anchor: cannot read /nonexistent/root.key"));
  const TextFile broken(". IN DS one two three\n");
  settings.trust_anchor = broken.path();
  EXPECT_THAT(StartError(settings), HasSubstr("anchor"));
}

TEST(UnboundResolver, ErrorsInTheConfigurationFile) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"server:\n  no-such-option: 7\n", "has errors"},
      {"server:\n  module-config: \"validator cachedb iterator\"\n", "\"cachedb\" is not in the library"},
      {"server:\n  module-config: \"iterator\"\n", "no validator"},
      {"server:\n  verbosity: 0\n", "no readable trust anchor"},
      {"server:\n  trust-anchor-file: \"/nonexistent/root.key\"\n", "no readable trust anchor"},
      {"server:\n  trust-anchor: \". DS 1 13 2 zz\"\n", "libunbound does not accept"},
      {"server:\n  auto-trust-anchor-file: \"/nonexistent/root.key\"\n", "cannot write into /nonexistent"},
      {"server:\n  trust-anchor: \". DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\"\n"
       "  root-hints: \"/nonexistent/hints\"\n",
       "libunbound does not accept"},
  };
  for (const Case& c : cases) {
    const TextFile file(c.text);
    Settings::Dns settings;
    settings.unbound_config = file.path();
    EXPECT_THAT(StartError(settings), HasSubstr(c.message)) << c.text;
  }
}

}  // namespace
}  // namespace heloguard
