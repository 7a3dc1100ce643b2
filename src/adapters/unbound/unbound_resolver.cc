// The resolver's ports over the pump. Decides nothing. Tests: tests/unit/adapters/unbound/unbound_resolver_test.cc,
// tests/unit/adapters/unbound/canary_look_test.cc, tests/dnsworld.
#include "adapters/unbound/unbound_resolver.h"

#include <sys/resource.h>

#include "adapters/unbound/unbound_options.h"
#include "adapters/unbound/unbound_pump.h"

namespace heloguard {
namespace {

std::size_t DescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 1U << 16U;
  return limit.rlim_cur;
}

}  // namespace

UnboundResolver::UnboundResolver(std::unique_ptr<UnboundPump> pump) : pump_(std::move(pump)) {}
UnboundResolver::~UnboundResolver() = default;

Result<std::unique_ptr<UnboundResolver>> UnboundResolver::Start(const Settings::Dns& settings, EventSink* sink) {
  auto plan = PlanUnbound(settings, DescriptorLimit());
  if (!plan.ok()) return plan.error();
  auto pump = std::make_unique<UnboundPump>(std::move(plan).value(), sink);
  if (auto started = pump->Start(); !started.ok()) return started.error();
  return std::unique_ptr<UnboundResolver>(new UnboundResolver(std::move(pump)));
}

void UnboundResolver::Ask(const DnsQuestion& question, Resolver::Callback done) {
  pump_->Ask(question, std::move(done));
}

void UnboundResolver::Look(Canary::Callback done) { pump_->Look(std::move(done)); }

std::size_t UnboundResolver::max_in_flight() const { return pump_->max_in_flight(); }
const std::string& UnboundResolver::description() const { return pump_->description(); }

}  // namespace heloguard
