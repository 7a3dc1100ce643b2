// A session of a mail server as its lines come in, and what they add up to.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "logged_session.h"

namespace heloguard {

// How a refusal weighs. One of the client counts whatever else was accepted (heloguard lets mail to postmaster pass,
// and refuses the client all the same); one of a single message or recipient only where nothing was accepted.
enum class RefusalScope : std::uint8_t { kMessage, kClient };

// Thread rule: one thread.
struct MtaSession {
  LoggedSession said;
  std::uint64_t host = 0;                     // whose log it is
  bool begun = false;                         // it has a client
  bool let_in = false;                        // a recipient was accepted, and the message not refused
  std::array<bool, 2> refused{}, deferred{};  // by RefusalScope
  bool replaceable_refusal = false;
  // Why the next client's reverse DNS will not be believed: Postfix warns before it connects.
  std::string warned_address;
  SuppliedRdns warned;

  void SetClient(std::string_view name, std::string_view address);
  void Refuse(unsigned code, RefusalScope scope);
  // The HELO of a line. False if another one was known: then this is another session as far as judging goes.
  [[nodiscard]] bool SetHelo(std::string_view helo);
  // What the mail server did, from what was set above.
  void Settle();
};

// `text` cut to what is kept.
[[nodiscard]] std::string Kept(std::string_view text);

}  // namespace heloguard
