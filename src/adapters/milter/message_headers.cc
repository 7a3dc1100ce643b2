// Counts Authentication-Results fields as MTAs count them, and keeps the numbers of those to remove. Knows nothing of
// libmilter's calls. Field names are compared without the blanks that RFC 5322 section 4.5 (obsolete syntax) allows
// before the colon: both MTAs take such a field for one of that name. Tests:
// tests/unit/adapters/milter/message_headers_test.cc.
#include "adapters/milter/message_headers.h"

#include <utility>

#include "heloguard/base/ascii.h"
#include "heloguard/judge/authentication_results.h"

namespace heloguard {

void MessageHeaders::Begin(std::string authserv_id) {
  *this = MessageHeaders();
  authserv_id_ = std::move(authserv_id);
}

void MessageHeaders::Saw(std::string_view name, std::string_view value) {
  while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
  if (name.size() != kAuthenticationResults.size() || LowerCase(name) != LowerCase(kAuthenticationResults)) return;
  ++seen_;
  if (too_many_ || !ClaimsAuthservId(value, authserv_id_)) return;
  too_many_ = claiming_.size() == kMaxFieldsRemoved;
  if (!too_many_) claiming_.push_back(seen_);
}

SmtpReply TooManyFieldsReply() {
  return SmtpReply::Make(550, "5.7.1", "This message has too many Authentication-Results fields in our name").value();
}

}  // namespace heloguard
