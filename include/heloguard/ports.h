// The outside effects of the engine, as small interfaces. Adapters implement them; tests/support has fakes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "heloguard/base/enum_set.h"
#include "heloguard/dns/dns.h"
#include "heloguard/policy/action.h"

namespace heloguard {

struct SessionReport;    // session_report.h
struct CandidateReport;  // session_report.h

// Answers questions of one Source. Thread rule: Ask may be called from any thread.
class AnswerSource {
 public:
  using Callback = std::function<void(DnsAnswer)>;
  virtual ~AnswerSource() = default;
  // Calls `done` exactly once, on the source's thread or, for what is known already, inside the call. A question that
  // is never answered is answered kTimeout or kServFail in the end; nothing is ever cancelled, so what `done` captures
  // has to outlive the session. `done` must not block. The answer's TTL says how long later sessions may use it, and
  // whatever else was found out in the same gather: zero for what changes with every session.
  virtual void Ask(const DnsQuestion& question, Callback done) = 0;
};

// Asks DNS.
class Resolver : public AnswerSource {};

// What a look at our own resolver finds, apart from any client.
enum class ResolverState : std::uint8_t {
  kWell,
  kNoAnswer,   // no canary is answered (timeout, SERVFAIL, REFUSED), or one is denied that exists
  kNoRecords,  // answers come without DNSSEC records: something on the way to the servers drops them
  kBadClock,   // signatures are not valid yet or any more: this host's clock is wrong
  kBadAnchor,  // signatures are there and do not lead to our trust anchor
};
template <>
inline constexpr std::array<std::string_view, 5> EnumNames<ResolverState>{"well", "no-answer", "no-dnssec-records",
                                                                          "clock", "anchor"};
struct CanaryReport {
  ResolverState state = ResolverState::kWell;
  std::string why;  // for people, which setting or record to look at; escaped; "" if well
};

// Asks our own resolver for names that always answer, past every cache of ours. Thread rule: any thread.
class Canary {
 public:
  using Callback = std::function<void(CanaryReport)>;
  virtual ~Canary() = default;
  // Calls `done` exactly once, on the resolver's thread, after a few seconds at most. `done` must not block.
  virtual void Look(Callback done) = 0;
};

// Time, as the engine sees it: it reads a clock and never waits. Thread rule: any thread.
class Clock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint Now() const = 0;
  [[nodiscard]] virtual std::chrono::sys_days Today() const = 0;  // UTC
};

// A clock that one can wait on, for those who drive sessions and gathers. Thread rule: any thread.
class WaitableClock : public Clock {
 public:
  // Waits on `changed` until `ready()` or the deadline; returns ready(). `lock` is held whenever ready() is called.
  // A fake clock moves time forward here instead of waiting.
  virtual bool WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable& changed, TimePoint deadline,
                         const std::function<bool()>& ready) = 0;
};

// Whether our own resolver is to be trusted. Thread rule: any thread.
class ResolverTrust {
 public:
  virtual ~ResolverTrust() = default;
  // True while what DNS says of clients may be our own resolver's fault.
  [[nodiscard]] virtual bool ill() const = 0;
};

// Why a DNS question was held back (engine/limits/lookup_shares.h).
enum class HeldBack : std::uint8_t { kZone, kNetwork, kShare, kFull };
template <>
inline constexpr std::array<std::string_view, 4> EnumNames<HeldBack>{"zone", "network", "share", "full"};

// Decides which DNS questions of sessions are asked. Thread rule: any thread.
class LookupAdmission {
 public:
  LookupAdmission() = default;
  virtual ~LookupAdmission() = default;
  LookupAdmission(const LookupAdmission&) = delete;
  LookupAdmission& operator=(const LookupAdmission&) = delete;
  // Why `question` is not asked now for a session of `client` (nullopt: of nobody with an address). kZone: it counts as
  // not answered; else as not asked. nullopt: it may be asked, and Ended is called once, with the same question and
  // client, when it has its answer.
  [[nodiscard]] virtual std::optional<HeldBack> Admit(const DnsQuestion& question,
                                                      const std::optional<IpAddress>& client) = 0;
  virtual void Ended(const DnsQuestion& question, const std::optional<IpAddress>& client, const DnsAnswer& answer) = 0;
};

// A limit of [limits], by its key.
enum class Limit : std::uint8_t { kSessions, kSessionsPerNetwork, kMessagesPerSession, kHelosPerSession };
template <>
inline constexpr std::array<std::string_view, 4> EnumNames<Limit>{"sessions", "sessions_per_network",
                                                                  "messages_per_session", "helos_per_session"};

// Says what of sessions is over a limit. Thread rule: any thread.
class SessionAdmission {
 public:
  SessionAdmission() = default;
  virtual ~SessionAdmission() = default;
  SessionAdmission(const SessionAdmission&) = delete;
  SessionAdmission& operator=(const SessionAdmission&) = delete;
  // A session of `client` begins; the limit it is over, if any. It counts in both cases: REQUIRES: Leave follows once.
  [[nodiscard]] virtual std::optional<Limit> Enter(const std::optional<IpAddress>& client) = 0;
  virtual void Leave(const std::optional<IpAddress>& client) = 0;
  // A session's HELO or message has this number, from 1 on; `limit` if that is over it.
  [[nodiscard]] virtual std::optional<Limit> Count(Limit limit, std::size_t number,
                                                   const std::optional<IpAddress>& client) = 0;
  // What is answered at RCPT beyond a limit: accept (nothing is judged), or tempfail.
  [[nodiscard]] virtual Outcome overload() const = 0;
};

// How evidence came to a session.
enum class CacheUse : std::uint8_t { kHit, kJoin, kMiss };
template <>
inline constexpr std::array<std::string_view, 3> EnumNames<CacheUse>{"hit", "join", "miss"};

// Is told what happened; logs and counts. Thread rule: any thread; must not block for long, must not throw.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void SessionOpened() {}
  // One a message, one more for each recipient that fares differently, one at close for a session without MAIL.
  virtual void Judged(const SessionReport& report) = 0;
  // The candidate policy comes to another outcome. Once a message, when its evidence is in.
  virtual void Differed(const CandidateReport& /*report*/) {}
  // The MTA waited for us this long at one step.
  virtual void Waited(std::chrono::microseconds /*time*/) {}
  virtual void LookedUp(const DnsQuestion& /*question*/, const DnsAnswer& /*answer*/) {}
  // A session's question was not asked.
  virtual void DnsHeldBack(HeldBack /*why*/) {}
  // A session, a message or a HELO is over a limit.
  virtual void OverLimit(Limit /*limit*/) {}
  // A session needed the evidence about a client or a HELO name: was it there, on its way, or asked for?
  virtual void EvidenceUsed(CacheUse /*use*/) {}
  // What the evidence cache holds now, and how many entries it gave up for want of room since it was told last.
  virtual void EvidenceHeld(std::size_t /*entries*/, std::size_t /*bytes*/, std::size_t /*evicted*/) {}
  // Our own resolver is ill from now on, or well again.
  virtual void HealthChanged(bool /*healthy*/) {}
  // Something the postmaster has to know: one line, escaped.
  virtual void Alarm(std::string_view /*text*/) {}
};

}  // namespace heloguard
