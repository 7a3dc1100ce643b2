// What the tests of the resolver share: files with a text, resolvers, their answers as futures.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "adapters/unbound/unbound_resolver.h"
#include "dns_text.h"
#include "fake_nameserver.h"

namespace heloguard::testing {

// A path of this process's own.
inline std::string FreshPath(std::string_view what) {
  static std::atomic<int> number{0};
  return ::testing::TempDir() + std::string(what) + "-" + std::to_string(getpid()) + "-" + std::to_string(++number);
}

// Removed at the end.
class TextFile {
 public:
  explicit TextFile(std::string_view text) : path_(FreshPath("resolver")) { std::ofstream(path_) << text; }
  ~TextFile() { std::remove(path_.c_str()); }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string Slurp(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

inline Settings::Dns ForwardTo(std::uint16_t port) {
  Settings::Dns settings;
  settings.validate = false;
  settings.resolvers = {{Ip("127.0.0.1"), port}};
  return settings;
}
inline Settings::Dns ForwardTo(const FakeNameserver& server) { return ForwardTo(server.port()); }

inline std::unique_ptr<UnboundResolver> StartResolver(const Settings::Dns& settings, EventSink* sink = nullptr) {
  auto started = UnboundResolver::Start(settings, sink);
  EXPECT_TRUE(started.ok()) << (started.ok() ? "" : started.error().ToString());
  return started.ok() ? std::move(started).value() : nullptr;
}

inline std::future<DnsAnswer> Asked(UnboundResolver& resolver, const DnsQuestion& question) {
  auto promise = std::make_shared<std::promise<DnsAnswer>>();
  auto future = promise->get_future();
  resolver.Ask(question, [promise](DnsAnswer answer) { promise->set_value(std::move(answer)); });
  return future;
}

inline std::future<CanaryReport> Looked(UnboundResolver& resolver) {
  auto promise = std::make_shared<std::promise<CanaryReport>>();
  auto future = promise->get_future();
  resolver.Look([promise](CanaryReport report) { promise->set_value(std::move(report)); });
  return future;
}

}  // namespace heloguard::testing
