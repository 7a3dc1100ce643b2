// One look at our own resolver: the canaries asked in contexts made for this look alone.
//
// Thread rule: everything on the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "adapters/unbound/canary_report.h"
#include "adapters/unbound/unbound_context.h"
#include "adapters/unbound/unbound_options.h"
#include "heloguard/base/result.h"
#include "heloguard/ports.h"

struct event;

namespace heloguard {

class CanaryLook {
 public:
  // `done` is called once, from the loop, outside of the library, and may destroy the look. Destroyed before that, the
  // look calls nothing. REQUIRES: `loop` and `plan` outlive the look.
  CanaryLook(event_base* loop, const UnboundOptions& plan, Canary::Callback done);
  ~CanaryLook();
  CanaryLook(const CanaryLook&) = delete;
  CanaryLook& operator=(const CanaryLook&) = delete;

  // Asks everything; the end comes with the last answer, with the first that settles it, or after the plan's look_time.
  // After an error `done` is not called. Errors: those of UnboundContext::Make, kUnavailable without a timer.
  [[nodiscard]] Status Start();

 private:
  struct EventDeleter {
    void operator()(event* e) const;
  };

  void AskAll();
  void Found(std::size_t index, const RawAnswer& raw) noexcept;
  void EndSoon();
  static void OnEnd(int fd, short what, void* self) noexcept;

  event_base* loop_;
  const UnboundOptions& plan_;
  Canary::Callback done_;
  std::vector<CanaryFinding> findings_;
  std::size_t open_ = 0;
  std::unique_ptr<event, EventDeleter> end_;    // fires after look_time, or when it is activated
  std::unique_ptr<UnboundContext> validating_;  // none if we do not validate
  std::unique_ptr<UnboundContext> plain_;
};

}  // namespace heloguard
