// A port on which one SMTP client is heard.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "adapters/smtp/smtp_connection.h"

namespace heloguard {

struct HeardHelo {
  IpAddress client;                 // unmapped
  std::optional<std::string> helo;  // hostile bytes, kMaxHeloBytes at most; nullopt: it left without any
};

// Thread rule: one thread.
class SmtpListener {
 public:
  // Port 0 is any that is free. Errors: kUnavailable.
  [[nodiscard]] static Result<std::unique_ptr<SmtpListener>> Open(const ServerAddress& address);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Waits for a client, talks with it until it leaves or a limit is reached, and takes no mail. Whoever comes meanwhile
  // is turned away when this object goes. Errors: kUnavailable: nobody came within `wait`.
  [[nodiscard]] Result<HeardHelo> HearOne(std::chrono::milliseconds wait, const SmtpLimits& limits);

 private:
  explicit SmtpListener(int fd) : socket_(fd) {}
  Descriptor socket_;
  std::uint16_t port_ = 0;
};

}  // namespace heloguard
