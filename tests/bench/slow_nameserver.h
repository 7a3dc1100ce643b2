// A nameserver on loopback, UDP only, that answers every query after a set time, whatever else it is asked meanwhile.
#pragma once

#include <netinet/in.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "heloguard/dns/dns.h"
#include "os/descriptor.h"

namespace heloguard::bench {

// Thread rule: any thread; answers come from a thread of its own, which also calls `zone`.
class SlowNameserver {
 public:
  using Zone = std::function<DnsAnswer(const DnsQuestion&)>;
  explicit SlowNameserver(Zone zone);
  ~SlowNameserver();
  SlowNameserver(const SlowNameserver&) = delete;
  SlowNameserver& operator=(const SlowNameserver&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // For queries that arrive from now on.
  void SetRoundTrip(std::chrono::milliseconds time) { round_trip_ms_ = static_cast<int>(time.count()); }

 private:
  using SteadyClock = std::chrono::steady_clock;
  struct Reply {
    std::string packet;
    sockaddr_in peer;
  };
  using Due = std::multimap<SteadyClock::time_point, Reply>;

  void Serve();
  void Receive(Due* due) const;
  void SendWhatIsDue(Due* due) const;

  const Zone zone_;
  const Descriptor udp_;
  const Descriptor stop_;
  std::uint16_t port_ = 0;
  std::atomic<int> round_trip_ms_{0};
  std::thread thread_;
};

}  // namespace heloguard::bench
