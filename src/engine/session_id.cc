// Session ids: time, process and count in base 36.
// Tests: tests/unit/engine/session_id_test.cc.
#include "engine/session_id.h"

#include <algorithm>
#include <string_view>

namespace heloguard {
namespace {

// The lowest `width` base 36 digits of `number`.
void AppendBase36(std::string* out, std::uint64_t number, int width) {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  const auto start = static_cast<std::ptrdiff_t>(out->size());
  for (int i = 0; i < width; ++i, number /= kDigits.size()) out->push_back(kDigits[number % kDigits.size()]);
  std::reverse(out->begin() + start, out->end());
}

}  // namespace

std::string SessionIds::Next(std::chrono::system_clock::time_point now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  std::string id;
  AppendBase36(&id, static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0)), 7);
  AppendBase36(&id, salt_, 4);
  AppendBase36(&id, count_.fetch_add(1, std::memory_order_relaxed), 5);
  return id;
}

}  // namespace heloguard
