// The HTTP side of the metrics: two paths, read only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "heloguard/base/result.h"
#include "heloguard/settings.h"

namespace heloguard {

// What is asked on the server's thread.
struct MetricsPages {
  std::function<std::string()> text;  // of /metrics
  std::function<bool()> healthy;      // /healthz answers 200 or 503
};

// GET and HEAD of /metrics and /healthz; 404 for other paths, 405 for other methods.
// Thread rule: the thread it starts is the only one that touches libevent's objects; the pages are asked on it.
class MetricsServer {
 public:
  // Errors: kUnavailable.
  [[nodiscard]] static Result<std::unique_ptr<MetricsServer>> Start(const ServerAddress& address, MetricsPages pages);
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
