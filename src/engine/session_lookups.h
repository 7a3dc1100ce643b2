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

  void AskAboutClient(const Wanted& wanted, const IpAddress& client);
  void AskAboutHeloName(const Wanted& wanted, const DomainName& name);
  // SPF hangs on the client and the name, so that what was found out serves for the two together only.
  void AskAboutSpf(const Wanted& wanted, const IpAddress& client, const DomainName& name);
  // What was asked about the HELO name counts no more, but for the session's cap; and if the next HELO says the same
  // name, as after STARTTLS, it is gone on with.
  void ForgetHelo();

  // All there is at `now`; past its deadline a lookup ended without an answer. The same book as long as nothing changes.
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
  // This session's part in lookups that others may share.
  struct Share {
    LookupSet lookups;
    std::optional<DomainName> name;
    std::shared_ptr<DnsGather> gather;
    Clock::TimePoint from, deadline;
    bool own = true;  // asked for this session; false: they were under way or known
    bool to_judge = true;
  };

  [[nodiscard]] std::array<const std::optional<Share>*, 3> Shares() const { return {&client_, &helo_, &spf_}; }
  [[nodiscard]] Share Ask(const Wanted& wanted, LookupInputs inputs, const LookupLimits& limits) const;
  // Goes on with what the last HELO asked, if it was the same.
  [[nodiscard]] bool TakeUp(std::optional<Share>* last, std::optional<Share>* present, const Wanted& wanted,
                            const DomainName& name) const;
  [[nodiscard]] static std::size_t Asked(const Share& share) { return share.own ? share.gather->Asked() : 0; }
  // What a share costs the session. One that is under way may yet ask for all it is allowed.
  [[nodiscard]] static std::size_t Charge(const Share& share, const LookupLimits& limits);
  // Lookups this session is charged for, those about the present HELO name apart.
  [[nodiscard]] std::size_t Spent() const;
  [[nodiscard]] LookupLimits ClientLimits() const;
  [[nodiscard]] LookupLimits SpfLimits() const;

  // What a book was made of: each gather, how often it had changed, and whether it was late.
  struct Stamp {
    std::shared_ptr<const DnsGather> gather;  // held, so that no other comes to stand where it stood
    std::uint64_t changes = 0;
    bool late = false;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::array<Stamp, 3>;
  [[nodiscard]] Stamps StampsAt(Clock::TimePoint now) const;
  [[nodiscard]] DnsAnswers Collect(Clock::TimePoint now) const;

  const Services& services_;
  std::optional<Share> client_, helo_, spf_;
  std::optional<Share> last_helo_, last_spf_;  // of the HELO before the present one
  std::size_t forgotten_ = 0;                  // asked for HELO names before that
  Stamps stamps_;                              // of answers_
  std::shared_ptr<const DnsAnswers> answers_ = std::make_shared<const DnsAnswers>();
};

}  // namespace heloguard
