// The DNS evidence of a judgement, link by link, and what would put it right.
#pragma once

#include <string>

#include "app/shared/text.h"
#include "heloguard/session.h"

namespace heloguard {

struct DnsText {
  std::string title;     // without a line feed
  std::string lookups;   // lines
  std::string findings;  // lines; "" if there is nothing to put right
};
// Pure.
[[nodiscard]] DnsText DnsTextOf(const SessionReport& report, Colour colour);

}  // namespace heloguard
