// The header field Authentication-Results (RFC 8601): what is said in it of a session, its text, and whose a field is
// that comes with a message.
//
//   Authentication-Results: mx.example.net;
//       iprev=pass (mail.example.org, DNSSEC secure) policy.iprev=192.0.2.7;
//       spf=pass smtp.helo=mail.example.org;
//       x-helo=neutral smtp.helo=mail.example.org policy.score=2.5 policy.dnssec=insecure
//
// Thread rule: pure functions over values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heloguard/judge/judgement.h"

namespace heloguard {

inline constexpr std::string_view kAuthenticationResults = "Authentication-Results";

// No value is longer, its folds included. Readers have limits of their own: RFC 5322 one of 998 octets a line,
// OpenDMARC one of 1,024 a field.
inline constexpr std::size_t kMaxResultsOctets = 900;
inline constexpr std::size_t kMaxAuthservId = 255;

// One method's result ("resinfo" of RFC 8601 section 2.2). Names are keywords; comment and values are hostile bytes.
struct MethodResult {
  std::string_view method;
  std::string_view result;
  std::string comment;                                               // "": none
  std::vector<std::pair<std::string_view, std::string>> properties;  // "smtp.helo" and its value
};

// What is said of the session that was judged; empty for a client without an address, of which nothing can be said.
//   iprev    rdns.status, with the client's address. RFC 8601 section 2.7.3 has no result for an evaluation that was
//            not made, since one is always possible: where ours came to nothing (not asked for, cut off, resolver ill)
//            it is temperror, "other error condition", which a later attempt may settle. A resolver that is ill is
//            believed in a pass only: what it denies may be there.
//   spf      spf.helo, where it is known: a name of several labels whose records were asked for.
//   x-helo   what the policy makes of the HELO name: pass, neutral (something counts against it, not enough to
//            refuse), softfail (would be deferred), fail (would be refused), temperror (hangs on what could not be
//            looked up), none (not judged). The message is here all the same where the policy observes or the
//            recipient is exempt.
[[nodiscard]] std::vector<MethodResult> ResultsOf(const Judgement& judgement, const SessionInputs& inputs);

// The facts ResultsOf cannot do without, and those it shows if they are known.
[[nodiscard]] FactSet FactsOwedToResults();
[[nodiscard]] FactSet FactsShownInResults();

// The field's value, folded at 78 columns where that is possible; "ID; none" without results. Every octet is printable
// ASCII, a blank, or LF and a tab.
[[nodiscard]] std::string ResultsField(std::string_view authserv_id, const std::vector<MethodResult>& results);

// True if `text` can stand as an authserv-id without quotes: a token of RFC 2045, such as a host name.
[[nodiscard]] bool IsAuthservId(std::string_view text);

// Whether a field with this value says that `authserv_id` wrote it (RFC 8601 section 5). It does not if its id is a
// host name and another one: letter case, folds, comments, quotes, a version, a trailing dot and U-labels make no
// difference. A value that begins with anything else counts as ours if it names us anywhere, also encoded, in
// full-width letters, or with blanks, comments and invisible characters in between; and if it is so long that it may
// have been cut.
[[nodiscard]] bool ClaimsAuthservId(std::string_view value, std::string_view authserv_id);

}  // namespace heloguard
