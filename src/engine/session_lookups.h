// The DNS questions of one session: what was asked for it, what came back, and until when that counts.
//
// Thread rule: serial calls. The gathers take answers on the resolver's thread and outlive this if they have to.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "engine/announcement.h"
#include "engine/dns_gather.h"
#include "heloguard/services.h"

namespace heloguard {

class SessionLookups {
 public:
  // What to ask. `to_judge`: some of it is for the policy; the rest is only told once the message has come.
  struct Wanted {
    LookupSet lookups;
    bool to_judge = false;
  };
  enum class WaitFor : std::uint8_t { kJudging, kAll };

  // `services` outlives this.
  explicit SessionLookups(const Services& services) : services_(services) {}

  // Looks up what `wanted`, rows of `key`, needs of `inputs`. Nothing beyond the session's cap: a client that says HELO
  // again and again asks no more than another. If these inputs were looked up before the last Forget, as the same HELO
  // name is after STARTTLS, that is gone on with.
  void Ask(LookupKey key, const Wanted& wanted, const LookupInputs& inputs);
  // What was asked by `key` counts no more, but for the session's cap.
  void Forget(LookupKey key);

  // All there is at `now`; past its deadline a lookup ended without an answer. The same book as long as nothing
  // changes.
  [[nodiscard]] const std::shared_ptr<const DnsAnswers>& Answers(Clock::TimePoint now);

  // Something that is still to come.
  struct Awaited {
    Clock::TimePoint deadline;  // the first at which some of it counts as not answered
    std::shared_ptr<Announcement> announcement;
  };
  // What is still to come at `now`; `ready` is called once when it is all there, unless the announcement is withdrawn.
  // nullopt: nothing is to come, and nothing is announced.
  [[nodiscard]] std::optional<Awaited> Await(WaitFor which, Clock::TimePoint now,
                                             const std::function<void()>& ready) const;

  // Questions put to the resolver for this session alone.
  [[nodiscard]] std::size_t Asked() const;
  // From the first question to the last answer used.
  [[nodiscard]] std::chrono::microseconds Elapsed(Clock::TimePoint now) const;

 private:
  static constexpr std::size_t kKeys = EnumNames<LookupKey>.size();

  // This session's part in lookups that others may share.
  struct Share {
    LookupSet lookups;
    LookupInputs inputs;  // those of the key
    LookupLimits limits;
    std::shared_ptr<DnsGather> gather;
    Clock::TimePoint from, deadline;
    bool own = true;  // asked for this session; false: they were under way or known
    bool to_judge = true;
  };
  using Shares = std::array<std::optional<Share>, kKeys>;

  // `client`: whose share of all lookups it takes.
  [[nodiscard]] Share Begin(const Wanted& wanted, LookupInputs inputs, const LookupLimits& limits,
                            const std::optional<IpAddress>& client) const;
  // Goes on with `last` from now on.
  [[nodiscard]] Share Resumed(Share last, bool to_judge) const;
  [[nodiscard]] static std::size_t Asked(const Share& share) { return share.own ? share.gather->Asked() : 0; }
  // What a share costs the session. One that is under way may yet ask for all it is allowed.
  [[nodiscard]] static std::size_t Charge(const Share& share);
  // Lookups this session is charged for.
  [[nodiscard]] std::size_t Spent() const;

  // What a book was made of: each gather, how often it had changed, and whether it was late.
  struct Stamp {
    std::shared_ptr<const DnsGather> gather;  // held, so that no other comes to stand where it stood
    std::uint64_t changes = 0;
    bool late = false;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::array<Stamp, kKeys>;
  [[nodiscard]] Stamps StampsAt(Clock::TimePoint now) const;
  [[nodiscard]] DnsAnswers Collect(Clock::TimePoint now) const;

  const Services& services_;
  Shares shares_;              // by key
  Shares last_;                // forgotten last, by key
  std::size_t forgotten_ = 0;  // asked before those
  Stamps stamps_;              // of answers_
  std::shared_ptr<const DnsAnswers> answers_ = std::make_shared<const DnsAnswers>();
};

}  // namespace heloguard
