// A replay's result as one JSON object; text and page are made of the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/maillog/mail_log.h"
#include "app/shared/json_writer.h"
#include "app/shared/text.h"
#include "replay/replay_tally.h"

namespace heloguard {

struct ReplayRun {
  const ReplayJudge::Policies& policies;
  const ReplayTally& tally;
  const MailLog& log;
  bool dns = false;
  std::string generated;  // time, ISO 8601
};

// Every untrusted octet outside printable ASCII leaves as \xNN.
[[nodiscard]] Json ReplayJson(const ReplayRun& run);
// For people, of that object.
[[nodiscard]] std::string ReplayText(const Json& report, Colour colour);

// "2026-11-22T11:00:00Z"
[[nodiscard]] std::string IsoTime(LogTime time);

}  // namespace heloguard
