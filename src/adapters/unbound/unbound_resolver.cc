// The resolver on libunbound: one context on one libevent loop in one thread, the pump. Decides what an answer's status
// and DNSSEC state are (RFC 4033 section 5, RFC 4035 section 4.3); knows nothing of sessions or their deadlines.
// Questions come in through a queue and an eventfd; everything that touches the context runs on the pump.
// Tests: tests/unit/dns/unbound_resolver_test.cc, tests/dnsworld.
#include "unbound_resolver.h"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unbound-event.h>
#include <unbound.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_map>

#include "descriptor.h"
#include "dns_packet.h"
#include "unbound_options.h"

namespace heloguard {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct BaseDeleter {
  void operator()(event_base* base) const { event_base_free(base); }
};
struct EventDeleter {
  void operator()(event* e) const { event_free(e); }
};
struct ContextDeleter {
  void operator()(ub_ctx* ctx) const { ub_ctx_delete(ctx); }
};
// Making and deleting a context touches globals of the library: its configuration parser and some locks. This mutex is
// process-wide for that reason; nothing of ours is called while it is held.
std::mutex& LibraryMutex() {
  static std::mutex mutex;
  return mutex;
}

std::size_t DescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 1U << 16U;
  return limit.rlim_cur;
}

// What the event API hands to its callback.
struct RawAnswer {
  int error = 0;  // an rcode of the library's own; the packet counts only if it is 0
  std::string_view packet;
  int security = 0;  // 0 not secure, 1 bogus, 2 secure
  const char* why_bogus = nullptr;
};

}  // namespace

struct UnboundResolver::Impl {
  struct Question {
    DnsQuestion question;
    Callback done;
    SteadyClock::time_point asked;
  };
  // A lookup inside the library. Lives until the callback has run or the context is gone.
  struct Pending {
    Impl* owner;
    std::uint64_t id;
    Question question;
  };

  Status Open(const UnboundOptions& plan);
  Status OpenContext(const UnboundOptions& plan);
  Status Probe();
  void Ask(Question question);
  void Stop();

  Status StartPump();
  void Pump();
  void TakeQueue();
  void Submit(Question question);
  void Complete(std::uint64_t id, const RawAnswer& raw);
  void AbandonAll();
  [[nodiscard]] DnsAnswer Judge(const DnsQuestion& question, const RawAnswer& raw) const;
  [[nodiscard]] Dnssec StateOf(const DnsQuestion& question, int security) const;
  void Deliver(const Question& question, DnsAnswer answer);
  template <class Function>
  void Guarded(Function work) noexcept;

  static void OnWake(evutil_socket_t fd, short what, void* self) noexcept;
  static void OnAnswer(void* pending, int error, void* packet, int size, int security, char* why, int limited) noexcept;

  EventSink* sink = nullptr;
  std::string description;
  std::vector<DomainName> anchors;  // none: everything is indeterminate
  std::size_t max_in_flight = 0;

  // Of the pump, once it runs. The context uses the loop, so it is declared behind it and goes first.
  std::unique_ptr<event_base, BaseDeleter> base;
  Descriptor wake{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  std::unique_ptr<event, EventDeleter> wake_event;
  std::unordered_map<std::uint64_t, std::unique_ptr<Pending>> pending;
  std::uint64_t next_id = 0;
  std::unique_ptr<ub_ctx, ContextDeleter> context;

  // Shared.
  std::atomic<std::size_t> in_flight{0};
  std::mutex mutex;
  std::deque<Question> queue;  // guarded by mutex
  bool stopping = false;       // guarded by mutex

  std::thread pump;
};

Status UnboundResolver::Impl::Open(const UnboundOptions& plan) {
  base.reset(event_base_new());
  if (!base || wake.get() < 0) return Error{ErrorKind::kUnavailable, "no event loop for DNS lookups", {}};
  wake_event.reset(event_new(base.get(), wake.get(), EV_READ | EV_PERSIST, &OnWake, this));
  if (!wake_event || event_add(wake_event.get(), nullptr) != 0) {
    return Error{ErrorKind::kUnavailable, "no event for DNS lookups", {}};
  }
  const std::lock_guard<std::mutex> lock(LibraryMutex());
  Status opened = OpenContext(plan);
  if (!opened.ok()) context.reset();
  return opened;
}

// REQUIRES: LibraryMutex() held.
Status UnboundResolver::Impl::OpenContext(const UnboundOptions& plan) {
  context.reset(ub_ctx_create_event(base.get()));
  if (!context) return Error{ErrorKind::kUnavailable, "libunbound cannot start", {}};
  auto configured = ConfigureContext(plan, context.get());
  if (!configured.ok()) return configured.error();
  anchors = std::move(configured.value());
  max_in_flight = plan.max_in_flight;
  return Probe();
}

// The library reads anchors, hints and modules at the first lookup only, and may crash at the one after a failure. A
// name it answers itself brings that to light now.
Status UnboundResolver::Impl::Probe() {
  constexpr int kClassIn = 1;
  const auto ignore = [](void*, int, void*, int, int, char*, int) {};
  const int failed = ub_resolve_event(context.get(), "localhost.", static_cast<int>(RecordType::kA), kClassIn, nullptr,
                                      ignore, nullptr);
  if (failed == 0) return Done{};
  return Error{
      ErrorKind::kConfig,
      std::string("dns: libunbound does not accept its anchors, hints or modules (") + ub_strerror(failed) + ")",
      {}};
}

// --- any thread ---

void UnboundResolver::Impl::Ask(Question question) {
  if (in_flight.fetch_add(1, std::memory_order_relaxed) >= max_in_flight) {
    Deliver(question, {});
    return;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (!stopping) {
      queue.push_back(std::move(question));
      // One wake for all that came since the pump last took the queue.
      if (queue.size() == 1) eventfd_write(wake.get(), 1);
      return;
    }
  }
  Deliver(question, {});
}

void UnboundResolver::Impl::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex);
    stopping = true;
    eventfd_write(wake.get(), 1);
  }
  if (pump.joinable()) pump.join();
}

// The end of every question, asked or not.
void UnboundResolver::Impl::Deliver(const Question& question, DnsAnswer answer) {
  answer.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - question.asked);
  in_flight.fetch_sub(1, std::memory_order_relaxed);
  if (sink != nullptr) sink->LookedUp(question.question, answer);
  question.done(std::move(answer));
}

// --- the pump ---

// Signals are for the threads that wait for them: the pump is born with all of them blocked.
Status UnboundResolver::Impl::StartPump() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    pump = std::thread([this] { Pump(); });
  } catch (const std::system_error&) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return Error{ErrorKind::kUnavailable, "no thread for DNS lookups", {}};
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return Done{};
}

void UnboundResolver::Impl::Pump() {
  event_base_dispatch(base.get());
  AbandonAll();  // also if the loop broke by itself: then every question is answered kNotAsked from here on
}

// Nothing may be thrown through the C libraries. What memory ran out for is a lookup that never ends, which its
// session's deadline covers.
template <class Function>
void UnboundResolver::Impl::Guarded(Function work) noexcept {
  try {
    work();
  } catch (...) {
    if (sink != nullptr) sink->Alarm("a DNS lookup was lost: out of memory");
  }
}

void UnboundResolver::Impl::OnWake(evutil_socket_t fd, short, void* self) noexcept {
  eventfd_t ignored = 0;
  eventfd_read(fd, &ignored);
  auto* impl = static_cast<Impl*>(self);
  impl->Guarded([impl] { impl->TakeQueue(); });
}

void UnboundResolver::Impl::TakeQueue() {
  std::deque<Question> taken;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (stopping) {
      event_base_loopbreak(base.get());
      return;
    }
    taken.swap(queue);
  }
  for (Question& question : taken) Submit(std::move(question));
}

void UnboundResolver::Impl::Submit(Question question) {
  constexpr int kClassIn = 1;
  const std::uint64_t id = next_id++;
  const std::string name = PresentationText(question.question.name);
  const int type = static_cast<int>(question.question.type);
  auto entry = std::make_unique<Pending>();
  entry->owner = this;
  entry->id = id;
  entry->question = std::move(question);
  Pending* raw = entry.get();
  pending.emplace(id, std::move(entry));
  // What is cached is answered inside this call, so `raw` may be gone afterwards.
  if (ub_resolve_event(context.get(), name.c_str(), type, kClassIn, raw, &OnAnswer, nullptr) == 0) return;
  const auto it = pending.find(id);
  if (it == pending.end()) return;
  const Question refused = std::move(it->second->question);
  pending.erase(it);
  Deliver(refused, {});
}

// NOLINTNEXTLINE(readability-function-size): the parameters are the library's.
void UnboundResolver::Impl::OnAnswer(void* pending, int error, void* packet, int size, int security, char* why,
                                     int /*limited*/) noexcept {
  const auto* entry = static_cast<Pending*>(pending);
  RawAnswer raw;
  raw.error = error;
  if (packet != nullptr && size > 0) raw.packet = {static_cast<const char*>(packet), static_cast<std::size_t>(size)};
  raw.security = security;
  raw.why_bogus = why;
  entry->owner->Guarded([&] { entry->owner->Complete(entry->id, raw); });
}

void UnboundResolver::Impl::Complete(std::uint64_t id, const RawAnswer& raw) {
  if (!context) return;  // called from the context's destruction, see AbandonAll
  const auto it = pending.find(id);
  if (it == pending.end()) return;
  const Question question = std::move(it->second->question);
  pending.erase(it);
  DnsAnswer answer = Judge(question.question, raw);
  Deliver(question, std::move(answer));
}

// The library may or may not call back for what is pending while its context goes: either way that is answered here.
void UnboundResolver::Impl::AbandonAll() {
  std::unique_ptr<ub_ctx, ContextDeleter> going = std::move(context);
  {
    const std::lock_guard<std::mutex> lock(LibraryMutex());
    going.reset();
  }
  std::unordered_map<std::uint64_t, std::unique_ptr<Pending>> left;
  left.swap(pending);
  for (auto& [id, entry] : left) Deliver(entry->question, {});
  std::deque<Question> never_asked;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    stopping = true;
    never_asked.swap(queue);
  }
  for (const Question& question : never_asked) Deliver(question, {});
}

// Bogus comes first: its packet holds the forged or expired records with rcode 0, or a denial.
DnsAnswer UnboundResolver::Impl::Judge(const DnsQuestion& question, const RawAnswer& raw) const {
  DnsAnswer answer;
  if (raw.security == 1 && !anchors.empty()) {
    answer.status = DnsStatus::kBogus;
    answer.dnssec = Dnssec::kBogus;
    answer.why = EscapeBytes(raw.why_bogus == nullptr ? "" : raw.why_bogus);
    return answer;
  }
  answer.status = DnsStatus::kServFail;
  if (raw.error != 0) return answer;
  auto parsed = ParsePacket(raw.packet, question);
  if (!parsed || parsed->status == DnsStatus::kServFail) return answer;
  answer.status = parsed->status;
  answer.dnssec = StateOf(question, raw.security);
  answer.data = std::move(parsed->data);
  answer.ttl = parsed->ttl;
  return answer;
}

Dnssec UnboundResolver::Impl::StateOf(const DnsQuestion& question, int security) const {
  if (anchors.empty()) return Dnssec::kIndeterminate;
  if (security == 2) return Dnssec::kSecure;
  const auto covers = [&](const DomainName& anchor) { return question.name.IsAtOrUnder(anchor); };
  return std::ranges::any_of(anchors, covers) ? Dnssec::kInsecure : Dnssec::kIndeterminate;
}

// --- the class ---

UnboundResolver::UnboundResolver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
UnboundResolver::~UnboundResolver() { impl_->Stop(); }

Result<std::unique_ptr<UnboundResolver>> UnboundResolver::Start(const Settings::Dns& settings, EventSink* sink) {
  const auto plan = PlanUnbound(settings, DescriptorLimit());
  if (!plan.ok()) return plan.error();
  auto impl = std::make_unique<Impl>();
  impl->sink = sink;
  if (auto opened = impl->Open(plan.value()); !opened.ok()) return opened.error();
  impl->description = plan.value().description;
  if (auto started = impl->StartPump(); !started.ok()) return started.error();
  return std::unique_ptr<UnboundResolver>(new UnboundResolver(std::move(impl)));
}

void UnboundResolver::Ask(const DnsQuestion& question, Callback done) {
  impl_->Ask({question, std::move(done), SteadyClock::now()});
}

const std::string& UnboundResolver::description() const { return impl_->description; }

}  // namespace heloguard
