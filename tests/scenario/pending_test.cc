// Sessions that never wait: what an event is that has no answer yet, who is told when, and what a deadline does. One
// thread drives ten thousand of them; a thread of the resolver's answers while they close.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>

#include "dns_text.h"
#include "engine/drive/simulated_services.h"
#include "heloguard/session.h"
#include "policy_text.h"

namespace heloguard {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): short forms only
using std::chrono::milliseconds;

constexpr std::string_view kClient = "192.0.2.7";
constexpr const char* kNoReverse = R"(
[[rule]]
name = "no-reverse"
when.rdns.status = ["fail", "permerror"]
action = "reject"
)";
constexpr const char* kNoAddress = R"(
[[rule]]
name = "no-reverse"
when.rdns.status = ["fail", "permerror"]
action = "reject"
[[rule]]
name = "no-address"
when.helo.address = ["nxdomain", "nodata"]
overrides_rfc5321 = true
action = "reject"
)";

class Nobody final : public EventSink {
 public:
  void Judged(const SessionReport& /*report*/) override { ++judged; }
  int judged = 0;
};

class PendingTest : public ::testing::Test {
 protected:
  Services Around(Resolver* resolver) {
    Services around;
    around.resolver = resolver;
    around.clock = &world;
    around.sink = &sink;
    around.deadline = milliseconds(4'000);
    return around;
  }
  // Brought up to MAIL; only RCPT owes a verdict.
  std::unique_ptr<Session> AtMail(const std::string& policy = kNoReverse, std::string_view helo = "mail.example.org") {
    auto session = std::make_unique<Session>("abcdefgh01234567", PolicyFrom(policy), Around(&world), SessionOptions{},
                                             [this] { ++announced; });
    ConnectInfo info;
    info.client = Ip(kClient);
    EXPECT_FALSE(session->OnConnect(info).pending());
    EXPECT_FALSE(session->OnHelo(helo, false).pending());
    EXPECT_FALSE(session->OnMail("<>", false, false).pending());
    return session;
  }

  SimulatedServices world;
  Nobody sink;
  int announced = 0;
};

TEST_F(PendingTest, AnnouncesOnceWhenAllIsThere) {
  world.Script(Ptr(kClient), Names({"mail.example.org"}), milliseconds(10));
  world.Script(A("mail.example.org"), Addresses({"192.0.2.99"}), milliseconds(10));
  const auto session = AtMail();
  const Step step = session->OnRcpt("<b@example.net>");
  ASSERT_TRUE(step.pending());
  EXPECT_EQ(step.answer.outcome, Outcome::kAccept);
  EXPECT_EQ(*step.deadline, world.Now() + milliseconds(4'000));
  EXPECT_EQ(announced, 0);
  world.Advance(milliseconds(10));
  EXPECT_EQ(announced, 0) << "the second round is under way";
  world.Advance(milliseconds(10));
  EXPECT_EQ(announced, 1);
  EXPECT_EQ(session->Resume().answer.outcome, Outcome::kReject);
  world.Advance(milliseconds(60'000));
  EXPECT_EQ(announced, 1);
}

TEST_F(PendingTest, WhatIsThereIsAnsweredAtOnce) {
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain));
  const auto session = AtMail();
  world.Advance(milliseconds(0));
  const Step step = session->OnRcpt("<b@example.net>");
  EXPECT_FALSE(step.pending());
  EXPECT_EQ(step.answer.outcome, Outcome::kReject);
  EXPECT_EQ(announced, 0);
}

TEST_F(PendingTest, AtTheDeadlineWhatIsMissingCountsAsNotAnswered) {
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain), milliseconds(9'000));
  const auto session = AtMail();
  const Step step = session->OnRcpt("<b@example.net>");
  ASSERT_TRUE(step.pending());
  world.Advance(milliseconds(3'999));
  const Step early = session->Expire(world.Now());
  ASSERT_TRUE(early.pending()) << "there is still time";
  EXPECT_EQ(early.deadline, step.deadline);
  world.Advance(milliseconds(1));
  const Step late = session->Expire(world.Now());
  EXPECT_FALSE(late.pending());
  EXPECT_EQ(late.answer.outcome, Outcome::kAccept);
  world.Advance(milliseconds(60'000));
  EXPECT_EQ(announced, 0) << "an answer that comes later interests nobody";
}

TEST_F(PendingTest, EachLookupHasItsOwnDeadline) {
  world.Silence(Ptr(kClient));
  world.Script(A("mail.example.org"), End(DnsStatus::kNxDomain), milliseconds(3'500));
  world.Script(Aaaa("mail.example.org"), End(DnsStatus::kNxDomain), milliseconds(3'500));
  auto session = std::make_unique<Session>("abcdefgh01234567", PolicyFrom(kNoAddress), Around(&world), SessionOptions{},
                                           [this] { ++announced; });
  ConnectInfo info;
  info.client = Ip(kClient);
  (void)session->OnConnect(info);
  const auto connected = world.Now();
  world.Advance(milliseconds(2'000));
  (void)session->OnHelo("mail.example.org", false);
  (void)session->OnMail("<>", false, false);
  const Step first = session->OnRcpt("<b@example.net>");
  ASSERT_TRUE(first.pending());
  EXPECT_EQ(*first.deadline, connected + milliseconds(4'000));
  world.Advance(milliseconds(2'000));
  const Step second = session->Expire(world.Now());
  ASSERT_TRUE(second.pending()) << "the name's lookups began later";
  EXPECT_EQ(*second.deadline, connected + milliseconds(6'000));
  world.Advance(milliseconds(1'500));
  EXPECT_EQ(announced, 1);
  EXPECT_EQ(session->Resume().answer.outcome, Outcome::kReject);
}

TEST_F(PendingTest, NothingIsAnnouncedAfterTheSessionIsClosed) {
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain), milliseconds(100));
  const auto session = AtMail();
  ASSERT_TRUE(session->OnRcpt("<b@example.net>").pending());
  session->OnClose();
  world.Advance(milliseconds(60'000));
  EXPECT_EQ(announced, 0);
  EXPECT_EQ(sink.judged, 1) << "it is told of all the same";
}

TEST_F(PendingTest, AnEventGivesUpTheOneThatIsPending) {
  world.Script(Ptr(kClient), End(DnsStatus::kNxDomain), milliseconds(100));
  const auto session = AtMail();
  ASSERT_TRUE(session->OnRcpt("<b@example.net>").pending());
  EXPECT_FALSE(session->OnHelo("mail.example.org", false).pending());
  world.Advance(milliseconds(60'000));
  EXPECT_EQ(announced, 0);
  EXPECT_FALSE(session->Resume().pending()) << "nothing is pending any more";
}

// All of their DNS is late: a third is answered behind the deadline, the others never. Every one is answered at its
// deadline, by one thread that never waits for one of them.
TEST_F(PendingTest, OneThreadDrivesTenThousandSessions) {
  constexpr unsigned kSessions = 10'000;
  const auto policy = PolicyFrom(kNoReverse);
  std::vector<std::unique_ptr<Session>> sessions;
  std::multimap<Clock::TimePoint, Session*> due;
  std::map<Session*, Clock::TimePoint> begun;
  for (unsigned i = 0; i < kSessions; ++i) {
    const std::string client =
        "10." + std::to_string(i >> 16U) + "." + std::to_string(i >> 8U & 0xffU) + "." + std::to_string(i & 0xffU);
    if (i % 3 == 0) {
      world.Script(Ptr(client), End(DnsStatus::kNxDomain), milliseconds(4'001 + i));
    } else {
      world.Silence(Ptr(client));
    }
    sessions.push_back(std::make_unique<Session>("abcdefgh01234567", policy, Around(&world), SessionOptions{},
                                                 [this] { ++announced; }));
    Session* const session = sessions.back().get();
    ConnectInfo info;
    info.client = Ip(client);
    (void)session->OnConnect(info);
    begun[session] = world.Now();
    (void)session->OnHelo("mail.example.org", false);
    (void)session->OnMail("<>", false, false);
    const Step step = session->OnRcpt("<b@example.net>");
    ASSERT_TRUE(step.pending());
    due.emplace(*step.deadline, session);
    if (i % 10 == 9) world.Advance(milliseconds(1));
  }
  unsigned answered = 0;
  while (!due.empty()) {
    const auto [deadline, session] = *due.begin();
    due.erase(due.begin());
    world.Advance(std::chrono::duration_cast<milliseconds>(deadline - world.Now()));
    const Step step = session->Expire(world.Now());
    ASSERT_FALSE(step.pending());
    EXPECT_EQ(step.answer.outcome, Outcome::kAccept);
    EXPECT_EQ(world.Now() - begun[session], milliseconds(4'000));
    session->OnClose();
    ++answered;
  }
  EXPECT_EQ(answered, kSessions);
  EXPECT_EQ(announced, 0);
  EXPECT_EQ(sink.judged, static_cast<int>(kSessions));
}

// Answers on a thread of its own, as libunbound does: whatever was asked, as fast as it can.
class ThreadedResolver final : public Resolver {
 public:
  ThreadedResolver() : thread_([this] { Run(); }) {}
  ~ThreadedResolver() override {
    stop_ = true;
    thread_.join();
  }
  ThreadedResolver(const ThreadedResolver&) = delete;
  ThreadedResolver& operator=(const ThreadedResolver&) = delete;
  void Ask(const DnsQuestion& /*question*/, Callback done) override {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(done));
  }

 private:
  void Run() {
    while (true) {
      Callback done;
      {
        const std::lock_guard lock(mutex_);
        if (asked_.empty() && stop_) return;
        if (!asked_.empty()) {
          done = std::move(asked_.front());
          asked_.pop_front();
        }
      }
      if (done) {
        done(End(DnsStatus::kNxDomain));
      } else {
        std::this_thread::yield();
      }
    }
  }

  std::mutex mutex_;
  std::deque<Callback> asked_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// The announcement writes what belongs to the driver: a race with what the driver does after OnClose is seen by the
// thread sanitizer, and one that comes late by the flag.
TEST_F(PendingTest, NothingIsAnnouncedAfterCloseWithAnAnswerInFlight) {
  ThreadedResolver resolver;
  const auto policy = PolicyFrom(kNoReverse);
  unsigned pending = 0;
  for (unsigned i = 0; i < 3'000; ++i) {
    auto closed = std::make_unique<bool>(false);
    bool rang_late = false;
    Session session("abcdefgh01234567", policy, Around(&resolver), {}, [&rang_late, flag = closed.get()] {
      if (*flag) rang_late = true;
    });
    ConnectInfo info;
    info.client = Ip("10.1." + std::to_string(i >> 8U) + "." + std::to_string(i & 0xffU));
    (void)session.OnConnect(info);
    (void)session.OnHelo("mail.example.org", false);
    (void)session.OnMail("<>", false, false);
    if (session.OnRcpt("<b@example.net>").pending()) ++pending;
    for (unsigned spin = 0; spin < i % 64; ++spin) std::this_thread::yield();
    session.OnClose();
    *closed = true;  // not atomic: whoever still reads it races with this
    closed.reset();
    EXPECT_FALSE(rang_late);
  }
  EXPECT_GT(pending, 0U);
}

}  // namespace
}  // namespace heloguard
