// Keeps a session's lookups within its cap and its deadline. Which ones are wanted is the session's business, which
// question comes next the gather's. Knows no policy. Tests: tests/scenario/.
#include "engine/session_lookups.h"

#include <algorithm>
#include <utility>

#include "engine/evidence_source.h"

namespace heloguard {

void SessionLookups::Ask(LookupKey key, const Wanted& wanted, const LookupInputs& inputs) {
  const auto at = static_cast<std::size_t>(key);
  LookupInputs own = InputsFor(wanted.lookups, inputs);
  if (last_[at] && last_[at]->inputs == own && last_[at]->lookups == wanted.lookups) {
    shares_[at] = Resumed(*std::exchange(last_[at], std::nullopt), wanted.to_judge);
    return;
  }
  const LookupLimits limits = ShareOf(key, services_.limits);
  if (limits.max_lookups == 0 || Spent() + limits.max_lookups > services_.limits.max_lookups) return;
  shares_[at] = Begin(wanted, std::move(own), limits, inputs.client);
}

void SessionLookups::Forget(LookupKey key) {
  const auto at = static_cast<std::size_t>(key);
  if (!shares_[at]) return;  // forgotten already, as STARTTLS does before the next HELO
  if (last_[at]) forgotten_ += Charge(*last_[at]);
  last_[at] = std::exchange(shares_[at], std::nullopt);
}

SessionLookups::Stamps SessionLookups::StampsAt(Clock::TimePoint now) const {
  Stamps stamps;
  std::size_t next = 0;
  for (const auto& share : shares_) {
    Stamp& stamp = stamps[next++];
    if (!share) continue;
    // The count is read first: what changes in between shows as a change the next time.
    stamp.gather = share->gather;
    stamp.changes = stamp.gather->Changes();
    stamp.late = now >= share->deadline && !stamp.gather->Finished();
  }
  return stamps;
}

const std::shared_ptr<const DnsAnswers>& SessionLookups::Answers(Clock::TimePoint now) {
  const Stamps stamps = StampsAt(now);
  if (stamps != stamps_) {
    // What was merely asked for is no news.
    DnsAnswers collected = Collect(now);
    if (!(collected == *answers_)) answers_ = std::make_shared<const DnsAnswers>(std::move(collected));
    stamps_ = stamps;
  }
  return answers_;
}

DnsAnswers SessionLookups::Collect(Clock::TimePoint now) const {
  DnsAnswers all;
  for (const auto& share : shares_) {
    if (!share) continue;
    const bool late = now >= share->deadline;
    const DnsAnswers some = share->gather->Answers(late ? std::optional(services_.deadline) : std::nullopt);
    for (const auto& [question, answer] : some.entries()) {
      // Several may have asked for one name: what came to nothing does not hide what is known.
      const bool empty = answer.status == DnsStatus::kNotAsked || IsTransient(answer.status);
      if (!empty || all.Find(question) == nullptr) all.Set(question, answer);
    }
  }
  return all;
}

std::optional<SessionLookups::Awaited> SessionLookups::Await(WaitFor which, Clock::TimePoint now,
                                                             const std::function<void()>& ready) const {
  std::vector<const Share*> awaited;
  Clock::TimePoint deadline = Clock::TimePoint::max();
  for (const auto& share : shares_) {
    if (!share || (which == WaitFor::kJudging && !share->to_judge)) continue;
    if (share->gather->Finished() || now >= share->deadline) continue;
    awaited.push_back(&*share);
    deadline = std::min(deadline, share->deadline);
  }
  if (awaited.empty()) return std::nullopt;
  const auto announcement = std::make_shared<Announcement>(ready, static_cast<int>(awaited.size()));
  for (const Share* share : awaited) share->gather->WhenFinished([announcement] { announcement->Arrived(); });
  if (!announcement->Arm()) return std::nullopt;
  return Awaited{deadline, announcement};
}

std::size_t SessionLookups::Asked() const {
  std::size_t asked = forgotten_;
  for (const Shares* all : {&shares_, &last_}) {
    for (const auto& share : *all) asked += share ? Asked(*share) : 0;
  }
  return asked;
}

std::chrono::microseconds SessionLookups::Elapsed(Clock::TimePoint now) const {
  std::chrono::microseconds elapsed{0};
  for (const auto& share : shares_) {
    if (!share) continue;
    const auto end =
        share->gather->Finished() ? std::max(share->gather->LastAnswer(), share->from) : std::min(now, share->deadline);
    elapsed = std::max(elapsed, std::chrono::duration_cast<std::chrono::microseconds>(end - share->from));
  }
  return elapsed;
}

SessionLookups::Share SessionLookups::Begin(const Wanted& wanted, LookupInputs inputs, const LookupLimits& limits,
                                            const std::optional<IpAddress>& client) const {
  const DnsGather::Plan plan{wanted.lookups, inputs, limits, LookupTable(), client};
  Share share;
  share.lookups = wanted.lookups;
  share.inputs = std::move(inputs);
  share.limits = limits;
  share.to_judge = wanted.to_judge;
  if (services_.evidence != nullptr) {
    EvidenceSource::Found found = services_.evidence->Get(plan);
    share.gather = std::move(found.gather);
    share.own = found.use == CacheUse::kMiss;
  } else {
    share.gather = DnsGather::Create(plan, {{services_.resolver}, services_.admission}, *services_.clock);
    share.gather->Begin(nullptr);
  }
  share.from = share.own ? share.gather->created() : services_.clock->Now();
  share.deadline = share.from + services_.deadline;
  return share;
}

SessionLookups::Share SessionLookups::Resumed(Share last, bool to_judge) const {
  last.to_judge = to_judge;
  last.from = services_.clock->Now();
  last.deadline = last.from + services_.deadline;
  return last;
}

std::size_t SessionLookups::Charge(const Share& share) {
  if (!share.own) return 0;
  if (share.gather->Finished()) return share.gather->Asked();
  return std::min(share.limits.max_lookups, MaxQuestions(share.lookups, share.limits));
}

std::size_t SessionLookups::Spent() const {
  std::size_t spent = forgotten_;
  for (const Shares* all : {&shares_, &last_}) {
    for (const auto& share : *all) spent += share ? Charge(*share) : 0;
  }
  return spent;
}

}  // namespace heloguard
