// One TCP connection that speaks lines, with a peer that may be anybody: every line, the sum of all and every wait are
// bounded, and nothing is kept but the line being read.
//
// Thread rule: one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "heloguard/base/ip_address.h"
#include "heloguard/base/result.h"
#include "heloguard/settings.h"
#include "os/descriptor.h"

namespace heloguard {

struct SmtpLimits {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds line{30'000};   // for one line to come, and for one reply to go
  std::chrono::milliseconds total{60'000};  // for the whole conversation
  std::size_t line_octets = 2'048;          // RFC 5321 section 4.5.3.1 has 512, and extensions may add to it
  std::size_t total_octets = std::size_t{64} << 10U;
};

class SmtpConnection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Line {
    enum class End : std::uint8_t {
      kLine,
      kTooLong,  // `text` is its beginning; the rest was read and dropped
      kClosed,   // by the peer, or broken; half a line before it is dropped
      kTimeout,
      kTooMuch,  // the sum of all lines is over its limit
    };
    End end = End::kClosed;
    std::string text;  // hostile bytes, without the line feed and a carriage return before it
    [[nodiscard]] bool read() const { return end == End::kLine || end == End::kTooLong; }
  };

  // Takes over a connected socket.
  SmtpConnection(int fd, const SmtpLimits& limits);
  // Errors: kUnavailable.
  [[nodiscard]] static Result<std::unique_ptr<SmtpConnection>> Connect(const ServerAddress& server,
                                                                       const SmtpLimits& limits);

  [[nodiscard]] Line Read();
  // False if the peer is gone or does not take it in time.
  [[nodiscard]] bool Write(std::string_view bytes);
  // Unmapped; 0.0.0.0 if the system does not tell.
  [[nodiscard]] IpAddress local() const;
  [[nodiscard]] IpAddress peer() const;

 private:
  [[nodiscard]] TimePoint LineDeadline() const;

  Descriptor socket_;
  const SmtpLimits limits_;
  const TimePoint deadline_;
  std::string buffer_;  // read and not handed out yet; a line and a piece at most
  std::size_t received_ = 0;
};

// "[192.0.2.1]", "[IPv6:2001:db8::1]": how a host without a name calls itself (RFC 5321 section 4.1.3).
[[nodiscard]] std::string AddressLiteral(const IpAddress& address);

}  // namespace heloguard
