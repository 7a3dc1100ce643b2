// What a line of Postfix's smtpd, postscreen or cleanup says about a session.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "heloguard/facts/build_facts.h"

namespace heloguard {

enum class PostfixEvent : std::uint8_t {
  kNone,        // nothing that counts here
  kConnect,     // a session begins
  kDisconnect,  // it ends, with counts of its commands since Postfix 3.0
  kClient,      // a first recipient was accepted
  kAction,    // reject, milter-reject, info ...: names reply, envelope and HELO, and but for some of cleanup the client
  kHostname,  // a warning: why a client's reverse DNS is not believed
  kEncrypted,  // TLS was set up
  kPassed,     // postscreen hands the client on to smtpd
  kPregreet,   // postscreen: the client spoke too early, and what it said
};

// How often a command was given, and how often it went well: "rcpt=1/3".
struct CommandCount {
  unsigned good = 0, all = 0;
};

// Views into the message; hostile bytes.
struct PostfixLine {
  PostfixEvent event = PostfixEvent::kNone;
  std::string_view queue;                // the message's queue id, "" if it has none
  std::string_view name, address;        // of NAME[ADDRESS]; name "" where postscreen gives none
  std::string_view port;                 // the client's, "" if not logged
  std::string_view action, where, text;  // kAction: "milter-reject", "RCPT", what follows the client
  unsigned code = 0;                     // of the reply, 0: none
  std::string_view from, to;
  bool says_helo = false;                // kAction: the line is of a kind that names the HELO if there was one
  std::optional<std::string_view> helo;  // whole; nullopt: none, or cut
  bool helo_cut = false;
  // Where the name a client has authenticated by seems to stand behind the HELO: the HELO with it. A client that has
  // not authenticated has made it up.
  std::string_view helo_unless_sasl;
  bool sasl = false;       // kClient: the client has authenticated
  bool forwarded = false;  // kClient: by a content filter, which names the client it has the mail from
  bool counted = false;    // kDisconnect: the counts are there
  CommandCount helos, recipients, datas, bdats, starttls, auths, xforwards;  // HELO and EHLO together
  std::optional<RdnsStatus> rdns_status;                                     // kHostname
};

// `message` is what follows the tag.
[[nodiscard]] PostfixLine ParseSmtpdLine(std::string_view message);
[[nodiscard]] PostfixLine ParsePostscreenLine(std::string_view message);
// Refusals alone: of a milter, of header_checks, of body_checks.
[[nodiscard]] PostfixLine ParseCleanupLine(std::string_view message);

enum class PostfixService : std::uint8_t { kSmtpd, kPostscreen, kCleanup };
// By the last part: "postfix/smtpd", "postfix-in/submission/smtpd", "mx-in/smtpd". A plain "smtpd" is not Postfix's.
[[nodiscard]] std::optional<PostfixService> PostfixServiceOf(std::string_view program);

}  // namespace heloguard
