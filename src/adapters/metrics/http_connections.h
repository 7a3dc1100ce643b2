// The connections of an HTTP server of libevent's: how many there may be, and how long one may take over a request.
//
// evhttp counts neither and says nothing of a connection that goes, but has its owner make the bufferevent of each.
// That is kept here with a reference of ours, and let go once evhttp has taken its callbacks off it. Thread rule: the
// event loop's thread.
#pragma once

#include <event2/event.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

struct bufferevent;
struct evhttp;
struct evhttp_request;

namespace heloguard {

class HttpConnections {
 public:
  // At most `max` at once; those beyond are closed at once. `patience`: from the beginning of a connection, or from its
  // last request, to the end of the next one and of its answer. `rejected` hears of each that is closed for `max`.
  HttpConnections(std::size_t max, std::chrono::seconds patience, std::function<void()> rejected);
  // REQUIRES: what Attach was given is freed, its event loop is not.
  ~HttpConnections();
  HttpConnections(const HttpConnections&) = delete;
  HttpConnections& operator=(const HttpConnections&) = delete;

  // Has the connections of `http`, whose loop is `base`, counted here. False: out of memory.
  [[nodiscard]] bool Attach(evhttp* http, event_base* base);
  // A whole request has come: its connection's time begins anew.
  void Requested(evhttp_request* request);

 private:
  struct EventDeleter {
    void operator()(event* e) const { event_free(e); }
  };
  using Event = std::unique_ptr<event, EventDeleter>;
  struct Connection;

  static bufferevent* Make(event_base* base, void* self) noexcept;
  static void OutOfTime(evutil_socket_t fd, short what, void* connection) noexcept;
  static void Sweep(evutil_socket_t fd, short what, void* self) noexcept;
  bufferevent* Add(event_base* base);
  void LetGo();

  const std::size_t max_;
  const std::chrono::seconds patience_;
  const std::function<void()> rejected_;
  Event sweep_;
  std::vector<std::unique_ptr<Connection>> open_;
};

}  // namespace heloguard
