// Tests: tests/unit/adapters/metrics/metrics_server_test.cc.
#include "adapters/metrics/http_connections.h"

#include <event2/bufferevent.h>
#include <event2/http.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace heloguard {
namespace {

// A connection that evhttp has freed is shut down already; its descriptor is closed after this at the latest.
constexpr timeval kSweepEvery{.tv_sec = 0, .tv_usec = 200'000};

// evhttp's callbacks have its connection as their argument, until it frees that.
bool IsFreed(bufferevent* wire) {
  void* owner = nullptr;
  bufferevent_getcb(wire, nullptr, nullptr, nullptr, &owner);
  return owner == nullptr;
}

}  // namespace

struct HttpConnections::Connection {
  explicit Connection(bufferevent* of) : wire(of) { bufferevent_incref(wire); }
  ~Connection() { bufferevent_decref(wire); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bufferevent* const wire;
  Event timer;
};

HttpConnections::HttpConnections(std::size_t max, std::chrono::seconds patience, std::function<void()> rejected)
    : max_(max), patience_(patience), rejected_(std::move(rejected)) {}
HttpConnections::~HttpConnections() = default;

bool HttpConnections::Attach(evhttp* http, event_base* base) {
  sweep_.reset(event_new(base, -1, EV_PERSIST, Sweep, this));
  if (!sweep_) return false;
  evhttp_set_bevcb(http, Make, this);
  return true;
}

// Called by C code: nothing is thrown through it. Null has evhttp make an ordinary one, which only memory can bring
// about.
bufferevent* HttpConnections::Make(event_base* base, void* self) noexcept {
  try {
    return static_cast<HttpConnections*>(self)->Add(base);
  } catch (const std::exception&) {
    return nullptr;
  }
}

bufferevent* HttpConnections::Add(event_base* base) {
  LetGo();
  open_.reserve(open_.size() + 1);
  bufferevent* const wire = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
  if (wire == nullptr) return nullptr;
  auto connection = std::make_unique<Connection>(wire);
  connection->timer.reset(event_new(base, -1, 0, OutOfTime, wire));
  const bool welcome = open_.size() < max_ && connection->timer;
  if (!welcome) rejected_();
  // The descriptor comes after this: one that is not welcome ends with the loop's next turn.
  const timeval time{.tv_sec = welcome ? patience_.count() : 0, .tv_usec = 0};
  if (connection->timer) event_add(connection->timer.get(), &time);
  if (open_.empty()) event_add(sweep_.get(), &kSweepEvery);
  open_.push_back(std::move(connection));
  return wire;
}

// evhttp notices the end and frees what it has of the connection.
void HttpConnections::OutOfTime(evutil_socket_t /*fd*/, short /*what*/, void* wire) noexcept {
  const evutil_socket_t fd = bufferevent_getfd(static_cast<bufferevent*>(wire));
  if (fd >= 0) ::shutdown(fd, SHUT_RDWR);
}

void HttpConnections::Sweep(evutil_socket_t /*fd*/, short /*what*/, void* self) noexcept {
  auto* const all = static_cast<HttpConnections*>(self);
  all->LetGo();
  if (all->open_.empty()) event_del(all->sweep_.get());
}

void HttpConnections::LetGo() {
  std::erase_if(open_, [](const auto& connection) { return IsFreed(connection->wire); });
}

void HttpConnections::Requested(evhttp_request* request) {
  evhttp_connection* const of = evhttp_request_get_connection(request);
  bufferevent* const wire = of == nullptr ? nullptr : evhttp_connection_get_bufferevent(of);
  const auto it = std::ranges::find_if(open_, [wire](const auto& connection) { return connection->wire == wire; });
  // One that was not welcome, or whose time is up, gets no more of it.
  if (it == open_.end() || event_pending((*it)->timer.get(), EV_TIMEOUT, nullptr) == 0) return;
  const timeval time{.tv_sec = patience_.count(), .tv_usec = 0};
  event_add((*it)->timer.get(), &time);
}

}  // namespace heloguard
