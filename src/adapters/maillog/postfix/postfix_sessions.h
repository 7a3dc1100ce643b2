// What the lines of Postfix add to sessions.
//
// smtpd's belong together by process, from "connect from" to "disconnect from"; postscreen's by the client's address
// and port; cleanup's, which refuse a message when all of it is there, belong to the session that sends it, by queue
// id.
#pragma once

#include "adapters/maillog/frames/syslog_line.h"
#include "adapters/maillog/mta_sessions.h"
#include "adapters/maillog/postfix/postfix_line.h"

namespace heloguard {

// Thread rule: one thread.
class PostfixSessions {
 public:
  explicit PostfixSessions(MtaSessions* sessions) : sessions_(sessions) {}
  void Take(PostfixService service, const SyslogLine& line, std::uint64_t host);

 private:
  void TakeSmtpd(const SyslogLine& line, const SessionAt& at);
  void TakePostscreen(const SyslogLine& line, std::uint64_t host);
  void TakeCleanup(const SyslogLine& line, std::uint64_t host);
  void TakeClient(const PostfixLine& parsed, const SessionAt& at, MtaSession* session);
  void TakeAction(const PostfixLine& parsed, const SessionAt& at, MtaSession* session);

  MtaSessions* const sessions_;
};

}  // namespace heloguard
