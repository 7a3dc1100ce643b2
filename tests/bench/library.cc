// libunbound's three interfaces on answers it has cached, one at a time and 64 at once, and our resolver, which is the
// event interface on a thread of its own. The measurement behind docs/decisions/0002-event-api.md.
#include <event2/event.h>
#include <poll.h>
#include <unbound-event.h>
#include <unbound.h>

#include <condition_variable>
#include <cstdio>
#include <functional>
#include <mutex>
#include <span>

#include "bench.h"
#include "clients.h"
#include "dns_text.h"
#include "measure.h"
#include "slow_nameserver.h"

namespace heloguard::bench {
namespace {

constexpr int kTypeA = 1;
constexpr int kClassIn = 1;
constexpr std::size_t kAtOnce = 64;
constexpr int kRounds = 9;
constexpr double kRoundSeconds = 0.1;

struct Asked {
  std::string text;
  DnsQuestion question;
};
using AskedList = std::span<const Asked>;

// A way to ask.
class Way {
 public:
  virtual ~Way() = default;
  // Asks all of them at once if the interface can, and returns when all are answered.
  virtual void Answer(AskedList asked) = 0;
};

struct CtxDeleter {
  void operator()(ub_ctx* ctx) const { ub_ctx_delete(ctx); }
};
using Ctx = std::unique_ptr<ub_ctx, CtxDeleter>;
struct LoopDeleter {
  void operator()(event_base* loop) const { event_base_free(loop); }
};

void Require(bool good) {
  if (!good) Fail("libunbound does not work");
}

Ctx Configured(ub_ctx* raw, std::uint16_t port) {
  Ctx ctx(raw);
  Require(ctx != nullptr && ub_ctx_set_option(ctx.get(), "module-config:", "iterator") == 0 &&
          ub_ctx_set_option(ctx.get(), "do-not-query-localhost:", "no") == 0 &&
          ub_ctx_set_option(ctx.get(), "outgoing-range:", "256") == 0 &&
          ub_ctx_set_fwd(ctx.get(), ("127.0.0.1@" + std::to_string(port)).c_str()) == 0);
  return ctx;
}

class Blocking final : public Way {
 public:
  explicit Blocking(std::uint16_t port) : ctx_(Configured(ub_ctx_create(), port)) {}
  void Answer(AskedList asked) override {
    for (const Asked& one : asked) {
      ub_result* result = nullptr;
      Require(ub_resolve(ctx_.get(), one.text.c_str(), kTypeA, kClassIn, &result) == 0 && result->havedata == 1);
      ub_resolve_free(result);
    }
  }

 private:
  Ctx ctx_;
};

// The library's own thread resolves; the results come back to ours.
class Asynchronous final : public Way {
 public:
  explicit Asynchronous(std::uint16_t port) : ctx_(Configured(ub_ctx_create(), port)) {
    Require(ub_ctx_async(ctx_.get(), 1) == 0);
  }
  void Answer(AskedList asked) override {
    std::size_t open = asked.size();
    for (const Asked& one : asked) {
      Require(ub_resolve_async(ctx_.get(), one.text.c_str(), kTypeA, kClassIn, &open, &OnResult, nullptr) == 0);
    }
    pollfd results{ub_fd(ctx_.get()), POLLIN, 0};
    while (open > 0) {
      poll(&results, 1, -1);
      Require(ub_process(ctx_.get()) == 0);
    }
  }

 private:
  static void OnResult(void* open, int error, ub_result* result) noexcept {
    Require(error == 0 && result->havedata == 1);
    ub_resolve_free(result);
    --*static_cast<std::size_t*>(open);
  }
  Ctx ctx_;
};

// On our own thread and loop.
class Event final : public Way {
 public:
  explicit Event(std::uint16_t port)
      : loop_(event_base_new()), ctx_(Configured(ub_ctx_create_event(loop_.get()), port)) {}
  void Answer(AskedList asked) override {
    std::size_t open = asked.size();
    for (const Asked& one : asked) {
      Require(ub_resolve_event(ctx_.get(), one.text.c_str(), kTypeA, kClassIn, &open, &OnResult, nullptr) == 0);
    }
    while (open > 0) event_base_loop(loop_.get(), EVLOOP_ONCE);
  }

 private:
  // NOLINTNEXTLINE(readability-function-size): the parameters are the library's.
  static void OnResult(void* open, int error, void* /*packet*/, int size, int /*security*/, char* /*why*/,
                       int /*limited*/) noexcept {
    Require(error == 0 && size > 0);
    --*static_cast<std::size_t*>(open);
  }
  std::unique_ptr<event_base, LoopDeleter> loop_;
  Ctx ctx_;
};

// Asked from our thread, answered on the pump's.
class Ours final : public Way {
 public:
  explicit Ours(std::uint16_t port) : resolver_(ForwardTo(port)) {}
  void Answer(AskedList asked) override {
    open_ = asked.size();
    for (const Asked& one : asked) {
      resolver_->Ask(one.question, [this](const DnsAnswer& answer) { OnResult(answer); });
    }
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return open_ == 0; });
  }

 private:
  void OnResult(const DnsAnswer& answer) {
    Require(answer.status == DnsStatus::kAnswer);
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) done_.notify_one();
  }
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t open_ = 0;
  std::unique_ptr<UnboundResolver> resolver_;  // goes first: its last answers come here
};

struct Row {
  const char* what;
  std::unique_ptr<Way> way;
  Rounds one, many;  // kAtOnce at once
};

void RunRound(AskedList names, std::size_t at_once, Way* way, Rounds* rounds) {
  const Stopwatch watch;
  std::size_t answered = 0;
  while (watch.Seconds() < kRoundSeconds) {
    way->Answer(names.subspan(answered % names.size(), at_once));
    answered += at_once;
  }
  rounds->Add(static_cast<double>(answered), watch.Seconds(), watch.ProcessorSeconds());
}

void PrintRows(const char* title, const std::vector<Row>& rows, Rounds Row::*rounds) {
  PrintRoundsHead(title, "lookups/s");
  std::printf("\n");
  for (const Row& row : rows) {
    PrintRounds(row.what, row.*rounds, rows.front().*rounds);
    std::printf("\n");
  }
}

}  // namespace

void RunLibrary(const std::string& /*policies*/) {
  SlowNameserver server(TrueAnswer);
  std::vector<Asked> names;
  for (unsigned i = 0; i < kAtOnce; ++i) {
    const std::string name = MakeClient(ClientKind::kClean, i).helo;
    names.push_back({name + ".", testing::A(name)});
  }
  std::vector<Row> rows;
  rows.push_back({"ub_resolve_async, its thread (baseline)", std::make_unique<Asynchronous>(server.port()), {}, {}});
  rows.push_back({"ub_resolve_event, the asking thread", std::make_unique<Event>(server.port()), {}, {}});
  rows.push_back({"our resolver: events, thread of its own", std::make_unique<Ours>(server.port()), {}, {}});
  rows.push_back({"ub_resolve, never side by side", std::make_unique<Blocking>(server.port()), {}, {}});
  for (Row& row : rows) row.way->Answer(names);
  for (int round = 0; round < kRounds; ++round) {
    for (Row& row : rows) {
      RunRound(names, 1, row.way.get(), &row.one);
      RunRound(names, kAtOnce, row.way.get(), &row.many);
    }
  }
  PrintRows("one at a time", rows, &Row::one);
  PrintRows("64 at once", rows, &Row::many);
}

}  // namespace heloguard::bench
