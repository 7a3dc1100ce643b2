// What opens sessions: a front end gets one of these and needs to know nothing of what a session is made of.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "heloguard/session.h"

namespace heloguard {

// Whether the message of a session gets Authentication-Results written into it: such a session owes facts that the
// policy may not name.
enum class WritesResults : bool { kNo, kYes };

// Thread rule: const calls from any thread, if the functions given allow it. Copies are independent and cheap; all
// refer to the same world, which outlives them and their sessions.
class SessionFactory {
 public:
  struct Parts {
    std::function<std::shared_ptr<const Policy>()> policy;  // the snapshot in force; never null
    std::function<std::string()> new_id;                    // 16 characters [0-9a-z], unique
    Services services;                                      // REQUIRES: clock and sink not null
    SessionOptions options;
  };

  explicit SessionFactory(Parts parts);

  // The policy for a connection that begins now, to be kept until its end: terms and sessions of one connection have
  // to come of the same one. Throws what `policy` throws.
  [[nodiscard]] std::shared_ptr<const Policy> Snapshot() const { return parts_.policy(); }
  // Whether a session under `policy` asks DNS anything.
  [[nodiscard]] bool WantsLookups(const Policy& policy, WritesResults results) const;
  // A session with an id of its own, which announces itself through `ready`. Throws what `new_id` throws. REQUIRES:
  // policy not null.
  [[nodiscard]] std::unique_ptr<Session> Open(std::shared_ptr<const Policy> policy, WritesResults results,
                                              std::function<void()> ready) const;
  // Where sessions report to.
  [[nodiscard]] EventSink& sink() const { return *parts_.services.sink; }

 private:
  [[nodiscard]] SessionOptions OptionsFor(WritesResults results) const;

  Parts parts_;
};

}  // namespace heloguard
