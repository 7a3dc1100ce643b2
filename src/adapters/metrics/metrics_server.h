// The HTTP side of the metrics: two paths, read only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "heloguard/base/result.h"
#include "heloguard/settings.h"

namespace heloguard {

// What is asked, and told, on the server's thread.
struct MetricsPages {
  std::function<std::string()> text;  // of /metrics
  std::function<bool()> healthy;      // /healthz answers 200 or 503
  std::function<void()> rejected;     // a connection was closed because there were too many
};

struct MetricsServerLimits {
  std::size_t connections = 50;      // at once; those beyond are closed
  std::chrono::seconds request{10};  // for a whole request and its answer
};

// GET and HEAD of /metrics and /healthz; 404 for other paths, 405 for other methods.
// Thread rule: the thread it starts is the only one that touches libevent's objects; the pages are asked on it.
class MetricsServer {
 public:
  // Errors: kUnavailable.
  [[nodiscard]] static Result<std::unique_ptr<MetricsServer>> Start(const ServerAddress& address,
                                                                    const MetricsServerLimits& limits,
                                                                    MetricsPages pages);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Impl;
  explicit MetricsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace heloguard
