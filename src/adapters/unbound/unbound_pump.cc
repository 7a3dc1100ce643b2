// Runs lookups and looks on one thread. Decides what an answer's status and DNSSEC state are (RFC 4033 section 5, RFC
// 4035 section 4.3) and whether answers are validated at all; knows nothing of sessions or their deadlines.
// Questions come in through queues and an eventfd; everything that touches a context runs on the pump.
// Tests: tests/unit/adapters/unbound/unbound_resolver_test.cc, tests/unit/adapters/unbound/canary_look_test.cc,
// tests/dnsworld.
#include "adapters/unbound/unbound_pump.h"

#include <event2/event.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <csignal>
#include <system_error>

#include "adapters/unbound/dns_packet.h"
#include "heloguard/base/escape.h"

namespace heloguard {

void UnboundPump::LoopDeleter::operator()(event_base* loop) const { event_base_free(loop); }
void UnboundPump::EventDeleter::operator()(event* e) const { event_free(e); }

UnboundPump::UnboundPump(UnboundOptions plan, EventSink* sink)
    : plan_(std::move(plan)), sink_(sink), wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

UnboundPump::~UnboundPump() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    eventfd_write(wake_.get(), 1);
  }
  if (thread_.joinable()) thread_.join();
}

Status UnboundPump::Start() {
  if (auto opened = OpenLoop(); !opened.ok()) return opened;
  auto made = UnboundContext::Make(loop_.get(), plan_, {.validate = plan_.validate});
  if (!made.ok()) return made.error();
  context_ = std::move(made).value();
  return StartThread();
}

Status UnboundPump::OpenLoop() {
  loop_.reset(event_base_new());
  if (!loop_ || wake_.get() < 0) return Error{ErrorKind::kUnavailable, "no event loop for DNS lookups", {}};
  wake_event_.reset(event_new(loop_.get(), wake_.get(), EV_READ | EV_PERSIST, &OnWake, this));
  if (wake_event_ && event_add(wake_event_.get(), nullptr) == 0) return Done{};
  return Error{ErrorKind::kUnavailable, "no event for DNS lookups", {}};
}

// Signals are for the threads that wait for them: the pump is born with all of them blocked.
Status UnboundPump::StartThread() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return Error{ErrorKind::kUnavailable, "no thread for DNS lookups", {}};
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return Done{};
}

// --- any thread ---

void UnboundPump::Ask(const DnsQuestion& question, Resolver::Callback done) {
  Question asked{question, std::move(done), SteadyClock::now()};
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) >= plan_.max_in_flight) {
    AlarmOfCrowd(asked.asked);
    Deliver(asked, {});
    return;
  }
  {
    const MutexLock lock(mutex_);
    if (!stopping_) {
      queue_.push_back(std::move(asked));
      // One wake for all that came since the pump last took the queue.
      if (queue_.size() == 1) eventfd_write(wake_.get(), 1);
      return;
    }
  }
  Deliver(asked, {});
}

// Once a minute: whoever fills the cap fills the log otherwise.
void UnboundPump::AlarmOfCrowd(SteadyClock::time_point now) {
  constexpr std::int64_t kEvery = 60;
  const std::int64_t second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  std::int64_t last = crowd_alarm_.load(std::memory_order_relaxed);
  if (sink_ == nullptr || (last != 0 && second - last < kEvery) ||
      !crowd_alarm_.compare_exchange_strong(last, second)) {
    return;
  }
  sink_->Alarm(std::to_string(plan_.max_in_flight) +
               " DNS lookups are under way: further ones are not made until some end (dns.max_in_flight)");
}

void UnboundPump::Look(Canary::Callback done) {
  {
    const MutexLock lock(mutex_);
    if (!stopping_) {
      look_queue_.push_back(std::move(done));
      eventfd_write(wake_.get(), 1);
      return;
    }
  }
  done({ResolverState::kNoAnswer, "the resolver has stopped"});
}

// The end of every question, asked or not.
void UnboundPump::Deliver(const Question& question, DnsAnswer answer) {
  answer.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - question.asked);
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
  if (sink_ != nullptr) sink_->LookedUp(question.question, answer);
  question.done(std::move(answer));
}

// --- the pump ---

void UnboundPump::Run() {
  event_base_dispatch(loop_.get());
  AbandonAll();  // also if the loop broke by itself: then every question is answered kNotAsked from here on
}

// Nothing may be thrown through the C libraries. What memory ran out for is a lookup that never ends, which its
// session's deadline covers.
template <class Function>
void UnboundPump::Guarded(Function work) noexcept {
  try {
    work();
  } catch (...) {
    if (sink_ != nullptr) sink_->Alarm("a DNS lookup was lost: out of memory");
  }
}

void UnboundPump::OnWake(int fd, short, void* self) noexcept {
  eventfd_t ignored = 0;
  eventfd_read(fd, &ignored);
  auto* pump = static_cast<UnboundPump*>(self);
  pump->Guarded([pump] { pump->TakeQueues(); });
}

void UnboundPump::TakeQueues() {
  std::deque<Question> taken;
  {
    const MutexLock lock(mutex_);
    if (stopping_) {
      event_base_loopbreak(loop_.get());
      return;
    }
    taken.swap(queue_);
    std::ranges::move(look_queue_, std::back_inserter(watchers_));
    look_queue_.clear();
  }
  for (Question& question : taken) {
    const std::uint64_t id = next_id_++;
    pending_.emplace(id, std::move(question));
    Submit(id);
  }
  if (!look_ && !watchers_.empty()) StartLook();
}

void UnboundPump::Submit(std::uint64_t id) {
  const auto it = pending_.find(id);
  if (it == pending_.end()) return;
  const DnsQuestion question = it->second.question;  // a copy: an answer may come inside Ask
  const auto done = [this, id](const RawAnswer& raw) { Guarded([&] { Complete(id, raw); }); };
  if (context_->Ask(question.name, static_cast<std::uint16_t>(question.type), done)) return;
  const auto refused = pending_.extract(id);
  Deliver(refused.mapped(), {});
}

void UnboundPump::Complete(std::uint64_t id, const RawAnswer& raw) {
  const auto ended = pending_.extract(id);
  const Question& question = ended.mapped();
  Deliver(question, Judge(question.question, raw));
}

void UnboundPump::AbandonAll() {
  look_.reset();
  context_.reset();
  std::unordered_map<std::uint64_t, Question> left;
  left.swap(pending_);
  for (const auto& [id, question] : left) Deliver(question, {});
  std::deque<Question> never_asked;
  std::vector<Canary::Callback> never_told = std::move(watchers_);
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    never_asked.swap(queue_);
    std::ranges::move(look_queue_, std::back_inserter(never_told));
    look_queue_.clear();
  }
  for (const Question& question : never_asked) Deliver(question, {});
  for (const Canary::Callback& done : never_told) done({ResolverState::kNoAnswer, "the resolver has stopped"});
}

// Bogus comes first: its packet holds the forged or expired records with rcode 0, or a denial. Trouble in passing may
// be called bogus too ("no DNSKEY rrset ..."): the library's reason is handed on as it is.
DnsAnswer UnboundPump::Judge(const DnsQuestion& question, const RawAnswer& raw) const {
  DnsAnswer answer;
  if (raw.security == 1 && !context_->anchors().empty()) {
    answer.status = DnsStatus::kBogus;
    answer.dnssec = Dnssec::kBogus;
    answer.why = EscapeBytes(raw.why_bogus == nullptr ? "" : raw.why_bogus);
    return answer;
  }
  answer.status = DnsStatus::kServFail;
  if (raw.error != 0 || raw.packet.size() > plan_.max_answer_bytes) return answer;
  auto parsed = ParsePacket(raw.packet, question);
  if (!parsed || parsed->status == DnsStatus::kServFail) return answer;
  answer.status = parsed->status;
  answer.dnssec = StateOf(question, raw.security);
  answer.data = std::move(parsed->data);
  answer.ttl = parsed->ttl;
  return answer;
}

Dnssec UnboundPump::StateOf(const DnsQuestion& question, int security) const {
  const std::vector<DomainName>& anchors = context_->anchors();
  if (anchors.empty()) return Dnssec::kIndeterminate;
  if (security == 2) return Dnssec::kSecure;
  const auto covers = [&](const DomainName& anchor) { return question.name.IsAtOrUnder(anchor); };
  return std::ranges::any_of(anchors, covers) ? Dnssec::kInsecure : Dnssec::kIndeterminate;
}

// --- the resolver's health ---

// Whoever comes while a look is under way is told what that one finds.
void UnboundPump::StartLook() {
  const auto done = [this](CanaryReport report) { Guarded([&] { EndLook(std::move(report)); }); };
  look_ = std::make_unique<CanaryLook>(loop_.get(), plan_, done);
  if (const auto started = look_->Start(); !started.ok()) EndLook({ResolverState::kNoAnswer, started.error().message});
}

// Runs outside of the library, so that contexts may go.
// NOLINTNEXTLINE(performance-unnecessary-value-param): a reference might point into what is freed first.
void UnboundPump::EndLook(CanaryReport report) {
  look_.reset();
  Learn(report.state);
  std::vector<Canary::Callback> told;
  told.swap(watchers_);
  for (const Canary::Callback& done : told) done(report);
}

// Without DNSSEC records everything is bogus to a validator, and a site would have no DNS at all: if they are missing
// from the start, the resolver does without them until they come. Later it never does: that they were there and are
// gone may be an attack, and the health watch deals with it.
void UnboundPump::Learn(ResolverState state) {
  switch (state) {
    case ResolverState::kNoAnswer:
      return;
    case ResolverState::kNoRecords:
      if (path_ == Path::kUntold && Replace(false)) path_ = Path::kBare;
      return;
    case ResolverState::kWell:
      if (path_ != Path::kBare || Replace(true)) path_ = Path::kSettled;
      return;
    case ResolverState::kBadClock:
    case ResolverState::kBadAnchor:
      if (path_ == Path::kUntold) path_ = Path::kSettled;
      return;
  }
}

// A new context also forgets which keys the old one thought bad. What is pending is asked again there, so that nobody
// is told bogus for what the old one could not know.
bool UnboundPump::Replace(bool validate) {
  auto made = UnboundContext::Make(loop_.get(), plan_, {.validate = validate});
  if (!made.ok()) {
    if (sink_ != nullptr) sink_->Alarm(made.error().message);
    return false;
  }
  context_ = std::move(made).value();
  std::vector<std::uint64_t> ids;
  for (const auto& [id, question] : pending_) ids.push_back(id);
  for (const std::uint64_t id : ids) Submit(id);
  return true;
}

}  // namespace heloguard
