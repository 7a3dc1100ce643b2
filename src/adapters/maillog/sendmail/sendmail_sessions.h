// What the lines of Sendmail add to sessions: by process, from which the log has no end, so that a session ends when
// nothing more is heard of it.
#pragma once

#include "adapters/maillog/frames/syslog_line.h"
#include "adapters/maillog/mta_sessions.h"

namespace heloguard {

void TakeSendmail(const SyslogLine& line, std::uint64_t host, MtaSessions* sessions);

}  // namespace heloguard
