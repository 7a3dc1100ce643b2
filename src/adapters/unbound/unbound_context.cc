// Makes, asks and deletes a context of libunbound through its event API. Knows nothing of what answers mean.
// Never ub_cancel: it only drops the callback while the lookup goes on.
// Tests: tests/unit/adapters/unbound/unbound_resolver_test.cc, tests/unit/adapters/unbound/canary_look_test.cc,
// tests/dnsworld.
#include "adapters/unbound/unbound_context.h"

#include <unbound-event.h>
#include <unbound.h>

#include "adapters/unbound/context_options.h"
#include "adapters/unbound/dns_packet.h"
#include "os/mutex.h"

namespace heloguard {
namespace {

constexpr int kClassIn = 1;

// Making and deleting a context touches globals of the library: its configuration parser and some locks. This mutex is
// process-wide for that reason; nothing of ours is called while it is held.
Mutex& LibraryMutex() {
  static Mutex mutex;
  return mutex;
}

}  // namespace

void UnboundContext::Deleter::operator()(ub_ctx* ctx) const { ub_ctx_delete(ctx); }

Result<std::unique_ptr<UnboundContext>> UnboundContext::Make(event_base* loop, const UnboundOptions& plan,
                                                             ContextUse use) {
  std::unique_ptr<UnboundContext> context(new UnboundContext);
  const auto opened = context->Open(loop, plan, use);
  if (!opened.ok()) return opened.error();
  return context;
}

// The library may or may not call back for what is pending while its context goes.
UnboundContext::~UnboundContext() {
  closing_ = true;
  const MutexLock lock(LibraryMutex());
  ctx_.reset();
}

Status UnboundContext::Open(event_base* loop, const UnboundOptions& plan, ContextUse use) {
  const MutexLock lock(LibraryMutex());
  ctx_.reset(ub_ctx_create_event(loop));
  if (!ctx_) return Error{ErrorKind::kUnavailable, "libunbound cannot start", {}};
  auto configured = ConfigureContext(plan, use, ctx_.get());
  if (!configured.ok()) return configured.error();
  anchors_ = std::move(configured).value();
  if (auto probed = Probe(); !probed.ok()) return probed;
  // From here on any server could have the library write a line to stderr, with every connection it resets.
  ub_ctx_debugout(ctx_.get(), nullptr);
  return Done{};
}

// The library reads anchors, hints and modules at the first lookup only, and may crash at the one after a failure. A
// name it answers itself brings that to light now.
Status UnboundContext::Probe() {
  constexpr int kTypeA = 1;
  const auto ignore = [](void*, int, void*, int, int, char*, int) {};
  const int failed = ub_resolve_event(ctx_.get(), "localhost.", kTypeA, kClassIn, nullptr, ignore, nullptr);
  if (failed == 0) return Done{};
  return Error{
      ErrorKind::kConfig,
      std::string("dns: libunbound does not accept its anchors, hints or modules (") + ub_strerror(failed) + ")",
      {}};
}

bool UnboundContext::Ask(const DomainName& name, std::uint16_t type, Callback done) {
  const std::string text = PresentationText(name);
  const std::uint64_t id = next_id_++;
  Pending* pending = &pending_.try_emplace(id, Pending{this, id, std::move(done)}).first->second;
  // What is cached is answered inside this call, so `pending` may be gone afterwards.
  if (ub_resolve_event(ctx_.get(), text.c_str(), type, kClassIn, pending, &OnAnswer, nullptr) == 0) return true;
  pending_.erase(id);
  return false;
}

// NOLINTNEXTLINE(readability-function-size): the parameters are the library's.
void UnboundContext::OnAnswer(void* pending, int error, void* packet, int size, int security, char* why,
                              int /*limited*/) noexcept {
  auto* entry = static_cast<Pending*>(pending);
  UnboundContext* self = entry->owner;
  if (self->closing_) return;
  const Callback done = std::move(entry->done);
  self->pending_.erase(entry->id);
  RawAnswer raw;
  raw.error = error;
  if (packet != nullptr && size > 0) raw.packet = {static_cast<const char*>(packet), static_cast<std::size_t>(size)};
  raw.security = security;
  raw.why_bogus = why;
  done(raw);
}

}  // namespace heloguard
