// A session of a mail server as its lines come in, and what they add up to.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "heloguard/logged_session.h"

namespace heloguard {

// How a refusal weighs. One of the client counts whatever else was accepted (heloguard lets mail to postmaster pass,
// and refuses the client all the same); one of a single message or recipient only where nothing was accepted.
enum class RefusalScope : std::uint8_t { kMessage, kClient };

// A HELO as a line has it.
struct SaidHelo {
  std::string_view text;
  // What it is if the client has not authenticated, since then it wrote the sign of that itself; "": the same.
  std::string_view unless_sasl;
};

// Every text in it is capped to kMaxLoggedText, so that it takes less than four KB. Thread rule: one thread.
struct MtaSession {
  LoggedSession said;
  std::uint64_t key = 0, host = 0;            // what its lines have in common, and whose log it is
  std::uint64_t queue = 0;                    // the message being sent, as MtaSessions knows it; 0: none
  bool begun = false;                         // it has a client
  bool without_address = false;               // its client was named, and has no address
  bool forwarded = false;                     // from a content filter: the mail came in another session
  bool answered = false;                      // a line says what was answered
  bool pending = false;                       // a recipient was accepted, and what became of the message is not known
  bool let_in = false;                        // a recipient was accepted, and the message not refused
  bool lost = false;                          // a message was sent and not accepted
  std::array<bool, 2> refused{}, deferred{};  // by RefusalScope
  bool replaceable_refusal = false;
  // Why the next client's reverse DNS will not be believed: Postfix warns before it connects.
  std::string warned_address;
  SuppliedRdns warned;
  std::string helo_unless_sasl;

  void SetClient(std::string_view name, std::string_view address);
  void Refuse(unsigned code, RefusalScope scope);
  // The HELO of a line. False if another one was known: then this is another session as far as judging goes.
  [[nodiscard]] bool SetHelo(const SaidHelo& helo);
  // What the mail server did, from what was set above.
  void Settle();

 private:
  void SettleHelo();
};

// `text` cut to what is kept.
[[nodiscard]] std::string Kept(std::string_view text);

}  // namespace heloguard
