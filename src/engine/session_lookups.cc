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
  const LookupLimits limits = ShareOf(LookupKey::kHelo, world_.limits);
  if (Spent() + limits.max_lookups > world_.limits.max_lookups) return;
  helo_ = Ask(wanted, {std::nullopt, name}, limits);
}

void SessionLookups::AskAboutSpf(const Wanted& wanted, const IpAddress& client, const DomainName& name) {
  if (TakeUp(&last_spf_, &spf_, wanted, name)) return;
  const LookupLimits limits = SpfLimits();
  const std::size_t helo = helo_ ? Asked(*helo_) : 0;
  if (limits.max_lookups == 0 || Spent() + helo + limits.max_lookups > world_.limits.max_lookups) return;
  spf_ = Ask(wanted, {client, name}, limits);
}

void SessionLookups::ForgetHelo() {
  if (!helo_ && !spf_) return;  // forgotten already, as STARTTLS does before the next HELO
  if (last_helo_) forgotten_ += Asked(*last_helo_);
  if (last_spf_) forgotten_ += Charge(*last_spf_, SpfLimits());
  last_helo_ = std::exchange(helo_, std::nullopt);
  last_spf_ = std::exchange(spf_, std::nullopt);
}

DnsAnswers SessionLookups::Answers() const {
  DnsAnswers all;
  const auto now = world_.clock->Now();
  for (const auto* share : Shares()) {
    if (!*share) continue;
    const bool late = now >= (*share)->deadline;
    const DnsAnswers some = (*share)->gather->Answers(late ? std::optional(world_.deadline) : std::nullopt);
    for (const auto& [question, answer] : some.entries()) {
      // Several may have asked for one name: what came to nothing does not hide what is known.
      const bool empty = answer.status == DnsStatus::kNotAsked || IsTransient(answer.status);
      if (!empty || all.Find(question) == nullptr) all.Set(question, answer);
    }
  }
  return all;
}

std::chrono::microseconds SessionLookups::Wait(WaitFor which) const {
  const auto start = world_.clock->Now();
  for (const auto* share : Shares()) {
    if (!*share || (which == WaitFor::kJudging && !(*share)->to_judge)) continue;
    (*share)->gather->Wait(*world_.clock, (*share)->deadline);
  }
  return std::chrono::duration_cast<std::chrono::microseconds>(world_.clock->Now() - start);
}

std::size_t SessionLookups::Asked() const {
  std::size_t asked = forgotten_;
  for (const auto* share : {&client_, &helo_, &spf_, &last_helo_, &last_spf_}) asked += *share ? Asked(**share) : 0;
  return asked;
}

std::chrono::microseconds SessionLookups::Elapsed() const {
  const auto now = world_.clock->Now();
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
  if (world_.evidence != nullptr) {
    EvidenceCache::Found found = world_.evidence->Get(plan);
    share.gather = std::move(found.gather);
    share.own = found.use == CacheUse::kMiss;
  } else {
    share.gather = DnsGather::Create(plan, world_.resolver, *world_.clock);
    share.gather->Begin(nullptr);
  }
  share.from = share.own ? share.gather->created() : world_.clock->Now();
  share.deadline = share.from + world_.deadline;
  return share;
}

bool SessionLookups::TakeUp(std::optional<Share>* last, std::optional<Share>* present, const Wanted& wanted,
                            const DomainName& name) const {
  if (!*last || (*last)->name != name || (*last)->lookups != wanted.lookups) return false;
  *present = std::exchange(*last, std::nullopt);
  (*present)->to_judge = wanted.to_judge;
  (*present)->from = world_.clock->Now();
  (*present)->deadline = (*present)->from + world_.deadline;
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

LookupLimits SessionLookups::ClientLimits() const { return ShareOf(LookupKey::kClient, world_.limits); }

LookupLimits SessionLookups::SpfLimits() const { return ShareOf(LookupKey::kClientAndHelo, world_.limits); }

}  // namespace heloguard
