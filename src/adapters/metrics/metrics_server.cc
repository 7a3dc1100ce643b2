// Serves the metrics over HTTP with libevent's evhttp. Knows nothing of what it serves.
//
// Whoever reaches the port may ask: headers, bodies and idle time are bounded, and nothing a client sends is kept.
// RFC 9110 sections 9.1 (GET and HEAD), 15.5.6 (405 with Allow).
// Tests: tests/unit/adapters/metrics/metrics_server_test.cc.
#include "adapters/metrics/metrics_server.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "adapters/metrics/http_connections.h"
#include "os/socket_address.h"

namespace heloguard {
namespace {

constexpr ev_ssize_t kMaxHeaderBytes = 8'192;
constexpr ev_ssize_t kMaxBodyBytes = 1'024;
constexpr int kIdleSeconds = 10;

template <auto kFree>
struct Freeing {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using EventBase = std::unique_ptr<event_base, Freeing<event_base_free>>;
using Event = std::unique_ptr<event, Freeing<event_free>>;
using Http = std::unique_ptr<evhttp, Freeing<evhttp_free>>;
using Buffer = std::unique_ptr<evbuffer, Freeing<evbuffer_free>>;

struct Response {
  int code;
  const char* reason;
  std::string body;
};

// evhttp wants a copy of the body; a HEAD gets its length only.
void Send(evhttp_request* request, const Response& response) {
  evkeyvalq* const headers = evhttp_request_get_output_headers(request);
  evhttp_add_header(headers, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  evhttp_add_header(headers, "Content-Length", std::to_string(response.body.size()).c_str());
  if (response.code == HTTP_BADMETHOD) evhttp_add_header(headers, "Allow", "GET, HEAD");
  const Buffer body(evbuffer_new());
  const bool wants_body = evhttp_request_get_command(request) != EVHTTP_REQ_HEAD;
  if (body && wants_body) evbuffer_add(body.get(), response.body.data(), response.body.size());
  evhttp_send_reply(request, response.code, response.reason, body.get());
}

Response Answer(evhttp_request* request, const MetricsPages& pages) {
  const evhttp_cmd_type method = evhttp_request_get_command(request);
  if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
    return {HTTP_BADMETHOD, "Method Not Allowed", "only GET and HEAD\n"};
  }
  const evhttp_uri* const uri = evhttp_request_get_evhttp_uri(request);
  const char* const path = uri == nullptr ? nullptr : evhttp_uri_get_path(uri);
  const std::string_view asked = path == nullptr ? "" : path;
  if (asked == "/metrics") return {HTTP_OK, "OK", pages.text()};
  if (asked == "/healthz") {
    return pages.healthy() ? Response{HTTP_OK, "OK", "ok\n"}
                           : Response{HTTP_SERVUNAVAIL, "Service Unavailable", "the milter socket is not served\n"};
  }
  return {HTTP_NOTFOUND, "Not Found", "there are /metrics and /healthz\n"};
}

// What a request is answered with.
struct Serving {
  Serving(const MetricsServerLimits& limits, MetricsPages with)
      : pages(std::move(with)), connections(limits.connections, limits.request, pages.rejected) {}

  const MetricsPages pages;
  HttpConnections connections;
};

// Called by C code: nothing is thrown through it.
void OnRequest(evhttp_request* request, void* context) noexcept {
  auto* const serving = static_cast<Serving*>(context);
  try {
    serving->connections.Requested(request);
    Send(request, Answer(request, serving->pages));
  } catch (const std::exception&) {  // out of memory
    evhttp_send_error(request, HTTP_INTERNAL, nullptr);
  }
}

void OnStop(evutil_socket_t /*fd*/, short /*what*/, void* context) noexcept {
  event_base_loopbreak(static_cast<event_base*>(context));
}

std::uint16_t BoundPort(evhttp_bound_socket* socket) {
  SocketAddress bound;
  bound.length = sizeof bound.storage;
  auto* const address = reinterpret_cast<sockaddr*>(&bound.storage);
  return ::getsockname(evhttp_bound_socket_get_fd(socket), address, &bound.length) == 0 ? PortOf(bound) : 0;
}

Error Unavailable(const std::string& doing, int problem) {
  return Error{ErrorKind::kUnavailable, doing + ": " + std::generic_category().message(problem), {}};
}

}  // namespace

// Members end in the reverse order: the thread is joined by then.
struct MetricsServer::Impl {
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;
  ~Impl() {
    if (thread.joinable()) {
      const std::uint64_t one = 1;
      // Cannot fail: the counter is 0 and never comes near its limit.
      [[maybe_unused]] const ssize_t written = ::write(stop_fd, &one, sizeof one);
      thread.join();
    }
    http.reset();
    serving.reset();
    stop.reset();
    base.reset();
    if (stop_fd >= 0) ::close(stop_fd);
  }

  std::unique_ptr<Serving> serving;
  int stop_fd = -1;  // readable once the loop has to end
  EventBase base;
  Event stop;
  Http http;
  std::uint16_t port = 0;
  std::thread thread;
};

MetricsServer::MetricsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MetricsServer::~MetricsServer() = default;
std::uint16_t MetricsServer::port() const { return impl_->port; }

Result<std::unique_ptr<MetricsServer>> MetricsServer::Start(const ServerAddress& address,
                                                            const MetricsServerLimits& limits, MetricsPages pages) {
  auto impl = std::make_unique<Impl>();
  impl->serving = std::make_unique<Serving>(limits, std::move(pages));
  impl->stop_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  impl->base.reset(event_base_new());
  if (impl->stop_fd < 0 || !impl->base) return Unavailable("cannot start an event loop", errno);
  impl->stop.reset(event_new(impl->base.get(), impl->stop_fd, EV_READ, OnStop, impl->base.get()));
  impl->http.reset(evhttp_new(impl->base.get()));
  if (!impl->stop || !impl->http || event_add(impl->stop.get(), nullptr) != 0 ||
      !impl->serving->connections.Attach(impl->http.get(), impl->base.get())) {
    return Unavailable("cannot start an HTTP server", ENOMEM);
  }
  evhttp* const http = impl->http.get();
  evhttp_set_max_headers_size(http, kMaxHeaderBytes);
  evhttp_set_max_body_size(http, kMaxBodyBytes);
  evhttp_set_timeout(http, kIdleSeconds);
  // All of them, so that a wrong one is answered 405 by us and not 501 by the library.
  evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
                                       EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT |
                                       EVHTTP_REQ_PATCH);
  evhttp_set_gencb(http, OnRequest, impl->serving.get());
  evhttp_bound_socket* const socket =
      evhttp_bind_socket_with_handle(http, address.address.ToString().c_str(), address.port);
  if (socket == nullptr) {
    return Unavailable("cannot listen on " + address.address.ToString() + " port " + std::to_string(address.port),
                       errno);
  }
  impl->port = BoundPort(socket);
  impl->thread = std::thread([base = impl->base.get()] { event_base_dispatch(base); });
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(impl)));
}

}  // namespace heloguard
