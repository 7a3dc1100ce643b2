// What a replay counts: changes, buckets of time, and what happens where tables are full.
#include "replay/replay_tally.h"

#include <gtest/gtest.h>

#include "memory_file.h"

namespace heloguard {
namespace {

using enum Outcome;
using testing::At;

Policy PolicyOfRules(std::size_t count) {
  Policy policy;
  policy.rules.resize(count);
  return policy;
}

std::shared_ptr<ReplayJudgement> Judged(Outcome outcome) {
  auto judgement = std::make_shared<ReplayJudgement>();
  judgement->verdict.outcome = judgement->verdict.worst = outcome;
  if (outcome != kAccept) judgement->verdict.rule = 0;
  if (outcome != kAccept) judgement->verdict.held = {0};
  return judgement;
}

LoggedSession SessionOf(std::uint32_t number, LogTime time = At(2026, 11, 21)) {
  LoggedSession session;
  session.helo_known = HeloKnowledge::kSaid;
  session.helo = "pc";
  session.client = IpAddress::V4({10, static_cast<std::uint8_t>(number >> 16U), static_cast<std::uint8_t>(number >> 8U),
                                  static_cast<std::uint8_t>(number)});
  session.first = session.last = time;
  session.mta = MtaOutcome::kAccepted;
  return session;
}

struct ChangeCase {
  MtaOutcome mta;
  bool replaceable;
  Outcome now;
  std::optional<ReplayChange> change;
};

TEST(ReplayChange, AgainstTheMailServer) {
  using enum MtaOutcome;
  const std::vector<ChangeCase> cases{
      {kAccepted, false, kAccept, std::nullopt},
      {kAccepted, false, kTempfail, ReplayChange{kAccept, kTempfail}},
      {kAccepted, false, kReject, ReplayChange{kAccept, kReject}},
      {kDeferred, false, kAccept, std::nullopt},
      {kDeferred, false, kReject, ReplayChange{kTempfail, kReject}},
      {kDeferred, true, kAccept, ReplayChange{kTempfail, kAccept}},
      {kRefused, false, kAccept, std::nullopt},
      {kRefused, true, kAccept, ReplayChange{kReject, kAccept}},
      {kRefused, true, kReject, std::nullopt},
      {kNoMail, true, kReject, std::nullopt},
      {MtaOutcome::kUnknown, true, kReject, std::nullopt},
  };
  for (const ChangeCase& one : cases) {
    LoggedSession session = SessionOf(1);
    session.mta = one.mta;
    session.replaceable = one.replaceable;
    EXPECT_EQ(ChangeOf(session, *Judged(one.now)), one.change)
        << NameOf(one.mta) << " " << one.replaceable << " " << NameOf(one.now);
  }
}

TEST(ReplayChange, AgainstHeloguardAndAnotherPolicy) {
  LoggedSession session = SessionOf(1);
  session.was = kReject;
  session.mta = MtaOutcome::kNoMail;
  EXPECT_EQ(ChangeOf(session, *Judged(kAccept)), (ReplayChange{kReject, kAccept}));
  auto judgement = Judged(kAccept);
  judgement->against = Judged(kTempfail)->verdict;
  EXPECT_EQ(ChangeOf(session, *judgement), (ReplayChange{kTempfail, kAccept})) << "the other policy goes first";
}

TEST(ReplayChange, WhatIsNotCertainIsNone) {
  LoggedSession session = SessionOf(1);
  session.was = kReject;
  auto judgement = Judged(kAccept);
  judgement->verdict.worst = kReject;
  EXPECT_EQ(ChangeOf(session, *judgement), std::nullopt);
  EXPECT_TRUE(MayChange(session, *judgement));
  judgement->verdict.worst = kTempfail;
  EXPECT_EQ(ChangeOf(session, *judgement), (ReplayChange{kReject, kAccept})) << "certainly milder";
  EXPECT_FALSE(MayChange(session, *judgement)) << "it does";
  judgement = Judged(kReject);
  judgement->against = Judged(kAccept)->verdict;
  judgement->against->worst = kReject;
  EXPECT_EQ(ChangeOf(session, *judgement), std::nullopt);
  EXPECT_TRUE(MayChange(session, *judgement));
}

TEST(ReplayChange, WhatStaysTheSameMayNotChange) {
  LoggedSession session = SessionOf(1);
  auto judgement = Judged(kAccept);
  judgement->verdict.worst = kReject;
  EXPECT_FALSE(MayChange(session, *judgement)) << "accepted then and now";
  session.mta = MtaOutcome::kRefused;
  EXPECT_FALSE(MayChange(session, *judgement)) << "refused for reasons of the mail server's own";
  session.replaceable = true;
  EXPECT_TRUE(MayChange(session, *judgement));
  session.mta = MtaOutcome::kNoMail;
  EXPECT_FALSE(MayChange(session, *judgement));
}

TEST(ReplayTally, WhatMayChangeIsCounted) {
  const Policy policy = PolicyOfRules(1);
  ReplayTally tally(policy);
  auto judgement = Judged(kReject);
  judgement->against = Judged(kAccept)->verdict;
  judgement->against->worst = kReject;
  EXPECT_EQ(tally.Add(SessionOf(1), judgement), nullptr);
  EXPECT_EQ(tally.may_change, 1U);
  EXPECT_EQ(tally.undecided, 0U) << "that is of the policy's own verdict";
  EXPECT_TRUE(tally.changes.empty());
}

TEST(ReplayTally, SessionsThatCannotBeJudged) {
  const Policy policy = PolicyOfRules(1);
  ReplayTally tally(policy);
  LoggedSession session = SessionOf(1);
  session.helo_known = HeloKnowledge::kNotLogged;
  auto judgement = Judged(kAccept);
  judgement->verdict.settled = false;
  EXPECT_EQ(tally.Add(session, judgement), nullptr);
  EXPECT_EQ(tally.sessions, 1U);
  EXPECT_EQ(tally.judged, 0U);
  EXPECT_EQ(tally.networks.at("10.0.0.0/24").sessions, 1U);
  EXPECT_EQ(tally.networks.at("10.0.0.0/24").judged, 0U);
  judgement->verdict.settled = true;
  tally.Add(session, judgement);
  EXPECT_EQ(tally.judged, 1U) << "whatever the HELO is";
  EXPECT_EQ(tally.networks.at("10.0.0.0/24").sessions, 2U);
  EXPECT_EQ(tally.networks.at("10.0.0.0/24").judged, 1U);
}

TEST(ReplayTally, WhatTheMailServerDidIsOfAllSessions) {
  const Policy policy = PolicyOfRules(1);
  ReplayTally tally(policy);
  const auto accepted = static_cast<std::size_t>(MtaOutcome::kAccepted);
  LoggedSession session = SessionOf(1);
  tally.Add(session, Judged(kAccept));
  session.helo_known = HeloKnowledge::kNotLogged;
  auto judgement = Judged(kAccept);
  judgement->verdict.settled = false;
  tally.Add(session, judgement);
  EXPECT_EQ(tally.mta[accepted], 2U);
  EXPECT_EQ(tally.cross[accepted], (OutcomeCounts{1, 0, 0})) << "that is of those judged";
}

TEST(ReplayTally, TimeIsDividedIntoNoMoreThanFourHundredParts) {
  const Policy policy = PolicyOfRules(1);
  ReplayTally tally(policy);
  for (int hour = 0; hour < 24 * 90; ++hour) tally.Add(SessionOf(1, At(2026, 1, 1, hour * 3600)), Judged(kReject));
  ReplayTimes times = tally.OverTime();
  EXPECT_LE(times.buckets.size(), 400U);
  EXPECT_EQ(times.bucket_seconds, 21'600);
  std::uint64_t sum = 0;
  for (const auto& [number, bucket] : times.buckets) {
    sum += bucket.verdicts[static_cast<std::size_t>(kReject)];
    EXPECT_EQ(bucket.by_row.at(0), 6U);
  }
  EXPECT_EQ(sum, 24U * 90U);
  EXPECT_EQ(times.left_out, 0U);
  // A clock that ran wild.
  tally.Add(SessionOf(1, At(0, 1, 1)), Judged(kAccept));
  tally.Add(SessionOf(1, At(9999, 12, 31)), Judged(kAccept));
  times = tally.OverTime();
  EXPECT_EQ(times.left_out, 2U);
  EXPECT_EQ(times.buckets.begin()->first, At(2026, 1, 1).time_since_epoch().count() / times.bucket_seconds);
  EXPECT_LE(times.buckets.rbegin()->first - times.buckets.begin()->first, 400);
}

TEST(ReplayTally, OneWrongTimeLeavesTheChartAsItIs) {
  const Policy policy = PolicyOfRules(1);
  ReplayTally tally(policy);
  EXPECT_TRUE(tally.OverTime().buckets.empty());
  tally.Add(SessionOf(1, At(1970, 1, 1)), Judged(kReject));
  for (int minute = 0; minute < 100; ++minute) tally.Add(SessionOf(1, At(2026, 11, 21, minute * 60)), Judged(kReject));
  const ReplayTimes times = tally.OverTime();
  EXPECT_EQ(times.bucket_seconds, 60);
  EXPECT_EQ(times.buckets.size(), 100U);
  EXPECT_EQ(times.left_out, 1U);
}

TEST(ReplayTally, YearsOfLogsAreOneChart) {
  const Policy policy = PolicyOfRules(1);
  ReplayTally tally(policy);
  for (int year = 2010; year <= 2026; ++year) tally.Add(SessionOf(1, At(year, 6, 1)), Judged(kAccept));
  const ReplayTimes times = tally.OverTime();
  EXPECT_EQ(times.left_out, 0U);
  EXPECT_EQ(times.buckets.begin()->first * times.bucket_seconds / 31'556'952, 40) << "2010";
  EXPECT_LE(times.buckets.rbegin()->first - times.buckets.begin()->first, 400);
}

// As many wrong times as there can be: bounded in memory, and still a chart.
TEST(ReplayTally, TimesAllOverThePlace) {
  const Policy policy = PolicyOfRules(1);
  ReplayTally tally(policy);
  for (int year = 1; year < 9999; ++year) tally.Add(SessionOf(1, At(year, 1, 1)), Judged(kAccept));
  const ReplayTimes times = tally.OverTime();
  EXPECT_LE(times.buckets.rbegin()->first - times.buckets.begin()->first, 400);
  std::uint64_t sum = times.left_out;
  for (const auto& [number, bucket] : times.buckets) sum += bucket.verdicts[static_cast<std::size_t>(kAccept)];
  EXPECT_EQ(sum, 9998U);
}

TEST(ReplayTally, ClientsOfEachRuleAreToldApart) {
  const Policy policy = PolicyOfRules(100);  // more than one word of bits
  ReplayTally tally(policy);
  for (const std::uint32_t number : {1U, 1U, 2U}) {
    auto judgement = Judged(kReject);
    judgement->verdict.rule = 99;
    judgement->verdict.held = {0, 99};
    tally.Add(SessionOf(number), judgement);
  }
  EXPECT_EQ(tally.clients.size(), 2U);
  EXPECT_EQ(tally.rows[0].clients, 2U);
  EXPECT_EQ(tally.rows[0].decided, 0U);
  EXPECT_EQ(tally.rows[99].sessions, 3U);
  EXPECT_EQ(tally.rows[99].clients, 2U);
  EXPECT_EQ(tally.rows[99].decided, 3U);
  EXPECT_EQ(tally.changes.at({kAccept, kReject}).clients, 2U);
  EXPECT_EQ(tally.changes.at({kAccept, kReject}).sessions, 3U);
}

TEST(ReplayTally, ThresholdsAreRows) {
  const Policy policy = PolicyOfRules(1);
  ReplayTally tally(policy);
  for (const Outcome outcome : {kTempfail, kReject}) {
    auto judgement = Judged(outcome);
    judgement->verdict.rule.reset();
    judgement->verdict.by_score = true;
    tally.Add(SessionOf(1), judgement);
  }
  EXPECT_EQ(tally.rows[0].decided, 0U);
  EXPECT_EQ(tally.rows[tally.score_tempfail_row()].decided, 1U);
  EXPECT_EQ(tally.rows[tally.score_reject_row()].sessions, 1U);
}

TEST(ReplayTally, ARowHasOneOutcome) {
  const Policy policy = PolicyOfRules(1);
  ReplayTally tally(policy);
  auto judgement = Judged(kReject);
  judgement->against = Judged(kAccept)->verdict;
  LoggedSession session = SessionOf(1);
  for (const MtaOutcome mta : {MtaOutcome::kAccepted, MtaOutcome::kNoMail, MtaOutcome::kAccepted}) {
    session.mta = mta;
    tally.Add(session, judgement);
  }
  ASSERT_EQ(tally.changed_clients.size(), 2U);
  EXPECT_EQ(tally.changed_clients[0].example.mta, MtaOutcome::kAccepted);
  EXPECT_EQ(tally.changed_clients[0].sessions, 2U);
  EXPECT_EQ(tally.changed_clients[1].example.mta, MtaOutcome::kNoMail);
  EXPECT_EQ(tally.changes.at({kAccept, kReject}).clients, 1U);
}

TEST(ReplayTally, ChangedClientsAreCapped) {
  const Policy policy = PolicyOfRules(1);
  ReplayTally tally(policy);
  for (std::uint32_t number = 0; number < ReplayTally::kMaxChangedClients + 7; ++number) {
    const ReplayClient* fresh = tally.Add(SessionOf(number), Judged(kReject));
    EXPECT_EQ(fresh != nullptr, number < ReplayTally::kMaxChangedClients);
    EXPECT_EQ(tally.Add(SessionOf(number), Judged(kReject)), nullptr) << "known, or no room";
  }
  EXPECT_EQ(tally.changed_clients.size(), ReplayTally::kMaxChangedClients);
  EXPECT_EQ(tally.changed_clients[0].sessions, 2U);
  EXPECT_EQ(tally.changed_sessions_not_kept, 14U);
}

TEST(AddressTable, AboveItsCapNothingNewIsCounted) {
  AddressTable table(3, 2);
  const auto address = [](std::uint8_t last) { return IpAddress::V4({192, 0, 2, last}); };
  EXPECT_TRUE(table.Mark(address(1), 0));
  EXPECT_FALSE(table.Mark(address(1), 0));
  EXPECT_TRUE(table.Mark(address(1), 2));
  EXPECT_TRUE(table.Mark(address(2), 0));
  EXPECT_FALSE(table.full());
  EXPECT_FALSE(table.Mark(address(3), 0));
  EXPECT_TRUE(table.full());
  EXPECT_EQ(table.size(), 2U);
}

}  // namespace
}  // namespace heloguard
