// A world without network and without waiting: scripted DNS answers on a clock that moves only when somebody waits.
// For `.cases` files and for tests.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "heloguard/ports.h"

namespace heloguard {

// Resolver and Clock in one. Thread rule: one thread.
class SimulatedServices final : public Resolver, public WaitableClock {
 public:
  SimulatedServices();

  // What a question is answered, `after` being asked. What is not scripted is NXDOMAIN, insecure, at once. Names
  // without a record of the type asked but with another are NODATA.
  void Script(const DnsQuestion& question, DnsAnswer answer, std::chrono::milliseconds after = {});
  // Never answered at all (until every deadline has passed).
  void Silence(const DnsQuestion& question);
  void SetToday(std::chrono::sys_days today) { today_ = today; }
  // Moves time forward, delivering what falls due.
  void Advance(std::chrono::milliseconds by);

  // Every question asked, in order: for "asked: PTR, A, A".
  [[nodiscard]] const std::vector<DnsQuestion>& asked() const { return asked_; }

  void Ask(const DnsQuestion& question, Callback done) override;
  [[nodiscard]] TimePoint Now() const override { return now_; }
  [[nodiscard]] std::chrono::sys_days Today() const override { return today_; }
  bool WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable& changed, TimePoint deadline,
                 const std::function<bool()>& ready) override;

 private:
  struct Line {
    DnsAnswer answer;
    std::optional<std::chrono::milliseconds> after;  // nullopt: never
  };
  struct Due {
    DnsAnswer answer;
    Callback done;
  };
  DnsAnswer Unscripted(const DnsQuestion& question) const;
  // Delivers the next answer due at or before `limit`; false if there is none.
  bool DeliverNext(TimePoint limit);

  std::map<DnsQuestion, Line> script_;
  std::multimap<TimePoint, Due> due_;
  std::vector<DnsQuestion> asked_;
  TimePoint now_{};
  std::chrono::sys_days today_;
};

}  // namespace heloguard
