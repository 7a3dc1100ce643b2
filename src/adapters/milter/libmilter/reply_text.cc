// Turns a reply's text into what libmilter and the MTA read back as that text. Knows nothing of sessions or replies'
// codes. Tests: tests/unit/adapters/milter/libmilter/reply_text_test.cc.
#include "adapters/milter/libmilter/reply_text.h"

namespace heloguard {

std::string MilterReplyText(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    const std::size_t octets = c == '%' ? 2 : 1;
    if (out.size() + octets > kMaxMilterReplyText) break;
    out.append(octets, c);
  }
  return out;
}

}  // namespace heloguard
