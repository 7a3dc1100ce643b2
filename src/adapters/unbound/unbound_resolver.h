// Resolver and canary on libunbound: the event API on one libevent loop of its own thread (the pump), validating.
//
// Never ub_resolve, which has no deadline, and never ub_cancel, which only drops the callback while the lookup goes on.
// What is in flight is capped here; over the cap a question is answered kNotAsked at once. An answer larger than the
// setting allows is kServFail.
//
// If the first look that finds out anything finds that the servers pass no DNSSEC records, answers are no longer
// validated and all of them indeterminate, until a look finds the resolver well; from then on they are validated for
// good.
// Thread rule: Ask and Look from any thread; callbacks run on the pump. Destruction, on any other thread, stops the
// pump; callbacks not yet called are then called with kNotAsked, those of looks with kNoAnswer.
#pragma once

#include <memory>
#include <string>

#include "heloguard/base/result.h"
#include "heloguard/ports.h"
#include "heloguard/settings.h"

namespace heloguard {

class UnboundPump;

class UnboundResolver final : public Resolver, public Canary {
 public:
  // Reads anchors, resolv.conf, hints or the unbound_config file. Errors: kConfig with the setting's name for what
  // cannot be read or parsed, kUnavailable if the library cannot start. REQUIRES: `sink`, if not null, outlives the
  // resolver.
  [[nodiscard]] static Result<std::unique_ptr<UnboundResolver>> Start(const Settings::Dns& settings, EventSink* sink);
  ~UnboundResolver() override;
  UnboundResolver(const UnboundResolver&) = delete;
  UnboundResolver& operator=(const UnboundResolver&) = delete;

  void Ask(const DnsQuestion& question, Resolver::Callback done) override;

  // Asks for SOA of every canary and DNSKEY of every trust anchor in fresh contexts, so that no cache of ours answers;
  // tells as soon as that is settled, after four seconds or dns.deadline at the latest. Looks that overlap are told one
  // finding.
  void Look(Canary::Callback done) override;

  // Questions that may be under way at once: the setting, or what the descriptors allow if that is less.
  [[nodiscard]] std::size_t max_in_flight() const;
  // For the start line of the log: "forward 127.0.0.1@53, validating with /usr/share/dns/root.key".
  [[nodiscard]] const std::string& description() const;

 private:
  explicit UnboundResolver(std::unique_ptr<UnboundPump> pump);
  std::unique_ptr<UnboundPump> pump_;
};

}  // namespace heloguard
