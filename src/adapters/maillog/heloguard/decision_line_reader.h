// heloguard's own lines about a judgement, text or JSON, read back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "heloguard/logged_session.h"

namespace heloguard {

struct OwnLine {
  std::string session;
  LoggedSession said;    // as far as this line tells; `was` is set
  bool enforced = true;  // else the verdict in the line is what would have been
  // Not 0: the line only counts so many refusals of a client that was refused again and again; nothing else is said.
  std::uint64_t repeated = 0;
};

// nullopt for a line about something else, or of a candidate policy, or damaged. `message` is what follows the frame.
[[nodiscard]] std::optional<OwnLine> ParseOwnLine(std::string_view message);

}  // namespace heloguard
