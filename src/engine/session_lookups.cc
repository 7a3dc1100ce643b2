// Keeps a session's lookups within its cap and its deadline. Which ones are wanted is the session's business, which
// question comes next the gather's. Knows no policy. Tests: tests/scenario/.
#include "engine/session_lookups.h"

#include <algorithm>
#include <utility>

#include "engine/evidence_cache.h"

namespace heloguard {

void SessionLookups::AskAboutClient(const Wanted& wanted, const IpAddress& client) {
  client_ = Ask(wanted, {client, std::nullopt}, ClientLimits());
}

// The cap is the session's: a client that says HELO again and again asks no more than another.
void SessionLookups::AskAboutHeloName(const Wanted& wanted, const DomainName& name) {
  if (TakeUp(&last_helo_, &helo_, wanted, name)) return;
  if (Spent() + kMostHeloQuestions > services_.limits.max_lookups) return;
  helo_ = Ask(wanted, {std::nullopt, name}, ClientLimits());
}

void SessionLookups::AskAboutSpf(const Wanted& wanted, const IpAddress& client, const DomainName& name) {
  if (TakeUp(&last_spf_, &spf_, wanted, name)) return;
  const LookupLimits limits = SpfLimits();
  const std::size_t helo = helo_ ? Asked(*helo_) : 0;
  if (limits.max_lookups == 0 || Spent() + helo + limits.max_lookups > services_.limits.max_lookups) return;
  spf_ = Ask(wanted, {client, name}, limits);
}

void SessionLookups::ForgetHelo() {
  if (!helo_ && !spf_) return;  // forgotten already, as STARTTLS does before the next HELO
  if (last_helo_) forgotten_ += Asked(*last_helo_);
  if (last_spf_) forgotten_ += Charge(*last_spf_, SpfLimits());
  last_helo_ = std::exchange(helo_, std::nullopt);
  last_spf_ = std::exchange(spf_, std::nullopt);
}

SessionLookups::Stamps SessionLookups::StampsAt(Clock::TimePoint now) const {
  Stamps stamps;
  std::size_t next = 0;
  for (const auto* share : Shares()) {
    Stamp& stamp = stamps[next++];
    if (!*share) continue;
    // The count is read first: what changes in between shows as a change the next time.
    stamp.gather = (*share)->gather;
    stamp.changes = stamp.gather->Changes();
    stamp.late = now >= (*share)->deadline && !stamp.gather->Finished();
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
  for (const auto* share : Shares()) {
    if (!*share) continue;
    const bool late = now >= (*share)->deadline;
    const DnsAnswers some = (*share)->gather->Answers(late ? std::optional(services_.deadline) : std::nullopt);
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
  for (const auto* share : Shares()) {
    if (!*share || (which == WaitFor::kJudging && !(*share)->to_judge)) continue;
    if ((*share)->gather->Finished() || now >= (*share)->deadline) continue;
    awaited.push_back(&**share);
    deadline = std::min(deadline, (*share)->deadline);
  }
  if (awaited.empty()) return std::nullopt;
  const auto announcement = std::make_shared<Announcement>(ready, static_cast<int>(awaited.size()));
  for (const Share* share : awaited) share->gather->WhenFinished([announcement] { announcement->Arrived(); });
  if (!announcement->Arm()) return std::nullopt;
  return Awaited{deadline, announcement};
}

std::size_t SessionLookups::Asked() const {
  std::size_t asked = forgotten_;
  for (const auto* share : {&client_, &helo_, &spf_, &last_helo_, &last_spf_}) asked += *share ? Asked(**share) : 0;
  return asked;
}

std::chrono::microseconds SessionLookups::Elapsed(Clock::TimePoint now) const {
  std::chrono::microseconds elapsed{0};
  for (const auto* share : Shares()) {
    if (!*share) continue;
    const Share& of = **share;
    const auto end = of.gather->Finished() ? std::max(of.gather->LastAnswer(), of.from) : std::min(now, of.deadline);
    elapsed = std::max(elapsed, std::chrono::duration_cast<std::chrono::microseconds>(end - of.from));
  }
  return elapsed;
}

SessionLookups::Share SessionLookups::Ask(const Wanted& wanted, LookupInputs inputs, const LookupLimits& limits) const {
  const DnsGather::Plan plan{wanted.lookups, std::move(inputs), limits};
  Share share;
  share.lookups = wanted.lookups;
  share.name = plan.inputs.helo;
  share.to_judge = wanted.to_judge;
  if (services_.evidence != nullptr) {
    EvidenceCache::Found found = services_.evidence->Get(plan);
    share.gather = std::move(found.gather);
    share.own = found.use == CacheUse::kMiss;
  } else {
    share.gather = DnsGather::Create(plan, services_.resolver, *services_.clock);
    share.gather->Begin(nullptr);
  }
  share.from = share.own ? share.gather->created() : services_.clock->Now();
  share.deadline = share.from + services_.deadline;
  return share;
}

bool SessionLookups::TakeUp(std::optional<Share>* last, std::optional<Share>* present, const Wanted& wanted,
                            const DomainName& name) const {
  if (!*last || (*last)->name != name || (*last)->lookups != wanted.lookups) return false;
  *present = std::exchange(*last, std::nullopt);
  (*present)->to_judge = wanted.to_judge;
  (*present)->from = services_.clock->Now();
  (*present)->deadline = (*present)->from + services_.deadline;
  return true;
}

std::size_t SessionLookups::Charge(const Share& share, const LookupLimits& limits) {
  if (!share.own) return 0;
  return share.gather->Finished() ? share.gather->Asked() : limits.max_lookups;
}

std::size_t SessionLookups::Spent() const {
  return forgotten_ + (client_ ? Charge(*client_, ClientLimits()) : 0) + (last_helo_ ? Asked(*last_helo_) : 0) +
         (last_spf_ ? Charge(*last_spf_, SpfLimits()) : 0);
}

// Room for one HELO name is kept free.
LookupLimits SessionLookups::ClientLimits() const {
  LookupLimits limits = services_.limits;
  limits.max_lookups =
      std::min(limits.max_lookups - std::min(limits.max_lookups - 1, kMostHeloQuestions), limits.max_ptr_names + 1);
  return limits;
}

// What the client and one HELO name leave of the session's cap.
LookupLimits SessionLookups::SpfLimits() const {
  LookupLimits limits = services_.limits;
  limits.max_lookups -= std::min(limits.max_lookups, ClientLimits().max_lookups + kMostHeloQuestions);
  return limits;
}

}  // namespace heloguard
