// Puts together what a session needs of the real world: resolver, clock, limits and our own identity. Knows no
// subcommand and no policy. Tests: tests/cli (check, and the daemon's own tests through serve).
#include "app/shared/live_services.h"

#include <ifaddrs.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <system_error>

#include "app/shared/complaints.h"
#include "heloguard/base/escape.h"
#include "os/socket_address.h"

namespace heloguard {
namespace {

// Believes no denial that is not proven.
class DoubtingResolver final : public Resolver {
 public:
  explicit DoubtingResolver(Resolver* resolver) : resolver_(resolver) {}
  void Ask(const DnsQuestion& question, Callback done) override {
    resolver_->Ask(question, [done = std::move(done)](DnsAnswer answer) {
      const bool denied = answer.status == DnsStatus::kNxDomain || answer.status == DnsStatus::kNoData;
      if (denied && answer.dnssec != Dnssec::kSecure) {
        answer = {};
        answer.status = DnsStatus::kServFail;
      }
      done(std::move(answer));
    });
  }

 private:
  Resolver* resolver_;
};

constexpr std::size_t kEvidenceShare = 4;  // a quarter of dns.cache; the rest is the resolver library's

Result<std::vector<IpAddress>> InterfaceAddresses() {
  ifaddrs* raw = nullptr;
  if (getifaddrs(&raw) != 0) {
    return Error{
        ErrorKind::kUnavailable, "cannot list this host's addresses: " + std::generic_category().message(errno), {}};
  }
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(raw, &freeifaddrs);
  std::vector<IpAddress> addresses;
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    if (const auto address = FromSocketAddress(entry->ifa_addr)) addresses.push_back(*address);
  }
  std::ranges::sort(addresses);
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  return addresses;
}

}  // namespace

Result<OwnIdentity> IdentifySelf(const std::vector<std::string>& own_names) {
  OwnIdentity own;
  for (const std::string& text : own_names) {
    const bool suffix = text.starts_with('.');
    const auto name = DomainName::FromText(suffix ? std::string_view(text).substr(1) : std::string_view(text));
    if (!name || name->empty()) {
      return Error{ErrorKind::kConfig, "service.own_names: \"" + EscapeBytes(text) + "\" is not a host name", {}};
    }
    (suffix ? own.suffixes : own.names).push_back(*name);
  }
  Result<std::vector<IpAddress>> addresses = InterfaceAddresses();
  if (!addresses.ok()) return addresses.error();
  own.addresses = std::move(addresses).value();
  return own;
}

Result<std::unique_ptr<LiveServices>> MakeLiveServices(const Settings& settings, EventSink* sink, Network network) {
  auto services = std::make_unique<LiveServices>();
  Result<OwnIdentity> own = IdentifySelf(settings.service.own_names);
  if (!own.ok()) return own.error();
  if (network != Network::kOffline) {
    auto resolver = UnboundResolver::Start(settings.dns, sink);
    if (!resolver.ok()) return resolver.error();
    services->resolver = std::move(resolver).value();
    if (network == Network::kShared) {
      services->shares = std::make_unique<LookupShares>(services->resolver->max_in_flight(), &services->clock, sink);
    }
    const AnswerSources sources{{services->resolver.get()}, services->shares.get()};
    services->evidence =
        std::make_unique<EvidenceCache>(settings.dns.cache_bytes / kEvidenceShare, sources, &services->clock, sink);
  }
  services->session.evidence = services->evidence.get();
  services->session.resolver = services->resolver.get();
  services->session.admission = services->shares.get();
  services->session.clock = services->session.waitable = &services->clock;
  services->session.sink = sink;
  services->session.own = std::make_shared<const OwnIdentity>(std::move(own).value());
  services->session.deadline = settings.dns.deadline;
  services->session.limits = {settings.dns.max_ptr_names, settings.dns.max_lookups};
  services->session.help_url = settings.service.help_url;
  return services;
}

CanaryReport LookAtResolver(LiveServices* services) {
  const auto promise = std::make_shared<std::promise<CanaryReport>>();
  services->resolver->Look([promise](const CanaryReport& report) { promise->set_value(report); });
  return promise->get_future().get();
}

bool SettleResolver(LiveServices* services, EventSink* sink) {
  const CanaryReport report = LookAtResolver(services);
  WarnOfResolver(report, sink);
  if (report.state == ResolverState::kNoAnswer) {
    services->doubting = std::make_unique<DoubtingResolver>(services->resolver.get());
    services->session.resolver = services->doubting.get();
    services->session.evidence = nullptr;  // it asks past the doubt
  }
  return report.state == ResolverState::kWell;
}

}  // namespace heloguard
